"""Conflict markers that git wrote, and that were committed with the lines between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Page
from documentation.pages.shortcodes import Line, fenced

# Seven of a sign at the margin, as git writes them, and a name behind the first and the last.
_BEGIN, _BASE, _MIDDLE, _END = (re.compile(rf"^{sign}{{7}}{rest}") for sign, rest in (
    ("<", r" \S"), (r"\|", r"(?: |$)"), ("=", r"\s*$"), (">", r" \S"),
))  # fmt: skip
_TAUGHT = re.compile(r"\bgit (?:merge|rebase|pull|cherry-pick|stash|am)\b")


@rule("conflict", Weight.BREAKS)
def conflict_markers(page: Page) -> Iterator[Found]:
    """Both versions of the lines that two branches changed, and git's marks. Quiet where a page teaches git."""
    examples = fenced([Line(*each) for each in enumerate(page.lines, 1)]) if _TAUGHT.search(page.source) else ()
    markers: list[int] = []
    gone: list[int] = []
    inside, second = False, False
    for number, line in enumerate(page.lines, 1):
        if number in examples or page.witness:
            continue
        begins, ends = bool(_BEGIN.match(line)), bool(_END.match(line))
        middle = inside and bool(_MIDDLE.match(line) or _BASE.match(line))
        if begins or ends or middle:
            markers.append(number)
            inside, second = not ends, middle
        if begins or ends or (inside and second):
            gone.append(number)
    if markers:
        yield Found(
            markers[0], page.at(markers[0]), "two versions of these lines were committed, with git's conflict markers",
            "keep what is right of both, and remove the markers",
            lines=tuple(markers[1:]), supposed=tuple(Edit(each, page.lines[each - 1], None) for each in gone),
        )  # fmt: skip
