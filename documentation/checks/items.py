"""Items of lists that Markdown does not read as items, but as a part of the paragraph before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Block, Kind, Page

_WORDS = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)
_NUMBERED = re.compile(r"\s*(?P<number>\d{1,2})[.)]\s+\S")
# "2.Then", and not "2.x": what follows is a capital, another script's letter or a mark.
_JOINED = re.compile(r"(?P<indent>\s*)(?P<number>\d{1,2})(?P<sign>[.)])(?=[^\sa-z\d.,)(\-/])")
_ANY_ITEM = re.compile(r"\s*(?:\d{1,2}[.)]|[-*+])\s+\S")
_STUCK = re.compile(r"(?P<indent>\s*)(?P<sign>[-*+])(?=[^\W\d_]|[\[`])")
_CODE = 4  # blanks that make an indented line code, so that no list can begin there
_RUN_ON = "is read as part of the paragraph before it, and not as an item of a list"


@rule("list-item", Weight.MISLEADS)
def a_step_that_is_read_as_text(page: Page) -> Iterator[Found]:
    """The next number of a list, in the middle of a paragraph: a list that begins with it cannot begin there."""
    last = 0
    for block in page.blocks:
        last = 0 if block.kind is Kind.HEADING else block.steps[-1] if block.step and block.steps else last
        for number, line in _inner(page, block):
            match = _NUMBERED.match(line) or _JOINED.match(line)
            if match and match.re is _NUMBERED and number == block.line:
                continue
            if match and int(match["number"]) == last + 1 and last:
                last += 1
                yield _step(page, block, number, match)


@rule("list-item", Weight.REMARK)
def an_item_that_is_too_deep(page: Page) -> Iterator[Found]:
    """An item that is indented by four blanks or more below a paragraph, which only code may be."""
    for block in page.of_kind(*_WORDS):
        for number, line in _inner(page, block)[1:]:
            if _ANY_ITEM.match(line) and len(line) - len(line.lstrip()) >= _CODE:
                yield Found(number, block.id, f"what is indented so far {_RUN_ON}", _less(line))


def _less(line: str) -> str:
    if "\u00a0" in line[: len(line) - len(line.lstrip())]:
        return "indent it by plain blanks: these are no-break spaces, which Markdown takes for text"
    return "indent it less, or put an empty line before"


@rule("list-item", Weight.REMARK)
def a_bullet_without_a_blank(page: Page) -> Iterator[Found]:
    """A bullet that its text follows at once, beside one with a blank."""
    for block in page.of_kind(*_WORDS):
        for number, line in _inner(page, block):
            raw = page.lines[number - 1]
            match = _STUCK.match(raw)
            if not match or raw.strip() != line.strip() or "*" in line.strip()[1:]:
                continue
            beside = [each for each in page.lines[max(number - 2, 0) : number + 1] if each is not raw]
            if any(each.startswith(f"{match['indent']}{match['sign']} ") for each in beside):
                edits = (Edit(number, raw, f"{raw[: match.end()]} {raw[match.end() :]}"),)
                what = f"it {_RUN_ON}: no blank stands behind its mark"
                yield Found(number, block.id, what, "put a blank there", edits=edits)


def _step(page: Page, block: Block, number: int, match: re.Match[str]) -> Found:
    line = page.lines[number - 1]
    what = f"step {match['number']} {_RUN_ON}"
    if match.re is _JOINED:
        at = line.index(match["number"] + match["sign"]) + len(match["number"]) + 1
        edits = (Edit(number, line, f"{line[:at]} {line[at:]}"),)
        return Found(number, block.id, f"{what}: no blank stands behind its number", "put a blank there",
                     edits=edits, supposed=edits)  # fmt: skip
    return Found(number, block.id, what, "put an empty line before it, and indent it as the items before",
                 supposed=(Edit(number, line, f"\n{line}"),))  # fmt: skip


def _inner(page: Page, block: Block) -> list[tuple[int, str]]:
    """The lines of a paragraph with their numbers, where the source has them in the same order."""
    if block.kind not in _WORDS or page.witness:
        return []
    lines = list(enumerate(block.text.splitlines(), block.line))
    return [
        (number, line) for number, line in lines if number <= len(page.lines) and line.strip() in page.lines[number - 1]
    ]
