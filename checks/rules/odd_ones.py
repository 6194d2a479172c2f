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


def outliers(values: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The machines whose values share nothing with those of most; all of them, where no majority agrees.

    Of two machines that differ, either may be the wrong one.
    """
    agreeing = {name: [other for other in values if values[name] & values[other]] for name in values}
    most = max(agreeing.values(), key=len, default=[])
    if len(most) == len(values):
        return ()
    if len(most) * 2 <= len(values):
        return tuple(values)
    return tuple(name for name in values if name not in most)
