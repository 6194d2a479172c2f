"""Hugo's Markdown, taken apart into blocks with their line numbers; headings have the anchors that Hugo gives them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from documentation.pages import code
from documentation.pages.block import Block, Kind, Page
from documentation.pages.ignoring import ignored
from documentation.pages.kept import english
from documentation.pages.shortcodes import MARK, Line, Prepared, Tag, prepare

_ADMONITIONS = {"note": Kind.NOTE, "caution": Kind.CAUTION, "warning": Kind.WARNING}
# What the heading shortcode's keys become in English; the sections themselves keep the key, the same in all languages.
_TRANSLATED = {"prerequisites": "before-you-begin", "whatsnext": "what-s-next", "cleanup": "cleaning-up"}
_EXPLICIT = re.compile(r"\s*\{#(?P<anchor>[^}\s]+)[^}]*\}\s*$")
_LINE_END = re.compile(r"\r\n|\r|\n")  # what editors count lines by; Python's splitlines knows more ends
_HTML_ANCHOR = re.compile(r"<[A-Za-z][^<>]*?\s(?:id|name)\s*=\s*[\"']?([^\"'\s>]+)")
_BLOCK_ANCHOR = re.compile(r"^\s*\{[^{}]*#([^\s}]+)[^{}]*\}\s*$", re.M)
_KEPT = ("L", "N", "M")  # letters, numbers, and the marks that some scripts write vowels with
TOP = "top"
"""The section of what stands before the first heading."""
_ENGLISH = "en"
_LEAST = 3  # words of a kept paragraph: `overview` and `steps` are marks of the site's, and stand on all pages


def parse(text: str, name: str = "page", language: str = "") -> Page:
    """Read a page. `name` says in findings which it is, `language` is a code as in `ja`."""
    lines = [Line(number, line) for number, line in enumerate(_LINE_END.split(text), 1)]
    matter, body = _front_matter(lines)
    prepared = prepare(body)
    references: dict[str, Any] = {}
    source = "\n".join(line.text for line in prepared.lines)
    tokens = MarkdownIt("commonmark").enable("table").parse(source, references)
    reader = _Reader(prepared)
    for token in tokens:
        reader.take(token)
    reader.unclear += [f"{tag.name} is opened and never closed" for tag in reader.open]
    title = str(matter.get("title", ""))
    shows = tuple(value for tag in prepared.tags if tag.name.startswith("code") for value in tag.arguments.values())
    titled = next((line.number for line in lines[: len(lines) - len(body)] if line.text.startswith("title:")), 1)
    return Page(
        name,
        language,
        title,
        tuple(reader.blocks),
        frozenset(reader.known),
        tuple(reader.unclear),
        shows=shows,
        source=text,
        title_line=titled,
        references=frozenset(references.get("references", ())),
        ignored=ignored(text),
        kept=_kept(lines, language),
    )


def _kept(lines: list[Line], language: str) -> tuple[Block, ...]:
    """The blocks of the English in a translation's comments; code is not kept, since both pages have it."""
    if language in ("", _ENGLISH):
        return ()
    page = parse(english(lines), "kept", _ENGLISH)
    return tuple(block for block in page.blocks if not block.kind.code and len(block.text.split()) >= _LEAST)


