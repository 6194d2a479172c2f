"""A piece of code in two editions: commands and their flags, configuration by keys, comments by what they ask for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from documentation.drift import spellings, texts, translated_code, translated_comments
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import RUN, SKIP, Words
from documentation.pages import shell
from documentation.pages.align import Pair, pair
from documentation.pages.block import Block, Comment, Kind
from documentation.pages.shell import Command, Script

Document = tuple[int, str]


def changed(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between a block and its counterpart."""
    yield from _comments(old, new, old_words, new_words)
    if old_words.language != new_words.language:
        new = translated_code.as_original(old, new)
        if Kind.OUTPUT is old.kind is new.kind and translated_code.prints_the_same(old, new):
            return
    if old.hash == new.hash:
        return
    if Kind.COMMAND is old.kind is new.kind:
        found = list(_script(old, new, revised=old_words.language == new_words.language))
        yield from found or texts.spelled_otherwise(new, new.line)
    elif Kind.CONFIG is old.kind is new.kind and (found := list(texts.configuration(old.bare, new.bare, new))):
        yield from found
    else:
        yield from texts.lines(old.bare.splitlines(), new.bare.splitlines(), new, new.line)


def added(commands: Iterable[Command], *, revised: bool) -> Weight:
    """How much it weighs that commands are new: a later edition may add some that take nothing away."""
    return Weight.REMARK if revised and not any(map(spellings.removes, commands)) else Weight.MISLEADS


