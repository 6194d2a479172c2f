"""Configuration by its keys, and any text by its lines, in two editions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import yaml

from documentation.drift import spellings
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.pages.block import Block

Line = tuple[int, str]
_LINES = 4  # of a changed text that are shown
_KEYS = 5  # of a configuration that are shown one by one


@rule("configuration", Weight.MISLEADS, Needs.OTHER_PAGE)
def configuration(old: str, new: str, block: Block, start: int = 0) -> Iterator[Found]:
    """The keys that differ, where both texts are YAML; `start` is the second one's line within its block."""
    one, other = _keys(old), _keys(new)
    if one is None or other is None:
        return
    differing = [key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key)]
    if len(differing) > _KEYS:
        shown = ", ".join(differing[:_KEYS])
        what = f"{len(differing)} keys of the configuration differ: {shown} and more"
        yield Found(block.line + start, block.id, what)
        return
    for key in differing:
        name = key.split(".")[-1].split("[")[0]
        line = next((number for number, text in enumerate(new.splitlines()) if name in text), 0)
        what = f"{key}: {one.get(key, '(nothing)')} became {other.get(key, '(nothing)')}"
        yield Found(block.line + start + line, block.id, what)


def lines(before: list[str], after: list[str], new: Block, line: int) -> Iterator[Finding]:
    """What differs between lines, the second ones from `line` of the page on."""
    return spelled_otherwise(new, line) if content(before) == content(after) else text_changed(before, after, new, line)


@rule("text", Weight.MISLEADS, Needs.OTHER_PAGE)
def text_changed(before: list[str], after: list[str], new: Block, line: int) -> Iterator[Found]:
    """Lines that became others, the first few of them."""
    diff = difflib.ndiff([each for each in before if each.strip()], [each for each in after if each.strip()])
    differing = [each for each in diff if each[:1] in "+-"]
    shown = "; ".join(f"`{each}`" for each in differing[:_LINES])
    more = f" and {len(differing) - _LINES} more" if len(differing) > _LINES else ""
    yield Found(line, new.id, f"differs from the other page: {shown}{more}")


@rule("text", Weight.REMARK, Needs.OTHER_PAGE)
def spelled_otherwise(block: Block, line: int) -> Iterator[Found]:
    """That nothing differs but how it is written."""
    what = "placeholders, quotes, line breaks or names are written otherwise than on the other page, and mean the same"
    yield Found(line, block.id, what)


def rest(before: list[Line], after: list[Line], new: Block, reported: set[int]) -> Iterator[Finding]:
    """Lines that changed without any command having: redirections, loops, texts that are not configurations."""
    was, now = ([_key(text) for _, text in each] for each in (before, after))
    for kind, start, stop, first, last in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        numbers = [number for number, _ in after[first:last]]
        if kind != "equal" and not reported & set(numbers):
            one, other = ([text for _, text in each] for each in (before[start:stop], after[first:last]))
            yield from lines(one, other, new, new.line + min(numbers, default=0))


def _key(text: str) -> spellings.Spelled:
    """What a line says; whether it is run by sudo is compared with its command."""
    return spellings.of(re.sub(r"^\s*sudo\s", "", text).split())


def typed(block: Block, without: set[int]) -> list[Line]:
    """The lines as the shell sees them, without comments, and without those whose commands are reported."""
    found = block.text.splitlines()
    for comment in block.comments:
        found[comment.line - block.line] = found[comment.line - block.line].removesuffix(comment.text)
    return [(number, text) for number, text in spellings.lines(found) if text.strip() and number not in without]


def content(lines: list[str]) -> list[spellings.Spelled]:
    """What lines say, however they are written."""
    return [spellings.of(text.split()) for _, text in spellings.lines(lines) if text.strip()]


def _keys(text: str) -> dict[str, str] | None:
    try:
        documents = [each for each in yaml.safe_load_all(text) if each is not None]
    except yaml.YAMLError:
        return None
    if not all(isinstance(each, dict) for each in documents):
        return None
    return {key: value for each in documents for key, value in _flat(each, str(each.get("kind", "")))}


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _flat(each, f"{key}[{number}]")
    else:
        yield key, str(value)