def _front_matter(lines: list[Line]) -> tuple[dict[str, Any], list[Line]]:
    if not lines or lines[0].text.strip() != "---":
        return {}, lines
    end = next((number for number, line in enumerate(lines[1:], 1) if line.text.strip() == "---"), 0)
    if not end:
        return {}, lines
    try:
        # Scalars stay text: a title is all that is taken from it, and a date that is none does not matter to the page.
        matter = yaml.load("\n".join(line.text for line in lines[1:end]), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        matter = None
    return matter if isinstance(matter, dict) else {}, lines[end + 1 :]


def explicit_anchor(heading: str) -> tuple[str, str]:
    """A heading without the `{#anchor}` that it ends in, and that anchor; empty where it has none."""
    match = _EXPLICIT.search(heading)
    return (heading[: match.start()], match["anchor"]) if match else (heading, "")


def slug(heading: str) -> str:
    """The anchor of a heading that names none, by Hugo's rule `github`; letters of any script stay."""
    text = re.sub(r"[`*]", "", heading.strip().lower())
    kept = (each for each in text if each in " -_" or unicodedata.category(each)[0] in _KEPT)
    return "".join("-" if each == " " else each for each in kept)


class Anchors:
    """The anchors of one page so far: the second of two equal ones ends in -1."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, anchor: str) -> str:
        """The anchor, numbered where it is taken."""
        number, free = 0, anchor or "section"
        while free in self._taken:
            number += 1
            free = f"{anchor or 'section'}-{number}"
        self._taken.add(free)
        return free


@dataclass
class _Reader:
    """Walks over the parser's tokens and remembers where it is: section, list items, shortcodes."""

    prepared: Prepared
    blocks: list[Block] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    unclear: list[str] = field(default_factory=list)
    section: str = TOP
    level: int = 0
    open: list[Tag] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    begins: bool = False  # a numbered item, of which nothing was read yet
    counts: dict[tuple[str, Kind], int] = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)

    def take(self, token: Token) -> None:
        """Take the next token in."""
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self.items.append(int(token.attrs.get("start", 1)) - 1)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.items.pop()
        elif token.type == "list_item_open":
            self.items[-1] += 1
            self.begins = self.begins or token.info.isdigit()  # the item's number; bullets have none
        elif token.type == "heading_open":
            self.level = int(token.tag[1:])
        elif token.type == "heading_close":
            self.level = 0
        elif token.type == "html_block":
            self._marks(token)
            self.known |= set(_HTML_ANCHOR.findall(token.content))
        elif token.type in ("fence", "code_block"):
            self._code(token)
        elif token.type == "inline":
            self._heading(token) if self.level else self._prose(token)

    def _marks(self, token: Token) -> None:
        for number in MARK.findall(token.content):
            tag = self.prepared.tags[int(number)]
            if not tag.closes:
                if self._is_paired(tag.name):
                    self.open.append(tag)
                continue
            if tag.name not in [each.name for each in self.open]:
                self.unclear.append(f"line {self._line(token)}: {tag.name} is closed and was not opened")
                continue
            while self.open.pop().name != tag.name:
                self.unclear.append(f"line {self._line(token)}: something inside {tag.name} is not closed")

    def _is_paired(self, name: str) -> bool:
        return any(tag.closes and tag.name == name for tag in self.prepared.tags)

    def _heading(self, token: Token) -> None:
        text, explicit = explicit_anchor(token.content)
        self.section = self.anchors.unique(explicit or slug(explicit_anchor(_shown(token))[0]))
        self.known |= {self.section, _TRANSLATED.get(self.section, self.section), *_html_anchors(token)}
        self._add(Kind.HEADING, token, text, level=self.level, mentions=_mentions(token))

    def _prose(self, token: Token) -> None:
        kind = next((_ADMONITIONS[tag.name] for tag in reversed(self.open) if tag.name in _ADMONITIONS), Kind.PROSE)
        self.known |= {*_html_anchors(token), *_BLOCK_ANCHOR.findall(token.content)}
        self._add(kind, token, token.content, mentions=_mentions(token), links=_links(token))
        sentence = self.blocks[-1]
        for mention in _mentions(token):
            if code.looks_like_command(mention):
                self._add(Kind.COMMAND, token, mention, line=sentence.line_of(mention), inline=True)

    def _code(self, token: Token) -> None:
        info = token.info.split()[0].split("{")[0] if token.info.strip() else ""
        first = self._line(token) + (1 if token.type == "fence" else 0)
        text = MARK.sub(lambda mark: self.prepared.tags[int(mark[1])].shown, token.content.rstrip("\n"))
        for part in code.parts(text, info):
            line = first + part.line
            found = code.comments(part.kind, part.text, line)
            self._add(part.kind, token, part.text, line=line, info=info, comments=found, prompt=part.prompt)

    def _add(self, kind: Kind, token: Token, text: str, *, line: int = 0, **more: Any) -> None:
        number = self.counts[self.section, kind] = self.counts.get((self.section, kind), 0) + 1
        within = tuple(tag.arguments.get("name", "") for tag in self.open if tag.name == "tab")
        name = f"{self.section}/{kind}-{number}"
        block = Block(
            name, kind, self.section, line or self._line(token), text,
            within=within, steps=tuple(self.items), step=self.begins,
        )  # fmt: skip
        self.blocks.append(replace(block, **more))
        self.begins = False

    def _line(self, token: Token) -> int:
        return self.prepared.lines[token.map[0]].number if token.map else 0


def _shown(token: Token) -> str:
    """What a reader sees of a heading: without the targets of its links and without tags of HTML."""
    shown = [child.content for child in token.children or () if child.type in ("text", "code_inline")]
    return "".join(shown) or token.content


def _html_anchors(token: Token) -> set[str]:
    tags = [child.content for child in token.children or () if child.type == "html_inline"]
    return set(_HTML_ANCHOR.findall("\n".join(tags)))


def _mentions(token: Token) -> tuple[str, ...]:
    return tuple(child.content for child in token.children or () if child.type == "code_inline")


def _links(token: Token) -> tuple[str, ...]:
    return tuple(str(child.attrs["href"]) for child in token.children or () if child.type == "link_open")
