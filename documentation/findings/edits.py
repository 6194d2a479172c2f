"""Edits of a page's lines: made from a word that is wrong, and applied to the page's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from documentation.findings.rules import Edit
from documentation.pages.block import Block, Page
from documentation.pages.kept import hidden


def replaced(page: Page, block: Block, old: str, new: str) -> tuple[Edit, ...]:
    """The lines of a block with one name for another, wherever it stands as a whole word."""
    name = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    return tuple(
        Edit(number, line, name.sub(lambda _: new, line)) for number, line in lines_of(page, block) if name.search(line)
    )


def lines_of(page: Page, block: Block) -> Iterator[tuple[int, str]]:
    """The lines of the source that a block was read from, with their numbers, without those that no reader sees."""
    last = block.line + block.text.count("\n")
    below = min((each.line for each in page.blocks if each.line > last), default=len(page.lines) + 1)
    lines, unseen = page.lines, hidden(page.source)
    return ((number, lines[number - 1]) for number in range(block.line, below) if number not in unseen)


def line_of(page: Page, block: Block, text: str) -> int:
    """The line of the source that has a part of a block's text; the block's first where several lines share it.

    As a word of its own, if there is one: `-flag` is not found in `--flag`.
    """
    word = re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])")
    lines = list(lines_of(page, block))
    found = [number for number, line in lines if word.search(line)]
    return next(iter([*found, *(number for number, line in lines if text in line)]), block.line)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits whose line is still the one that they are for."""
    lines = text.splitlines(keepends=True)
    by_line: dict[int, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        if 0 < edit.line <= len(lines) and lines[edit.line - 1].rstrip("\r\n") == edit.old:
            by_line.setdefault(edit.line, []).append(edit)
    for number, group in by_line.items():
        line = lines[number - 1]
        end = line[len(line.rstrip("\r\n")) :]
        new = _all(group)
        lines[number - 1] = "" if new is None else "".join(part + (end or "\n") for part in new.split("\n"))
        if not end and new is not None:
            lines[number - 1] = lines[number - 1].removesuffix("\n")
    return "".join(lines)


def _all(edits: list[Edit]) -> str | None:
    """One line with all edits of it; of two that change the same letters, the first."""
    line = edits[0].old
    changes: list[tuple[int, int, str]] = []
    for edit in edits:
        if edit.new is None:
            return None
        start, end, new = _change(line, edit.new)
        if all(end < other or start > last for other, last, _ in changes):
            changes.append((start, end, new))
    for start, end, new in sorted(changes, reverse=True):
        line = line[:start] + new + line[end:]
    return line


def _change(old: str, new: str) -> tuple[int, int, str]:
    """(start, end, what stands there afterwards) of the part of a line that changes."""
    least = min(len(old), len(new))
    start = next((at for at in range(least) if old[at] != new[at]), least)
    after = next((at for at in range(least - start) if old[-1 - at] != new[-1 - at]), least - start)
    return start, len(old) - after, new[start : len(new) - after]
