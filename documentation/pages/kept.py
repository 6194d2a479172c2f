"""The English that a translation keeps in HTML comments above its paragraphs."""

from __future__ import annotations

import re
from functools import lru_cache

from documentation.pages.shortcodes import Line, fenced

_OPENED = re.compile(r"^(?:[^`<]|`[^`]*`|`(?![^`]*`)|<(?!!--))*(?P<comment><!--)")
_MATTER = re.compile(r"^\s*(?:title|content_type|weight|reviewers|description|min-kubernetes-server-version):", re.M)


def english(lines: list[Line]) -> str:
    """A page's comments in their places, and nothing else; each is a paragraph of its own. Front matter is left out."""
    found: list[str] = []
    inside, start = False, 0
    code = fenced(lines)
    for line in lines:
        if line.number in code and not inside:
            found.append("")
            continue
        before = inside
        shown, inside = _within(line.text, inside=inside)
        start = start if before else len(found)
        found.append(shown)
        if not inside and _MATTER.search("\n".join(found[start:])):
            found[start:] = [""] * (len(found) - start)
    return "\n".join(found)


@lru_cache(maxsize=8)  # pages that are judged at the same time
def hidden(source: str) -> frozenset[int]:
    """The numbers of the lines of a page that stand in comments, and that no reader sees."""
    found: set[int] = set()
    inside = False
    lines = [Line(number, text) for number, text in enumerate(source.splitlines(), 1)]
    code = fenced(lines)
    for line in lines:
        if line.number in code and not inside:
            continue
        commented = inside or "<!--" in line.text
        shown, inside = _shown(line.text, inside=inside)
        if commented and not shown.strip():
            found.add(line.number)
    return frozenset(found)


def _shown(text: str, *, inside: bool) -> tuple[str, bool]:
    """What of a line stands outside of comments, and whether one goes on behind it; a code span opens none."""
    shown = ""
    while text:
        opened = _OPENED.search(text)
        at = opened.start("comment") if opened else len(text)
        before, mark, text = text.partition("-->") if inside else (text[:at], text[at : at + 4], text[at + 4 :])
        shown += "" if inside else before
        inside = inside != bool(mark)
    return shown, inside


def _within(text: str, *, inside: bool) -> tuple[str, bool]:
    """What of a line stands in comments, and whether one goes on behind it."""
    shown = ""
    while text:
        before, mark, text = text.partition("-->" if inside else "<!--")
        shown += before if inside else ""
        inside = inside != bool(mark)
    return shown.rstrip(), inside
