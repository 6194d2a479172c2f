"""Configuration by its keys, and any text by its lines, in two editions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import yaml

from doccheck.drift import spelled
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block

Line = tuple[int, str]
_LINES = 4  # of a changed text that are shown
_KEYS = 5  # of a configuration that are told one by one


def configuration(old: str, new: str, block: Block, start: int = 0) -> Iterator[Finding]:
    """The keys that differ, where both texts are YAML; `start` is the second one's line within its block."""
    one, other = _keys(old), _keys(new)
    if one is None or other is None:
        return
    differing = [key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key)]
    if len(differing) > _KEYS:
        shown = ", ".join(differing[:_KEYS])
        what = f"{len(differing)} keys of the configuration differ: {shown} and more"
        yield Finding(Weight.MISLEADS, "configuration", block.line + start, block.id, what)
        return
    for key in differing:
        name = key.split(".")[-1].split("[")[0]
        line = next((number for number, text in enumerate(new.splitlines()) if name in text), 0)
        what = f"{key}: {one.get(key, '(nothing)')} became {other.get(key, '(nothing)')}"
        yield Finding(Weight.MISLEADS, "configuration", block.line + start + line, block.id, what)


def lines(before: list[str], after: list[str], new: Block, line: int) -> Iterator[Finding]:
    """What differs between lines, the second ones from `line` of the page on."""
    if said(before) == said(after):
        yield spelling(new, line)
        return
    diff = difflib.ndiff([each for each in before if each.strip()], [each for each in after if each.strip()])
    told = [each for each in diff if each[:1] in "+-"]
    shown = "; ".join(f"`{each}`" for each in told[:_LINES])
    more = f" and {len(told) - _LINES} more" if len(told) > _LINES else ""
    yield Finding(Weight.MISLEADS, "text", line, new.id, f"differs from the other page: {shown}{more}")


def rest(before: list[Line], after: list[Line], new: Block, told: set[int]) -> Iterator[Finding]:
    """Lines that changed without any command having: redirections, loops, texts that are no configuration."""
    was, now = ([_key(text) for _, text in each] for each in (before, after))
    for kind, start, stop, first, last in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        numbers = [number for number, _ in after[first:last]]
        if kind != "equal" and not told & set(numbers):
            one, other = ([text for _, text in each] for each in (before[start:stop], after[first:last]))
            yield from lines(one, other, new, new.line + min(numbers, default=0))


def _key(text: str) -> spelled.Spelled:
    """What a line says; whether it is run by sudo was told with its command."""
    return spelled.of(re.sub(r"^\s*sudo\s", "", text).split())


def typed(block: Block, without: set[int]) -> list[Line]:
    """The lines as the shell sees them, without comments, and without those that are told of by their commands."""
    found = block.text.splitlines()
    for comment in block.comments:
        found[comment.line - block.line] = found[comment.line - block.line].removesuffix(comment.text)
    return [(number, text) for number, text in spelled.lines(found) if text.strip() and number not in without]


def spelling(block: Block, line: int) -> Finding:
    """The remark that nothing differs but how it is written."""
    what = "placeholders, quotes, line breaks or names are written otherwise than on the other page, and mean the same"
    return Finding(Weight.REMARK, "text", line, block.id, what)


def said(lines: list[str]) -> list[spelled.Spelled]:
    """What lines say, however they are written."""
    return [spelled.of(text.split()) for _, text in spelled.lines(lines) if text.strip()]


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
