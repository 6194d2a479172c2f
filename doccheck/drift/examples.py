"""Addresses, names, tokens and versions that a page gives as examples: another one is as good, if it is everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from doccheck.drift import spelled
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block, Page

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def renamed(old: Page, new: Page, counterparts: dict[str, str]) -> dict[str, str]:
    """Examples of the old page → those that stand for them all over the new one.

    A page that keeps the old one in some place, or has one example for two, renames nothing.
    """
    theirs = {block.id: block for block in new.blocks}
    pairs: set[tuple[str, str]] = set()
    for block in old.blocks:
        before, after = _of(block), _of(theirs[counterparts[block.id]]) if block.id in counterparts else []
        pairs |= set(zip(before, after, strict=True)) if len(before) == len(after) else set()
    was, now = ({each for block in page.blocks for each in _of(block)} for page in (old, new))
    gone, come = was - now - _fixed(old), now - was - _fixed(new)
    sure = sorted((one, other) for one, other in pairs if one in gone and other in come)
    counts = Counter(one for one, _ in sure), Counter(other for _, other in sure)
    return {one: other for one, other in sure if counts[0][one] == counts[1][other] == 1}


def page(old: Page, names: dict[str, str]) -> Page:
    """The page with other examples."""
    return replace(old, blocks=tuple(_block(each, names) for each in old.blocks)) if names else old


def told(new: Page, names: dict[str, str]) -> Iterator[Finding]:
    """A remark for each example that became another one."""
    for one, other in names.items():
        block = next(each for each in new.blocks if other in _of(each))
        line = block.line + next(number for number, text in enumerate(block.text.splitlines()) if other in text)
        what = f"the example `{one}` of the other page is `{other}` here, everywhere"
        yield Finding(Weight.REMARK, "example", line, block.id, what)


def _of(block: Block) -> list[str]:
    return [match[0] for match in _pattern().finditer(block.text)]


def _block(block: Block, names: dict[str, str]) -> Block:
    def other(text: str) -> str:
        return _pattern().sub(lambda match: names.get(match[0], match[0]), text)

    comments = tuple(replace(each, text=other(each.text), about=other(each.about)) for each in block.comments)
    return replace(block, text=other(block.text), mentions=tuple(map(other, block.mentions)), comments=comments)


def _fixed(page: Page) -> set[str]:
    """Variables that are set for programs, and that nothing on the page reads: no examples, whatever they look like."""
    text = "\n".join(block.text for block in page.blocks if block.kind.code)
    found = set(_VARIABLE.findall(text))
    return {name for name in found if re.search(rf"\b{name}=", text) and not re.search(rf"\$\{{?[!#]?{name}\b", text)}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(spelled.data()["examples"]))
