"""JSON and YAML that was printed by others: read, and taken apart without trust in its shape. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from checks.facts.fact import Unknown

_MOST = 100_000  # values of a document: a hundred times what the largest configuration of a cluster has
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def of_json(text: str, what: str) -> Any:
    """The value of a JSON text; raises Unknown, which does not quote it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unknown(f"{what} is not valid JSON: {type(error).__name__}") from None


def of_yaml(text: str, what: str) -> Any:
    """The value of a YAML text, as JSON would have it; raises Unknown, which does not quote it."""
    try:
        return _Plain()(yaml.load(text, _Loader))
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unknown(f"{what} is not valid YAML{line}") from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise Unknown(f"{what} is not valid YAML: {type(error).__name__}") from None  # PyYAML's, of odd scalars


class _Plain:
    """Without what a bundle cannot hold: YAML has dates, bytes, sets, and keys that are no text.

    Aliases are written out, so that a small text may stand for a huge one; there is a limit to that.
    """

    def __init__(self) -> None:
        self._left = _MOST

    def __call__(self, value: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too large")
        if isinstance(value, Mapping):
            return {str(key): self(each) for key, each in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [self(each) for each in value]
        whole = value is None or isinstance(value, (str, bool, int))
        return value if whole or (isinstance(value, float) and math.isfinite(value)) else str(value)


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """A value that has to be an object; raises Unknown."""
    if not isinstance(value, Mapping):
        raise Unknown(f"{what} is {_kind(value)}, and should be an object")
    return value


def part(value: Any, name: str, what: str) -> Mapping[str, Any]:
    """A part of an object that is an object itself, empty where it is missing or null; raises Unknown."""
    return mapping(mapping(value, what).get(name) or {}, f"{name} of {what}")


def items(value: Any, name: str, what: str) -> Sequence[Any]:
    """A part of an object that is a list, empty where it is missing or null; raises Unknown."""
    found = mapping(value, what).get(name) or []
    if not isinstance(found, list):
        raise Unknown(f"{name} of {what} is {_kind(found)}, and should be a list")
    return found


def texts(value: Any, name: str, what: str) -> tuple[str, ...]:
    """A part of an object that is a list of texts, empty where it is missing; raises Unknown."""
    return tuple(str(each) for each in items(value, name, what))


def number(value: Any, name: str, what: str) -> int:
    """A whole number of an object, 0 where it is missing; raises Unknown."""
    found = mapping(value, what).get(name) or 0
    if isinstance(found, str) and found.isdecimal():  # etcd's gateway writes large ones as texts
        return int(found) if len(found) < 40 else 0
    if isinstance(found, bool) or not isinstance(found, int):
        raise Unknown(f"{name} of {what} is {_kind(found)}, and should be a whole number")
    return found


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}.get(type(value), "something else")
