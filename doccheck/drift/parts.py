"""Commands that stand in one block on one page, and in several on the other: the same commands, with words between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from doccheck.drift import texts
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.align import Pair
from doccheck.pages.block import Block, Kind, Page
from doccheck.pages.outline import Outline

Parts = dict[str, list[Block]]
"""The id of a block → it and the blocks that go with it, in the order of the page."""


def of(page: Page, other: Page, pairs: Sequence[Pair[Outline]]) -> Parts:
    """The blocks of a page that only together are their counterpart on the other one; pairs are (page's, other's)."""
    blocks, theirs = ({block.id: block for block in each.blocks} for each in (page, other))
    alone = [blocks[one.id] for one, counterpart in pairs if one and not counterpart]
    found: Parts = {}
    for one, counterpart in pairs:
        if one and counterpart and one.kind is Kind.COMMAND and one.hash != counterpart.hash:
            rest = list(_parts(blocks[one.id], theirs[counterpart.id], alone))
            alone = [each for each in alone if each not in rest]
            found |= {one.id: sorted([blocks[one.id], *rest], key=lambda block: block.line)} if rest else {}
    return found


def united(page: Page, parts: Parts) -> Page:
    """The page with one block for all that go together."""
    rest = {part.id for name, found in parts.items() for part in found if part.id != name}
    blocks = (_one(block, parts[block.id]) if block.id in parts else block for block in page.blocks)
    return replace(page, blocks=tuple(block for block in blocks if block.id not in rest))


def told(parts: Parts) -> Iterator[Finding]:
    """A remark for each block of the other page that was taken apart."""
    for name, found in parts.items():
        lines = ", ".join(str(each.line) for each in found)
        what = f"the commands of one block of the other page stand in {len(found)} here (lines {lines})"
        yield Finding(Weight.REMARK, "parts", found[0].line, name, what)


def _parts(block: Block, whole: Block, alone: list[Block]) -> Iterator[Block]:
    """The blocks of the same section whose lines the whole has, too, and the block has not."""
    wanted = _said(whole) - _said(block)
    for each in alone:
        lines = _said(each)
        if each.kind is Kind.COMMAND and each.section == block.section and not each.inline and lines <= wanted:
            wanted -= lines
            yield each


def _said(block: Block) -> Counter[object]:
    return Counter(texts.said(block.bare.splitlines()))


def _one(block: Block, parts: list[Block]) -> Block:
    """All parts in one block, as many lines apart as on the page."""
    text = ""
    for part in parts:
        text += "\n" * (part.line - parts[0].line - text.count("\n")) + part.text
    comments = tuple(comment for part in parts for comment in part.comments)
    return replace(block, line=parts[0].line, text=text, comments=comments)
