"""YAML on a page: its documents with their lines, placeholders filled in, and why one cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page

_NAMES_A_KIND = re.compile(r"^\s*apiVersion:\s*\S", re.M)
_VARIABLE = re.compile(r"\$\{?\w+(?:\[\w+\])?\}?")
_CAPITALS = re.compile(r"<?\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b>?")
_ANGLES = re.compile(r"<[A-Za-z][^<>\n]*>")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_SCRIPT = re.compile(r"<<-? ?['\"]?EOF")  # a script that says to be YAML
_BEGIN = re.compile(r"^---(?:\s.*)?$")
_LEFT_OUT = re.compile(r"^[ \t]*(?:\.{2,}|…)[ \t]*(?:#.*)?$", re.M)  # a line of dots, for what an excerpt leaves out
ADDRESS = "198.18.0.10"  # of the range for benchmarks (RFC 2544): no page's own
"""What is filled in for placeholders; ports get the API server's."""


class _Loader(yaml.SafeLoader):
    """Reads a date as text, as Kubernetes does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Document:
    """One object of a configuration. `text` has its placeholders filled in; `line` is the page's."""

    block: Block
    line: int
    text: str
    content: dict[str, Any]
    filled: bool
    excerpt: bool

    @property
    def kind(self) -> str:
        """Its kind; empty where it names none."""
        return str(self.content.get("kind", ""))

    @property
    def api(self) -> tuple[str, str]:
        """The API's group and version."""
        group, _, version = str(self.content.get("apiVersion", "")).rpartition("/")
        return group, version

    def line_with(self, text: str) -> int:
        """The first line that has a text, quotes aside; the document's first where none has."""
        lines = re.sub(r"[\"']", "", self.text).splitlines()
        return self.line + next((number for number, line in enumerate(lines) if line.endswith(text)), 0)

    def line_of(self, *path: str, types: tuple[type, ...] = ()) -> int:
        """The line of the field with this path, or of as much of it as is found; with a value of one of these types."""
        at = 0
        lines = self.text.splitlines()
        for key in path:
            named = re.compile(rf"[\s\-]*[\"']?{re.escape(key)}[\"']?\s*:(?P<value>.*)")
            wanted = types if key == path[-1] else ()
            matches = ((number, named.match(lines[number])) for number in range(at, len(lines)))
            fitting = (number for number, match in matches if match and _fits(match["value"], wanted))
            at = next(fitting, at)
        return self.line + at


def texts(block: Block) -> Iterator[tuple[int, str]]:
    """(line within the block, text) of the YAML that a block has, here-documents included."""
    named = block.info in ("yaml", "yml") or (not block.info and _NAMES_A_KIND.search(block.text))
    if block.kind is Kind.CONFIG and named and not _SCRIPT.search(block.text):
        yield 0, block.text
    if block.kind is Kind.COMMAND and "apiVersion" in block.text:
        for start, text in shell.parse(block.text).documents:
            if _NAMES_A_KIND.search(text):
                yield start, text


def is_excerpt(text: str) -> bool:
    """Whether a line of dots stands for what is left out, so that what follows may be on any level."""
    return bool(_LEFT_OUT.search(text))


def fault(text: str) -> yaml.YAMLError | None:
    """Why a text is not YAML; none where it is, with its placeholders filled in."""
    try:
        for _ in yaml.compose_all(filled(text), Loader=_Loader):
            pass
    except yaml.YAMLError as error:
        return error
    return None


def documents(page: Page) -> Iterator[Document]:
    """The objects of a page's configuration, as far as it can be read."""
    for block in page.blocks:
        for start, text in texts(block):
            for at, part in _apart(text):
                complete = filled(part)
                content = _loaded(complete)
                if isinstance(content, dict):
                    line = block.line + start + at
                    yield Document(block, line, complete, content, complete != part, is_excerpt(text))


def filled(text: str) -> str:
    """The text with something plausible for each placeholder: ports for ports, addresses for everything else."""
    text = _LEFT_OUT.sub("", _TEMPLATE.sub(ADDRESS, text))
    for pattern in (_CAPITALS, _ANGLES):
        text = pattern.sub(lambda match: "6443" if "port" in match[0].lower() else ADDRESS, text)
    return _VARIABLE.sub(ADDRESS, text)


def without_filled(document: Document) -> str:
    """The document without the fields that have what was filled in."""
    return yaml.safe_dump(_without(document.content))


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if not _is_filled(inner)}
    if isinstance(value, list):
        return [_without(inner) for inner in value if not _is_filled(inner)]
    return value


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and (ADDRESS in value or value == "6443")


def _fits(value: str, types: tuple[type, ...]) -> bool:
    """Whether a value on the line of its key is of one of these types, if any are given."""
    return not types or isinstance(_loaded(value), types)


def _loaded(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _apart(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each document."""
    start = 0
    lines = text.splitlines()
    for number, line in enumerate([*lines, "---"]):
        if _BEGIN.match(line):
            if any(each.strip() and not each.lstrip().startswith("#") for each in lines[start:number]):
                yield start, "\n".join(lines[start:number]) + "\n"
            start = number + 1
