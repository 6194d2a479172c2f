"""Anchors that headings name: one for each, or links cannot reach the second."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Kind, Page
from documentation.pages.markdown import explicit_anchor


@rule("anchor-twice", Weight.MISLEADS)
def one_anchor_for_two_headings(page: Page) -> Iterator[Found]:
    """An anchor that a heading names and one before it has. Equal headings that name none are numbered by Hugo.

    Which of both is wrong, and whether a section is on the page twice, only a reader sees: nothing here is sure.
    """
    taken: dict[str, Block] = {}
    for block in () if page.witness else page.of_kind(Kind.HEADING):
        line = page.lines[block.line - 1]
        if "{{" in line:
            continue  # the site's own words for what all pages have; their anchors are in its templates
        heading, anchor = explicit_anchor(line)
        if anchor and anchor in taken:
            what, fix = _described(anchor, taken[anchor], block)
            without = (Edit(block.line, line, heading),)
            yield Found(block.line, block.id, what, fix, lines=(taken[anchor].line,), supposed=without)
        taken.setdefault(anchor or block.section, block)


def _described(anchor: str, first: Block, second: Block) -> tuple[str, str]:
    if first.text == second.text:
        what = f"this heading with the anchor #{anchor} is on the page twice"
        return what, "keep one of both sections, or give one of them another anchor"
    what = f"the anchor #{anchor} is that of another heading, too: links reach only the first"
    return what, "give each heading an anchor of its own"
