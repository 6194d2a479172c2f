"""What a page is made of: ordered blocks, each with an id that stays when the text around it changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """What a block is to its reader."""

    HEADING = "heading"
    PROSE = "prose"
    COMMAND = "command"
    OUTPUT = "output"
    CONFIG = "config"
    FILES = "files"
    NOTE = "note"
    CAUTION = "caution"
    WARNING = "warning"

    @property
    def code(self) -> bool:
        """Whether a translation leaves it as it is."""
        return self in (Kind.COMMAND, Kind.OUTPUT, Kind.CONFIG, Kind.FILES)

    @property
    def admonition(self) -> bool:
        """Whether the page sets it apart; the kind is a modality that needs no words."""
        return self in (Kind.NOTE, Kind.CAUTION, Kind.WARNING)


@dataclass(frozen=True)
class Comment:
    """A comment inside code. `about` is the line of code that it stands beside or above, empty where there is none."""

    line: int
    text: str
    about: str


@dataclass(frozen=True)
class Block:
    """One block of a page.

    `id` is `<anchor of its section>/<kind>-<number>`, numbered from 1 within section and kind. `line` is that of its
    first character in the page, from 1. `text` is as written, without the indentation of the list around it, `info` a
    fence's language. `mentions` are the code spans and `links` the targets in prose; `prompt` is what a transcript has
    before the command (`root@HOST0`), `within` the tabs around it from the outside in, `steps` the number of the list
    item on each level of lists, and `step` says that the block begins an item of a numbered one. `inline` says that a
    command stands in a sentence.
    """

    id: str
    kind: Kind
    section: str
    line: int
    text: str
    info: str = ""
    level: int = 0
    comments: tuple[Comment, ...] = ()
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    prompt: str = ""
    within: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    step: bool = False
    inline: bool = False

    @cached_property
    def bare(self) -> str:
        """The text without comments, empty lines and trailing blanks: what a translation must not change."""
        if not self.kind.code:
            return " ".join(self.text.split())
        return without(self.text, [(comment.line - self.line, comment.text) for comment in self.comments])

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change when anything but comments and blanks changes."""
        return digest(self.bare)

    def line_of(self, text: str) -> int:
        """The page's line where a word, or a code span that may go on on the next line, first stands in the block.

        As a word of its own, if there is one: `HOST` is not found in `HOSTS`. The block's first line where it is not.
        """
        written = r"\s+".join(map(re.escape, text.split()))
        found = re.search(rf"(?<![\w-]){written}(?![\w-])", self.text) or re.search(written, self.text)
        return self.line + self.text[: found.start()].count("\n") if found else self.line

    @property
    def comment_hash(self) -> str:
        """The same for the comments alone; empty where there are none."""
        return digest("\n".join(comment.text for comment in self.comments)) if self.comments else ""


@dataclass(frozen=True)
class Ignored:
    """A comment on a page that has findings of one rule ignored from one line to another, with its reason."""

    line: int
    rule: str
    reason: str
    first: int
    last: int


@dataclass(frozen=True)
class Page:
    """A page in one language.

    `anchors` are those that links may name; `kept` is the original's text that a translation keeps in HTML comments, at
    the translation's own lines; `unclear` says what could not be read; a `witness` is plain text, in which
    links and code spans cannot be seen. `shows` are files of the site that shortcodes show as code: it is not on the
    page. `source` is all of it as written, `path` where it was read from, and `title_line` is
    where the front matter has the title. `references` are the names of its links by
    reference, as Markdown compares them, and `ignored` the findings that its writers do not want to hear of. `release`
    is the one that its site documents, as in `v1.37`; empty where that is unknown.
    """

    name: str
    language: str
    title: str
    blocks: tuple[Block, ...]
    anchors: frozenset[str]
    unclear: tuple[str, ...] = ()
    witness: bool = False
    shows: tuple[str, ...] = ()
    source: str = ""
    path: str = ""
    title_line: int = 1
    references: frozenset[str] = frozenset()
    ignored: tuple[Ignored, ...] = ()
    kept: tuple[Block, ...] = ()
    release: str = ""

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source: the first is line 1."""
        return self.source.splitlines()

    def at(self, line: int) -> str:
        """The id of the last block that begins at a line or before it; empty where none does."""
        return next((block.id for block in reversed(self.blocks) if block.line <= line), "")

    def of_kind(self, *kinds: Kind) -> Iterator[Block]:
        """The blocks of these kinds, in order."""
        return (block for block in self.blocks if block.kind in kinds)

    @property
    def commands(self) -> list[Block]:
        """Everything that a reader is to run."""
        return list(self.of_kind(Kind.COMMAND))


def digest(text: str, digits: int = 12) -> str:
    """The first hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def without(text: str, comments: list[tuple[int, str]]) -> str:
    """Code without its comments, given as (number of the line from 0, text)."""
    lines = text.splitlines()
    for number, comment in comments:
        lines[number] = lines[number].removesuffix(comment)
    return "\n".join(line.rstrip() for line in lines if line.strip())
