"""Fields of a record that may be old, or cut off: each has the wanted type, or is not there. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]


def text(record: Fields, key: str) -> str:
    """A text; "" where there is none."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def texts(record: Fields, key: str) -> list[str]:
    """Some texts."""
    value = record.get(key)
    return [str(each) for each in value] if isinstance(value, list) else []


def mapping(record: Fields, key: str) -> dict[str, Any]:
    """A mapping; an empty one where there is none."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def mappings(record: Fields, key: str) -> list[dict[str, Any]]:
    """Some mappings."""
    value = record.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number(record: Fields, key: str) -> float | None:
    """A number."""
    return _finite(record.get(key))


def _finite(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def numbers(record: Fields, key: str) -> list[float]:
    """Some numbers."""
    value = record.get(key)
    given = value if isinstance(value, list) else []
    return [known for each in given if (known := _finite(each)) is not None]


def counts(record: Fields, key: str) -> dict[str, int]:
    """Numbers of things, by what they are."""
    found = mapping(record, key)
    return {str(what): int(count) for what in found if (count := number(found, what)) is not None}
