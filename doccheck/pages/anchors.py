"""The anchors that Hugo gives to headings."""

from __future__ import annotations

import re
import unicodedata

_EXPLICIT = re.compile(r"\s*\{#(?P<anchor>[^}\s]+)[^}]*\}\s*$")
_KEPT = ("L", "N", "M")  # letters, numbers, and the marks that some scripts write vowels with


def explicit(heading: str) -> tuple[str, str]:
    """A heading without the `{#anchor}` that it ends in, and that anchor; empty where it has none."""
    match = _EXPLICIT.search(heading)
    return (heading[: match.start()], match["anchor"]) if match else (heading, "")


def slug(heading: str) -> str:
    """The anchor of a heading that names none, by Hugo's rule `github`; letters of any script stay."""
    text = re.sub(r"[`*]", "", heading.strip().lower())
    kept = (each for each in text if each in " -_" or unicodedata.category(each)[0] in _KEPT)
    return "".join("-" if each == " " else each for each in kept)


class Taken:
    """The anchors of one page so far: the second of two equal ones ends in -1."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, anchor: str) -> str:
        """The anchor, numbered where it is taken."""
        number, free = 0, anchor or "section"
        while free in self._taken:
            number += 1
            free = f"{anchor or 'section'}-{number}"
        self._taken.add(free)
        return free