def _translated_comments(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    pairs = translated_comments.paired(old.comments, new.comments)
    for before, after in pairs:
        if before and after:
            wanted = translated_comments.wanted(old, before, old_words)
            asks = translated_comments.wanted(new, after, new_words)
            if translated_comments.inverted(wanted, asks):
                yield from comment_inverted(before, after, wanted, asks, new)
            elif wanted and not asks and before.text != after.text:
                yield from comment_changed(before, after, new, old_words, new_words)
    for before in translated_comments.lost(pairs):
        if wanted := translated_comments.wanted(old, before, old_words):
            yield from comment_missing(before, wanted, new)


def _comments(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    if old_words.language != new_words.language:
        yield from _translated_comments(old, new, old_words, new_words)
        return
    remaining = list(old.comments)
    for comment in new.comments:
        before = next((each for each in remaining if _same_target(each, comment)), None)
        if before is not None:
            remaining.remove(before)
            wanted, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
            if {wanted, asks} == {SKIP, RUN}:
                yield from comment_inverted(before, comment, wanted, asks, new)
            elif before.text != comment.text:
                yield from comment_changed(before, comment, new, old_words, new_words)
    for before in remaining:
        if wanted := old_words.polarity(before.text):
            yield from comment_missing(before, wanted, new)


@rule("comment-inverted", Weight.BREAKS, Needs.OTHER_PAGE)
def comment_inverted(before: Comment, comment: Comment, wanted: str, asks: str, new: Block) -> Iterator[Found]:
    """A comment that has a command skipped on one page, and run on the other."""
    lines = f"line {before.line} of the other page has it {_does(wanted)}, this one has it {_does(asks)}"
    what = f"the comment on `{comment.about}` is inverted: {lines}"
    yield Found(comment.line, new.id, what, f"have it {_does(wanted)} again")


@rule("comment", Weight.REMARK, Needs.OTHER_PAGE)
def comment_changed(
    before: Comment, comment: Comment, new: Block, old_words: Words, new_words: Words
) -> Iterator[Found]:
    """A comment in other words; it misleads where they no longer say what to do with the command."""
    same_language = old_words.language == new_words.language
    wanted, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
    if wanted and not asks:
        language = new_words.language
        why = "was not understood" if new_words.known else f"was not compared: no words of {language} are known"
        what = f"the other page has `{comment.about}` {_does(wanted)}; what the comment here says {why}"
        weight = Weight.MISLEADS if same_language else None
        yield Found(comment.line, new.id, what, "have it read by a person", weight=weight)
    elif same_language:
        what = f"the comment on `{comment.about}` became `{comment.text}` (it was `{before.text}`)"
        yield Found(comment.line, new.id, what)


@rule("comment", Weight.MISLEADS, Needs.OTHER_PAGE)
def comment_missing(before: Comment, wanted: str, new: Block) -> Iterator[Found]:
    """A comment that says what to do with a command, and that the new page does not have."""
    what = f"the comment of line {before.line} on `{before.about}` is missing, which has it {_does(wanted)}"
    yield Found(new.line, new.id, what, "add the comment")


def _same_target(one: Comment, other: Comment) -> bool:
    same = spellings.of(one.about.split()) == spellings.of(other.about.split())
    return one.text == other.text or (bool(one.about) and same)


def _does(polarity: str) -> str:
    return "skipped" if polarity == SKIP else "run"


def _script(old: Block, new: Block, *, revised: bool) -> Iterator[Finding]:
    """What differs between two blocks of commands; `revised` says that they are editions of one language."""
    one, other = shell.parse(old.text), shell.parse(new.text)
    pairs = _pairs(one, other, old.text.splitlines(), new.text.splitlines())
    yield from command_changed(pairs, old, new, revised=revised)
    reported = {
        line for before, after in pairs if before and after and _misleads(before, after) for line in _span(after)
    }
    for before, after in pair(one.documents, other.documents, _alike):
        if before and after and (found := list(texts.configuration(before[1], after[1], new, after[0]))):
            yield from found
            reported |= _body(after)
    gone = _of(one, [before for before, after in pairs if before and not after])
    come = _of(other, [after for before, after in pairs if after and not before])
    yield from texts.rest(texts.typed(old, gone), texts.typed(new, come), new, reported)


def _pairs(one: Script, other: Script, old: list[str], new: list[str]) -> list[Pair[Command]]:
    """Commands that belong together; where several are as like, as `cat` is to `cat`, their lines decide."""

    def likeness(before: Command, after: Command) -> float:
        alike = _likeness(before, after)
        return alike + _shared({*old[before.line].split()}, {*new[after.line].split()}) / 10 if alike else 0.0

    return pair(one.commands, other.commands, likeness)


@rule("command", Weight.MISLEADS, Needs.OTHER_PAGE)
def command_changed(pairs: list[Pair[Command]], old: Block, new: Block, *, revised: bool) -> Iterator[Found]:
    """Commands that are missing, new, or have become others."""
    line = new.line
    for before, after in pairs:
        line = new.line + after.line if after else line
        if before and after:
            for each in _differences(before, after):
                yield Found(line, new.id, each.what, each.fix, weight=each.weight)
        elif before:
            what = f"`{_shown(before, old)}` is missing (line {old.line + before.line} has it)"
            yield Found(line, new.id, what, f"add it near line {line}")
        elif after:
            fix = "check that it belongs here" if revised else "remove it, or bring it to the other page"
            what = f"`{_shown(after, new)}` is not on the other page"
            yield Found(line, new.id, what, fix, weight=added([after], revised=revised))


@dataclass(frozen=True)
class _Difference:
    """One way in which a command became another one."""

    what: str
    fix: str = ""
    weight: Weight = Weight.MISLEADS


def _differences(old: Command, new: Command) -> Iterator[_Difference]:
    before, after = spellings.out(old), spellings.out(new)
    became, was = f"`{old}` became `{new}`", f"it was `{old}`"
    if spellings.same(before, after):
        return
    if new.sudo and not old.sudo and spellings.same(before, replace(after, words=after.bare)):
        yield _Difference(became, weight=Weight.REMARK)
        return
    if before.program != after.program:
        yield _Difference(became)
        return
    gone = [flag for flag in before.flags if flag not in after.flags]
    come = [flag for flag in after.flags if flag not in before.flags]
    if len(gone) == len(come) == 1:
        yield _Difference(f"flag {gone[0]} became {come[0]} in `{new}`", was)
    else:
        yield from (_Difference(f"flag {flag} is gone from `{new}`", was) for flag in gone)
        yield from (_Difference(f"flag {flag} is new in `{new}`", was) for flag in come)
    if _without(before, gone) != _without(after, come) or before.assigns != after.assigns:
        yield _Difference(became)


def _misleads(old: Command, new: Command) -> bool:
    return any(each.weight > Weight.REMARK for each in _differences(old, new))


def _shown(command: Command, block: Block) -> str:
    """A command; its whole line where the program alone says nothing, as in `cat << EOF > file`."""
    alone = len(command.words) == 1 and not command.assigns
    return block.text.splitlines()[command.line].strip() if alone else f"{command}"


def _without(command: Command, flags: list[str]) -> spellings.Spelled:
    return spellings.of(word for word in command.words if word.partition("=")[0] not in flags)


def _of(script: Script, commands: list[Command]) -> set[int]:
    """The lines of commands, and of the here-documents that they read, from 0."""
    found: set[int] = set()
    for command in commands:
        found |= {*_span(command)}
        found |= {line for each in script.documents if each[0] == command.end + 1 for line in _body(each)}
    return found - {other.line for other in script.commands if other not in commands}


def _span(command: Command) -> range:
    return range(command.line, command.end + 1)


def _body(document: Document) -> set[int]:
    """Its lines, and the one that ends it."""
    return set(range(document[0], document[0] + len(document[1].splitlines()) + 1))


def _likeness(one: Command, other: Command) -> float:
    before, after = ({*each.words, *(name for name, _ in each.assigns)} for each in map(spellings.out, (one, other)))
    shared = _shared(before, after)
    return shared + 0.5 if shared == 1 else shared if shared > 0.25 else 0.0


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _alike(one: Document, other: Document) -> float:
    return difflib.SequenceMatcher(None, one[1].split(), other[1].split(), autojunk=False).ratio()
