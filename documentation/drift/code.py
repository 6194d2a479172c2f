"""A piece of code in two editions: commands and their flags, configuration by keys, comments by what they ask for."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import yaml

from documentation.drift.finding import Finding, Weight
from documentation.drift.words import RUN, SKIP, Words
from documentation.pages import shell
from documentation.pages.align import pair
from documentation.pages.block import Block, Comment, Kind
from documentation.pages.shell import Command

_LINES = 4  # of a changed text that are shown


def changed(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between a block and its counterpart."""
    yield from _comments(old, new, old_words, new_words)
    if old.hash == new.hash:
        return
    if Kind.COMMAND is old.kind is new.kind:
        found = list(_commands(old, new))
    elif Kind.CONFIG is old.kind is new.kind:
        found = list(_configuration(old.bare, new.bare, new))
    else:
        found = []
    yield from found or _text(old, new)


def _commands(old: Block, new: Block) -> Iterator[Finding]:
    one, other = shell.parse(old.text), shell.parse(new.text)
    line = new.line
    for before, after in pair(one.commands, other.commands, _likeness):
        if before and after:
            line = new.line + after.line
            for what, mend in _command(before, after):
                yield Finding(Weight.MISLEADS, "command", line, new.id, what, mend)
        elif before:
            what = f"`{before}` is missing (line {old.line + before.line} has it)"
            yield Finding(Weight.MISLEADS, "command", line, new.id, what, f"add it near line {line}")
        elif after:
            line = new.line + after.line
            what = f"`{after}` is not on the other page"
            yield Finding(Weight.MISLEADS, "command", line, new.id, what, "remove it, or bring it to the other page")
    for (_, before_text), (start, after_text) in zip(one.documents, other.documents, strict=False):
        yield from _configuration(before_text, after_text, new, start)


def _command(old: Command, new: Command) -> Iterator[tuple[str, str]]:
    before, after = [_plain(word) for word in old.words], [_plain(word) for word in new.words]
    gone, come = [[flag for flag in one.flags if flag not in two.flags] for one, two in ((old, new), (new, old))]
    if len(gone) == len(come) == 1:
        yield f"flag {gone[0]} became {come[0]} in `{new}`", f"it was `{old}`"
    else:
        yield from ((f"flag {flag} is gone from `{new}`", f"it was `{old}`") for flag in gone)
        yield from ((f"flag {flag} is new in `{new}`", f"it was `{old}`") for flag in come)
    rest = [[word for word in words if not word.startswith("-")] for words in (before, after)]
    values = {flag: (old.flags[flag], new.flags[flag]) for flag in old.flags.keys() & new.flags.keys()}
    if rest[0] != rest[1] or old.assigns != new.assigns or any(one != other for one, other in values.values()):
        yield f"`{old}` became `{new}`", ""


def _comments(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    remaining = list(old.comments)
    for comment in new.comments:
        before = next((each for each in remaining if _same_target(each, comment)), None)
        if before is None:
            continue
        remaining.remove(before)
        asked, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
        if {asked, asks} == {SKIP, RUN}:
            inverted = f"line {before.line} of the other page has it {_does(asked)}, this one has it {_does(asks)}"
            what = f"the comment on `{comment.about}` is inverted: {inverted}"
            mend = f"have it {_does(asked)} again"
            yield Finding(Weight.BREAKS, "comment-inverted", comment.line, new.id, what, mend)
        elif old_words.language == new_words.language and before.text != comment.text:
            what = f"the comment on `{comment.about}` became `{comment.text}` (it was `{before.text}`)"
            yield Finding(Weight.REMARK, "comment", comment.line, new.id, what)
        elif asked and not asks:
            what = f"the other page has `{comment.about}` {_does(asked)}; what the comment here says was not understood"
            yield Finding(Weight.REMARK, "comment", comment.line, new.id, what, "have it read by a person")
    for before in remaining:
        if old_words.polarity(before.text):
            asked = _does(old_words.polarity(before.text))
            what = f"the comment of line {before.line} on `{before.about}` is missing, which has it {asked}"
            yield Finding(Weight.MISLEADS, "comment", new.line, new.id, what, "add the comment")


def _configuration(old: str, new: str, block: Block, start: int = 0) -> Iterator[Finding]:
    one, other = _keys(old), _keys(new)
    if one is None or other is None:
        return
    for key in [*one, *(key for key in other if key not in one)]:
        before, after = one.get(key), other.get(key)
        if before == after:
            continue
        name = key.split(".")[-1].split("[")[0]
        lines = new.splitlines()
        line = next((number for number, text in enumerate(lines) if name and name in text), 0)
        what = f"{key}: {before or '(nothing)'} became {after or '(nothing)'}"
        yield Finding(Weight.MISLEADS, "configuration", block.line + start + line, block.id, what)


def _text(old: Block, new: Block) -> Iterator[Finding]:
    if [_plain(word) for word in old.bare.split()] == [_plain(word) for word in new.bare.split()]:
        what = f"placeholders or quotes are written otherwise than on line {old.line}"
        yield Finding(Weight.REMARK, "text", new.line, new.id, what)
        return
    found = difflib.ndiff(old.bare.splitlines(), new.bare.splitlines())
    lines = [line for line in found if line[:1] in "+-"]
    if lines:
        shown = "; ".join(f"`{line}`" for line in lines[:_LINES])
        more = f" and {len(lines) - _LINES} more" if len(lines) > _LINES else ""
        yield Finding(Weight.MISLEADS, "text", new.line, new.id, f"differs from line {old.line}: {shown}{more}")


def _keys(text: str) -> dict[str, str] | None:
    try:
        documents = [each for each in yaml.safe_load_all(text) if each is not None]
    except yaml.YAMLError:
        return None
    if not all(isinstance(each, dict) for each in documents):
        return None
    return {
        key: value
        for number, each in enumerate(documents)
        for key, value in _flat(each, f"{number + 1}:" if number else "")
    }


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}" if key and not key.endswith(":") else f"{key}{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _flat(each, f"{key}[{number}]")
    else:
        yield key, str(value)


def _likeness(one: Command, other: Command) -> float:
    before, after = (
        {_plain(word) for word in (*each.words, *(name for name, _ in each.assigns))} for each in (one, other)
    )
    shared = len(before & after) / max(len(before | after), 1)
    return shared + 0.5 if shared == 1 else shared if shared > 0.25 else 0.0


def _same_target(one: Comment, other: Comment) -> bool:
    return bool(one.about) and one.about.split() == other.about.split()


def _plain(word: str) -> str:
    return word.strip("<>\"'")


def _does(polarity: str) -> str:
    return "skipped" if polarity == SKIP else "run"
