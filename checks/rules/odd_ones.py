"""Which of several machines is unlike the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

V = TypeVar("V", bound=Hashable)


def odd_ones(values: Mapping[str, V]) -> tuple[str, ...]:
    """The names whose value is not that of more than half; all where no value is, none where all are alike."""
    if len(set(values.values())) < 2:
        return ()
    usual = majority(values)
    return tuple(name for name, value in values.items() if usual is None or value != usual)


def majority(values: Mapping[str, V]) -> V | None:
    """The value of more than half; None where there is none."""
    if not values:
        return None
    value, count = Counter(values.values()).most_common(1)[0]
    return value if 2 * count > len(values) else None
