"""The English that a translation keeps in HTML comments above its paragraphs."""

from __future__ import annotations

import re

from documentation.pages.shortcodes import Line, fenced

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


def _within(text: str, *, inside: bool) -> tuple[str, bool]:
    """What of a line stands in comments, and whether one goes on behind it."""
    shown = ""
    while text:
        before, mark, text = text.partition("-->" if inside else "<!--")
        shown += before if inside else ""
        inside = inside != bool(mark)
    return shown.rstrip(), inside
