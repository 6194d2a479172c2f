"""Any text by its lines, in two editions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from documentation.drift import spellings
from documentation.drift.revision import Editions
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.pages.block import Block, Kind

Line = tuple[int, str]
_LINES = 4  # of a changed text that are shown


def lines(
    before: list[str], after: list[str], new: Block, line: int, editions: Editions, *, blanks: bool = False
) -> Iterator[Finding]:
    """What differs between lines, the second ones from `line` of the page on; `blanks` says that indentation counts."""
    same = content(before) == content(after) and not (blanks and _indented(before) != _indented(after))
    yield from spelled_otherwise(new, line) if same else text_changed(before, after, new, line, editions)


@rule("text", Weight.MISLEADS, Needs.OTHER_PAGE)
def text_changed(before: list[str], after: list[str], new: Block, line: int, editions: Editions) -> Iterator[Found]:
    """Lines that became others, the first few of them; a remark where they only became more, or newer.

    So it is where all that they lost is one place with what the page gave up. What programs print is a remark, too: no
    reader types it.
    """
    diff = list(difflib.ndiff([each for each in before if each.strip()], [each for each in after if each.strip()]))
    differing = [each for each in diff if each[:1] in "+-"]
    shown = "; ".join(f"`{each}`" for each in differing[:_LINES])
    more = f" and {len(differing) - _LINES} more" if len(differing) > _LINES else ""
    revises = editions.revises("\n".join(before), "\n".join(after)) or (editions.revised and new.kind is Kind.OUTPUT)
    revises = revises or editions.drops("\n".join(before), "\n".join(after))
    weight = Weight.REMARK if revises else None
    yield Found(line + _first(diff, after), new.id, f"differs from the other page: {shown}{more}", weight=weight)


@rule("text", Weight.REMARK, Needs.OTHER_PAGE)
def spelled_otherwise(block: Block, line: int) -> Iterator[Found]:
    """That nothing differs but how it is written."""
    what = "placeholders, quotes, line breaks or names are written otherwise than on the other page, and mean the same"
    yield Found(line, block.id, what)


def rest(
    before: list[Line], after: list[Line], new: Block, reported: tuple[set[int], set[int]], editions: Editions
) -> Iterator[Finding]:
    """Lines that changed without any command having: redirections, loops, texts that are not configurations.

    `reported` are lines of the new block that misleading findings are about, and those that remarks are about.
    """
    misleading, noted = reported
    was, now = ([_key(text) for _, text in each] for each in (before, after))
    for kind, start, stop, first, last in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        numbers = [number for number, _ in after[first:last]]
        one, other = ([text for _, text in each] for each in (before[start:stop], after[first:last]))
        known = {*numbers} <= noted and editions.revises("\n".join(one), "\n".join(other))
        if kind != "equal" and not misleading & {*numbers} and not (numbers and known):
            yield from lines(one, other, new, new.line + min(numbers, default=0), editions)


def _key(text: str) -> spellings.Spelled:
    """What a line says; whether it is run by sudo is compared with its command."""
    return spellings.of(re.sub(r"^\s*sudo\s", "", text).split())


def typed(block: Block, without: set[int]) -> list[Line]:
    """The lines as the shell sees them, without comments, and without those whose commands are reported."""
    found = spellings.lines(uncommented(block))
    return [(number, text) for number, text in found if text.strip() and number not in without]


def uncommented(block: Block) -> list[str]:
    """All lines of a block, without the comments in them."""
    found = block.text.splitlines()
    for comment in block.comments:
        found[comment.line - block.line] = found[comment.line - block.line].removesuffix(comment.text)
    return found


def _indented(lines: list[str]) -> list[str]:
    """Lines with the blanks that they begin with."""
    return [re.sub(r"(?<=\S)\s+", " ", each.rstrip()) for each in lines if each.strip()]


def _first(diff: list[str], after: list[str]) -> int:
    """The number of the first line of a difference in the second text, from 0."""
    numbers = [number for number, text in enumerate(after) if text.strip()]
    same = 0
    for each in diff:
        if each[:1] in "+-":
            break
        same += each[:1] == " "
    return numbers[min(same, len(numbers) - 1)] if numbers else 0


def content(lines: list[str]) -> list[spellings.Spelled]:
    """What lines say, however they are written."""
    return [spellings.of(text.split()) for _, text in spellings.lines(lines) if text.strip()]
