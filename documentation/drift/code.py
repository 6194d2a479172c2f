"""A piece of code in two editions: commands and their flags, configuration by keys, comments by what they ask for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from documentation.drift import texts
from documentation.drift.finding import Finding, Weight
from documentation.drift.words import RUN, SKIP, Words
from documentation.pages import shell
from documentation.pages.align import pair
from documentation.pages.block import Block, Comment, Kind
from documentation.pages.shell import Command


def changed(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between a block and its counterpart."""
    yield from _comments(old, new, old_words, new_words)
    if old.hash == new.hash:
        return
    if Kind.COMMAND is old.kind is new.kind:
        found = list(_commands(old, new))
        yield from found
        yield from _rest(old, new, found)
    elif Kind.CONFIG is old.kind is new.kind and (found := list(texts.configuration(old.bare, new.bare, new))):
        yield from found
    else:
        yield from texts.lines(old.bare.splitlines(), new.bare.splitlines(), new, new.line)


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
        yield from texts.configuration(before_text, after_text, new, start)


def _command(old: Command, new: Command) -> Iterator[tuple[str, str]]:
    before, after = [texts.plain(word) for word in old.words], [texts.plain(word) for word in new.words]
    gone, come = [[flag for flag in one.flags if flag not in two.flags] for one, two in ((old, new), (new, old))]
    if old.program != new.program:
        yield f"`{old}` became `{new}`", ""
        return
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
        elif before.text == comment.text:
            continue
        elif asked and not asks:
            what = f"the other page has `{comment.about}` {_does(asked)}; what the comment here says was not understood"
            weight = Weight.MISLEADS if old_words.language == new_words.language else Weight.REMARK
            yield Finding(weight, "comment", comment.line, new.id, what, "have it read by a person")
        elif old_words.language == new_words.language:
            what = f"the comment on `{comment.about}` became `{comment.text}` (it was `{before.text}`)"
            yield Finding(Weight.REMARK, "comment", comment.line, new.id, what)
    for before in remaining:
        if old_words.polarity(before.text):
            asked = _does(old_words.polarity(before.text))
            what = f"the comment of line {before.line} on `{before.about}` is missing, which has it {asked}"
            yield Finding(Weight.MISLEADS, "comment", new.line, new.id, what, "add the comment")


def _rest(old: Block, new: Block, found: list[Finding]) -> Iterator[Finding]:
    """Lines that changed without any command having: redirections, loops, texts that are no configuration."""
    told = {finding.line for finding in found}
    for command in shell.parse(new.text).commands:  # one that was told of may go on for lines
        if new.line + command.line in told:
            told |= set(range(new.line + command.line, new.line + command.end + 1))
    gone = {int(number) for finding in found for number in re.findall(r"\(line (\d+) has it\)", finding.what)}
    before, after = (_bare_lines(block) for block in (old, new))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        lines = range(new.line + first, new.line + last)
        removed = range(old.line + start, old.line + stop)
        if kind == "equal" or told & set(lines) or (not lines and gone & set(removed)):
            continue
        yield from texts.lines(before[start:stop], after[first:last], new, new.line + first)


def _bare_lines(block: Block) -> list[str]:
    """The block's lines without comments; as many as it has, so that their numbers are the page's."""
    lines = block.text.splitlines()
    for comment in block.comments:
        lines[comment.line - block.line] = lines[comment.line - block.line].removesuffix(comment.text)
    return [line.rstrip() for line in lines]


def _likeness(one: Command, other: Command) -> float:
    before, after = (
        {texts.plain(word) for word in (*each.words, *(name for name, _ in each.assigns))} for each in (one, other)
    )
    shared = len(before & after) / max(len(before | after), 1)
    return shared + 0.5 if shared == 1 else shared if shared > 0.25 else 0.0


def _same_target(one: Comment, other: Comment) -> bool:
    return one.text == other.text or (bool(one.about) and one.about.split() == other.about.split())


def _does(polarity: str) -> str:
    return "skipped" if polarity == SKIP else "run"
