"""Shortcodes around other text: each that is opened has to be closed, or all that follows belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documentation.findings.rules import Edit, Found, Weight, rule
from documentation.pages.block import Page
from documentation.pages.shortcodes import Line, tags

# Those of the site whose templates use what stands inside; others may stand alone.
_AROUND = frozenset(("note", "caution", "warning", "tabs", "tab", "details", "comment", "mermaid", "table"))
_HEADING = re.compile(r"#{1,6}\s")


@dataclass(frozen=True)
class _Tag:
    line: int
    name: str
    text: str

    @property
    def closing(self) -> str:
        """The tag that closes it, with the same kind of brackets."""
        return f"{self.text[:3]} /{self.name} {self.text[-3:]}"


@rule("shortcode", Weight.MISLEADS)
def opened_and_never_closed(page: Page) -> Iterator[Found]:
    """A note or the like without an end. One that is opened again instead lacks a slash."""
    if page.witness:
        return
    opened, _ = _unmatched(page)
    while opened:
        tag, *opened = opened
        if opened and opened[0].name == tag.name and _together(page, tag, opened[0]):
            end, *opened = opened
            line = page.lines[end.line - 1]
            edit = Edit(end.line, line, line.replace(end.text, end.closing))
            what = f"`{tag.name}` is opened again here, where it has to be closed: the slash is missing"
            yield Found(end.line, page.at(end.line), what, f"write {end.closing}", edits=(edit,), supposed=(edit,))
        else:
            what = f"`{tag.name}` is opened here and never closed, so that what follows belongs to it"
            closed = (_closed(page, tag),)
            yield Found(tag.line, page.at(tag.line), what, f"add {tag.closing} where it ends", supposed=closed)


@rule("shortcode", Weight.MISLEADS)
def closed_and_not_opened(page: Page) -> Iterator[Found]:
    """An end without a beginning."""
    for tag in () if page.witness else _unmatched(page)[1]:
        line = page.lines[tag.line - 1]
        without = line.replace(tag.text, "", 1)
        edit = Edit(tag.line, line, without if without.strip() else None)
        what = f"`{tag.name}` is closed here and was not opened"
        yield Found(tag.line, page.at(tag.line), what, "open it where it begins, or remove this", supposed=(edit,))


def _unmatched(page: Page) -> tuple[list[_Tag], list[_Tag]]:
    """What is opened and not closed, and what is closed and was not opened."""
    open_now: list[_Tag] = []
    opened: list[_Tag] = []
    closed: list[_Tag] = []
    for number, match in tags([Line(*each) for each in enumerate(page.lines, 1)]):
        tag = _Tag(number, match["name"], match[0])
        if tag.name not in _AROUND or tag.text[:-3].endswith("/"):
            continue
        if not match["close"]:
            open_now.append(tag)
        elif tag.name not in [each.name for each in open_now]:
            closed.append(tag)
        else:
            while (last := open_now.pop()).name != tag.name:
                opened.append(last)
    return sorted([*opened, *open_now], key=lambda each: each.line), closed


def _together(page: Page, begin: _Tag, end: _Tag) -> bool:
    """Whether nothing stands between two tags that ends a note: no heading."""
    return not any(_HEADING.match(line) for line in page.lines[begin.line : end.line - 1])


def _closed(page: Page, tag: _Tag) -> Edit:
    """The end where it most likely has to be: behind the paragraph, or for tabs before the next heading."""
    last = tag.line
    for number in range(tag.line + 1, len(page.lines) + 1):
        line = page.lines[number - 1]
        if _HEADING.match(line) or (not line.strip() and last > tag.line and not tag.name.startswith("tab")):
            break
        last = number if line.strip() else last
    line = page.lines[last - 1]
    indentation = line[: len(line) - len(line.lstrip())]
    return Edit(last, line, f"{line}\n{indentation}{tag.closing}")
