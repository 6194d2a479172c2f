"""A page that was copied as plain text: no fences, links or anchors. A witness of what stood on a page, and no more.

Such a copy loses what stood between neighbouring code spans, so that nothing is ever run from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from documentation.pages import code
from documentation.pages.block import Block, Kind, Page
from documentation.pages.markdown import TOP, Anchors, slug

_ITEM = re.compile(r"^\s*(?:•|[-*+]|\d+[.)])\s+(?P<text>.*)$")
_ADMONITION = re.compile(r"^\s*(?P<name>\w+)\s*[:：]\s*(?P<text>.*)$")
_SENTENCE_END = (".", ":", "。", "：", "!", "！", "?", "？", ",", "、", ")")
# What sites print before admonitions, by language.
_NAMES = {
    "note": Kind.NOTE, "caution": Kind.CAUTION, "warning": Kind.WARNING,
    "備考": Kind.NOTE, "注意": Kind.CAUTION, "警告": Kind.WARNING,
}  # fmt: skip


def parse(text: str, name: str = "page", language: str = "") -> Page:
    """Read a page's plain text; as `documentation.pages.markdown.parse`, with less structure."""
    reader = _Reader()
    for start, lines in _paragraphs(text.splitlines()):
        reader.take(start, lines)
    return Page(name, language, reader.title, tuple(reader.blocks), frozenset(reader.known), witness=True, source=text)


def _paragraphs(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Paragraphs with the number of their first line: what empty lines, items, admonitions and dots part."""
    found: list[tuple[int, list[str]]] = []
    parted = True
    for number, line in enumerate(lines, 1):
        item = (_ITEM.match(line) or _admonition(line)) and not _continues(found, line)
        begins = line.strip() == "..." or item or _announced(found, lines[number - 1])
        if not line.strip() and not (found and found[-1][1][0].strip() == "..."):
            parted = True
        elif parted or begins:
            found.append((number, [line]))
            parted = False
        else:
            found[-1][1].append(line)
    return found


def _announced(found: list[tuple[int, list[str]]], line: str) -> bool:
    """Whether a line is code that the sentence before it, which ends in a colon, leads to."""
    before = found[-1][1] if found else [""]
    leads = before[-1].rstrip().endswith((":", "："))
    return leads and bool(line.strip()) and code.begins_as_code(line.strip()) and not code.begins_as_code(_text(before))


def _text(lines: list[str]) -> str:
    return "\n".join(line[_common(lines) :] for line in lines).rstrip()


def _continues(found: list[tuple[int, list[str]]], line: str) -> bool:
    """Whether what looks like an item is one of a configuration: deeper than the code that it stands in."""
    first = found[-1][1][0] if found else ""
    return code.begins_as_code(first.strip() or "-") and _common([line]) > _common([first])


def _admonition(line: str) -> re.Match[str] | None:
    match = _ADMONITION.match(line)
    return match if match and match["name"].lower() in _NAMES else None


@dataclass
class _Reader:
    blocks: list[Block] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    title: str = ""
    section: str = TOP
    counts: dict[tuple[str, Kind], int] = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)

    def take(self, start: int, lines: list[str]) -> None:
        text = _text(lines)
        item, admonition = _ITEM.match(lines[0]), _admonition(lines[0])
        if admonition:
            first = text.split("\n", 1)
            self._add(_NAMES[admonition["name"].lower()], start, "\n".join([admonition["text"], *first[1:]]))
        elif item:
            self._add(Kind.PROSE, start, " ".join([item["text"], *(line.strip() for line in lines[1:])]))
        elif code.begins_as_code(text):
            for part in code.parts(text, ""):
                line = start + part.line
                self._add(part.kind, line, part.text, comments=code.comments(part.kind, part.text, line))
        elif len(lines) == 1 and not lines[0].startswith(" ") and not text.endswith(_SENTENCE_END):
            self._heading(start, text)
        else:
            self._add(Kind.PROSE, start, text)

    def _heading(self, start: int, text: str) -> None:
        if not self.title and not self.blocks:
            self.title = text
            return
        self.section = self.anchors.unique(slug(text))
        self.known.add(self.section)
        self._add(Kind.HEADING, start, text)

    def _add(self, kind: Kind, line: int, text: str, **more: Any) -> None:
        number = self.counts[self.section, kind] = self.counts.get((self.section, kind), 0) + 1
        self.blocks.append(Block(f"{self.section}/{kind}-{number}", kind, self.section, line, text, **more))


def _common(lines: list[str]) -> int:
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
