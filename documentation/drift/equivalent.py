"""What two pages may have otherwise, and still say the same: other examples, and commands in other blocks.

An address, name, token or version that a page gives as an example may be another one, if it is so everywhere. Commands
that stand in one block on one page may stand in several on the other, with words between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from documentation.drift import revision, spellings, texts
from documentation.drift.revision import Change
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.align import Pair
from documentation.pages.block import Block, Kind, Page
from documentation.pages.outline import Outline

Parts = dict[str, list[Block]]
"""The id of a block → it and the blocks that go with it, in the order of the page."""

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def renamed_examples(old: Page, new: Page, counterparts: dict[str, str]) -> dict[str, str]:
    """Examples of the old page → those that stand for them all over the new one.

    A page that keeps the old one in some place, or has one example for two, renames nothing.
    """
    theirs = {block.id: block for block in new.blocks}
    pairs: set[tuple[str, str]] = set()
    for block in old.blocks:
        before, after = _examples(block), _examples(theirs[counterparts[block.id]]) if block.id in counterparts else []
        pairs |= set(zip(before, after, strict=True)) if len(before) == len(after) else set()
    was, now = ({each for block in page.blocks for each in _examples(block)} for page in (old, new))
    gone, come = was - now - _fixed(old), now - was - _fixed(new)
    sure = sorted((one, other) for one, other in pairs if one in gone and other in come)
    counts = Counter(one for one, _ in sure), Counter(other for _, other in sure)
    return {one: other for one, other in sure if counts[0][one] == counts[1][other] == 1}


def with_examples(old: Page, names: dict[str, str]) -> Page:
    """The page with other examples."""
    return replace(old, blocks=tuple(_with_examples(each, names) for each in old.blocks)) if names else old


@rule("example", Weight.REMARK, Needs.OTHER_PAGE)
def another_example(new: Page, names: dict[str, str], *, revised: bool) -> Iterator[Found]:
    """A remark for each example that became another one; an older version in a later edition misleads."""
    for one, other in names.items():
        block = next(each for each in new.blocks if other in _examples(each))
        line = block.line + next(number for number, text in enumerate(block.text.splitlines()) if other in text)
        older = revised and revision.change(one, other) is Change.OLDER
        what = (
            f"the example `{one}` of the other page is `{other}` here, everywhere{', which is older' if older else ''}"
        )
        yield Found(line, block.id, what, weight=Weight.MISLEADS if older else None)


def parts(page: Page, other: Page, pairs: Sequence[Pair[Outline]]) -> Parts:
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


def united(page: Page, apart: Parts) -> Page:
    """The page with one block for all that go together."""
    rest = {part.id for name, found in apart.items() for part in found if part.id != name}
    blocks = (_one(block, apart[block.id]) if block.id in apart else block for block in page.blocks)
    return replace(page, blocks=tuple(block for block in blocks if block.id not in rest))


@rule("parts", Weight.REMARK, Needs.OTHER_PAGE)
def taken_apart(apart: Parts) -> Iterator[Found]:
    """A remark for each block of the other page that was taken apart."""
    for name, found in apart.items():
        lines = ", ".join(str(each.line) for each in found)
        what = f"the commands of one block of the other page stand in {len(found)} here (lines {lines})"
        yield Found(found[0].line, name, what)


def _examples(block: Block) -> list[str]:
    return [match[0] for match in _pattern().finditer(block.text)]


def _with_examples(block: Block, names: dict[str, str]) -> Block:
    def other(text: str) -> str:
        return _pattern().sub(lambda match: names.get(match[0], match[0]), text)

    comments = tuple(replace(each, text=other(each.text), about=other(each.about)) for each in block.comments)
    return replace(block, text=other(block.text), mentions=tuple(map(other, block.mentions)), comments=comments)


def _fixed(page: Page) -> set[str]:
    """Variables that are set for programs, and that nothing on the page reads: these are not examples."""
    text = "\n".join(block.text for block in page.blocks if block.kind.code)
    found = set(_VARIABLE.findall(text))
    return {name for name in found if re.search(rf"\b{name}=", text) and not re.search(rf"\$\{{?[!#]?{name}\b", text)}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(spellings.listed().examples))


def _parts(block: Block, whole: Block, alone: list[Block]) -> Iterator[Block]:
    """The blocks of the same section, and tab, whose lines the whole has, too, and the block has not."""
    wanted = _content(whole) - _content(block)
    for each in alone:
        lines = _content(each)
        if _is_beside(each, block) and lines <= wanted:
            wanted -= lines
            yield each


def _is_beside(block: Block, other: Block) -> bool:
    """Whether a block of commands stands in the section and the tab of another one."""
    return (
        block.kind is Kind.COMMAND
        and not block.inline
        and (block.section, block.within) == (other.section, other.within)
    )


def _content(block: Block) -> Counter[object]:
    return Counter(texts.content(block.bare.splitlines()))


def _one(block: Block, parts: list[Block]) -> Block:
    """All parts in one block, as many lines apart as on the page."""
    text = ""
    for part in parts:
        text += "\n" * (part.line - parts[0].line - text.count("\n")) + part.text
    comments = tuple(comment for part in parts for comment in part.comments)
    return replace(block, line=parts[0].line, text=text, comments=comments)
