"""Hugo's shortcodes, before Markdown is read: tags become lines of their own that no list is ended by.

A Markdown parser does not know them. At the margin inside a list, as old editions have them, they would end the list
and turn the rest of the item into one block of indented code; after an item, they would be taken for its last line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

TAG = re.compile(r"\{\{[<%]\s*(?P<close>/)?\s*(?P<name>[\w/-]+)(?P<arguments>.*?)\s*/?[>%]\}\}")
_ARGUMENT = re.compile(r'(?:(?P<key>\w+)=)?"(?P<value>[^"]*)"')
_FENCE = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?P<fence>`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?=\S)")
_MARK = "<!--hugo {}-->"
MARK = re.compile(r"<!--hugo (\d+)-->")


@dataclass(frozen=True)
class Tag:
    """A shortcode. `arguments` by name; unnamed ones are "0", "1", …"""

    name: str
    closes: bool
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """As it is read where it stands inside code, where it is none."""
        return f"{{{{< {'/' if self.closes else ''}{self.name} >}}}}"


@dataclass(frozen=True)
class Line:
    """A line and its number in the file."""

    number: int
    text: str


@dataclass(frozen=True)
class Prepared:
    """Lines that a Markdown parser understands; a tag is the line `<!--hugo N-->`, N its index in `tags`."""

    lines: tuple[Line, ...]
    tags: tuple[Tag, ...]


def prepare(lines: list[Line]) -> Prepared:
    """Turn paired and lonely shortcodes into marks, others into text; drop HTML comments. Code stays as it is."""
    paired = {match["name"] for line in lines for match in TAG.finditer(line.text) if match["close"]}
    tags: list[Tag] = []
    prepared: list[Line] = []
    for line, code in _fenced(_uncommented(_indented(lines, paired))):
        prepared += [line] if code else _split(line, paired, tags)
    return Prepared(tuple(prepared), tuple(tags))


def tags(lines: list[Line]) -> Iterator[tuple[int, re.Match[str]]]:
    """All shortcodes outside of code and of comments, with the number of their line."""
    for line, code in _fenced(_uncommented(lines)):
        for match in () if code else TAG.finditer(line.text):
            yield line.number, match


def fenced(lines: list[Line]) -> frozenset[int]:
    """The numbers of the lines that are part of a fenced block."""
    return frozenset(line.number for line, code in _fenced(lines) if code)


def arguments(text: str) -> dict[str, str]:
    """The arguments of a tag."""
    found = {}
    for number, match in enumerate(_ARGUMENT.finditer(text)):
        found[match["key"] or str(number)] = match["value"]
    return found


def _fenced(lines: list[Line]) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether it belongs to a fenced block."""
    fence = ""
    for line in lines:
        match = _FENCE.match(line.text)
        if fence:
            yield line, True
            if line.text.strip().startswith(fence) and not line.text.strip().strip(fence[0]):
                fence = ""
        else:
            fence = match["fence"] if match else ""
            yield line, bool(match)


def _uncommented(lines: list[Line]) -> list[Line]:
    """HTML comments are marks between writers: not part of what is read, and not allowed to end a list."""
    kept, inside = [], False
    for line, code in list(_fenced(lines)):
        text = line.text
        if not code or inside:
            text, inside = _without_comment(text, inside)
        kept.append(replace(line, text=text))
    return kept


def _without_comment(text: str, inside: bool) -> tuple[str, bool]:
    shown = ""
    while text:
        before, mark, text = text.partition("-->" if inside else "<!--")
        shown += "" if inside else before
        inside = inside != bool(mark)
    return shown if shown.strip() else "", inside


def _indented(lines: list[Line], paired: set[str]) -> list[Line]:
    """Move the regions of paired tags that stand left of the list item which they belong to into it."""
    indented = list(lines)
    for start, stop in _regions(indented, paired - {"tab", "tabs"}):
        wanted = min(_indentation_after(indented, stop), _item(indented, start))
        if _indentation(indented[start].text) < wanted and _in_list(indented, start):
            for number in range(start, stop + 1):
                line = indented[number]
                missing = wanted - _indentation(line.text)
                if line.text.strip() and missing > 0:
                    indented[number] = replace(line, text=" " * missing + line.text)
    return indented


def _regions(lines: list[Line], names: set[str]) -> Iterator[tuple[int, int]]:
    open_at: dict[str, int] = {}
    for number, (line, code) in enumerate(list(_fenced(lines))):
        for match in () if code else TAG.finditer(line.text):
            if match["name"] not in names:
                continue
            if not match["close"]:
                open_at.setdefault(match["name"], number)
            elif match["name"] in open_at:
                yield open_at.pop(match["name"]), number


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _indentation_after(lines: list[Line], number: int) -> int:
    return next((_indentation(line.text) for line in lines[number + 1 :] if line.text.strip()), 0)


def _item(lines: list[Line], number: int) -> int:
    """Where the text of the list item begins that stands before a line; what is further right of it may be code."""
    items = (_ITEM.match(line.text) for line in reversed(lines[:number]))
    return next((len(each[0]) for each in items if each), _indentation(lines[number].text))


def _in_list(lines: list[Line], number: int) -> bool:
    before = next((line.text for line in reversed(lines[:number]) if line.text.strip()), "")
    return before.startswith(" ") or bool(re.match(r"(?:[-*+]|\d+[.)])\s", before))


def _split(line: Line, paired: set[str], tags: list[Tag]) -> Iterator[Line]:
    """The line with its paired tags on lines of their own, at the line's indentation."""
    lonely = (match := TAG.fullmatch(line.text.strip())) and not _text(match, "")
    indentation = " " * _indentation(line.text)
    rest, at = "", 0
    for match in TAG.finditer(line.text):
        rest += line.text[at : match.start()]
        at = match.end()
        if match["name"] not in paired and not lonely:
            rest += _text(match)
            continue
        if rest.strip():
            yield replace(line, text=rest)
        rest = indentation
        tags.append(Tag(match["name"], bool(match["close"]), arguments(match["arguments"])))
        yield replace(line, text=indentation + _MARK.format(len(tags) - 1))
    rest += line.text[at:]
    if rest.strip() or not line.text.strip():
        yield replace(line, text=rest)


def _text(match: re.Match[str], unknown: str = "‹{name}{arguments}›") -> str:
    """What a reader sees of a shortcode inside a sentence, as near as the source shows."""
    given = arguments(match["arguments"])
    shown = given.get("text") or given.get("term_id") or (given.get("0") if match["name"] == "heading" else "")
    return shown or unknown.format(**match.groupdict())
