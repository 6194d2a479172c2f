"""Anchors that headings name: one for each, or links cannot reach the second."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Kind, Page
from documentation.pages.markdown import explicit_anchor, slug


@rule("anchor-twice", Weight.MISLEADS)
def one_anchor_for_two_headings(page: Page) -> Iterator[Found]:
    """An anchor that a heading names and one before it has. Equal headings that name none are numbered by Hugo."""
    taken: dict[str, int] = {}
    for block in () if page.witness else page.of_kind(Kind.HEADING):
        line = page.lines[block.line - 1]
        if "{{" in line:
            continue  # the site's own words for what all pages have; their anchors are in its templates
        anchor = explicit_anchor(line)[1]
        if anchor and anchor in taken:
            edits = _with_its_own(page, block, anchor)
            what = f"the anchor #{anchor} is that of another heading, too: links reach only the first"
            fix = "give this one an anchor of its own"
            yield Found(block.line, block.id, what, fix, lines=(taken[anchor],), edits=edits, supposed=edits)
        taken.setdefault(anchor or block.section, block.line)


def _with_its_own(page: Page, block: Block, anchor: str) -> tuple[Edit, ...]:
    """The heading with the anchor that its words make; none in a translation, whose anchor is that of the original."""
    line, own = page.lines[block.line - 1], slug(block.text)
    if page.language not in ("", "en") or not own or own in page.anchors:
        return ()
    return (Edit(block.line, line, line.replace(f"{{#{anchor}", f"{{#{own}")),)
