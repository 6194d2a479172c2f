"""What others wrote is shown, never obeyed: no escape sequence, no hidden or reversed text, no second line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
"""Categories of Unicode: control, format (bidirectional overrides too), surrogates, unassigned, private, separators."""


def visible(text: str) -> str:
    """The text in one line; what has no shape of its own is written as Python escapes it."""
    return "".join(_shown(each) for each in " ".join(lines(text)))


def lines(text: str) -> Iterator[str]:
    """Its lines without surrounding space; empty ones are left out."""
    return filter(None, (each.strip() for each in text.splitlines()))


def block(text: str) -> list[str]:
    """Its lines as they are, visible: for commands and evidence, where indentation has a meaning."""
    shown = ["".join(map(_shown, each.expandtabs(4))).rstrip() for each in text.splitlines()]
    return [each for each in shown if each]


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    return ascii(character)[1:-1]
