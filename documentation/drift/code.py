"""A piece of code in two editions: commands and their flags, configuration by keys, comments, and any other line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from documentation.drift import commands, comments, configurations, same_effect, spellings, texts, translated_code
from documentation.drift.configurations import Text
from documentation.drift.revision import Editions
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import Words
from documentation.pages import shell
from documentation.pages.align import Pair, pair
from documentation.pages.block import Block, Kind
from documentation.pages.shell import Command, Script

Document = tuple[int, str]


def changed(old: Block, new: Block, old_words: Words, new_words: Words, editions: Editions) -> Iterator[Finding]:
    """What differs between a block and its counterpart."""
    yield from comments.changed(old, new, old_words, new_words)
    if old_words.language != new_words.language:
        new = translated_code.as_original(old, new)
        if Kind.OUTPUT is old.kind is new.kind and translated_code.prints_the_same(old, new):
            return
    if old.hash == new.hash:
        return
    newer = editions.newer(old.bare, new.bare)
    for each in _code(old, new, editions):
        # What changes together with a version belongs to that release, and is for its writer to know.
        yield replace(each, weight=Weight.REMARK) if newer and each.weight is Weight.MISLEADS else each


def _code(old: Block, new: Block, editions: Editions) -> Iterator[Finding]:
    if Kind.COMMAND is old.kind is new.kind:
        found = list(_script(old, new, editions))
        yield from found or texts.spelled_otherwise(new, new.line)
    elif Kind.CONFIG is old.kind is new.kind:
        yield from configurations.changed(Text(old.text, old, old.line), Text(new.text, new, new.line), editions)
    else:
        yield from texts.lines(old.bare.splitlines(), new.bare.splitlines(), new, new.line, editions)


def added(typed: Iterable[Command], editions: Editions) -> Weight:
    """How much it weighs that commands are new: a later edition may add some that take nothing away."""
    return Weight.REMARK if editions.revised and not takes_away(typed, editions) else Weight.MISLEADS


def takes_away(typed: Iterable[Command], editions: Editions) -> bool:
    """Whether a command takes something away, and has not only moved here."""
    return any(spellings.removes(each) and editions.adds(each) for each in typed)


def commands_of(block: Block) -> tuple[Command, ...]:
    """The commands of a block of commands."""
    return shell.parse(block.text).commands if block.kind is Kind.COMMAND else ()


def applies_from_elsewhere(block: Block) -> bool:
    """Whether all that a block does is to apply manifests of another site, as of a network plugin."""
    typed = commands_of(block)
    return bool(typed) and all(re.match(r"kubectl (?:apply|create) .*https?://", " ".join(each.bare)) for each in typed)


def _script(old: Block, new: Block, editions: Editions) -> Iterator[Finding]:
    """What differs between two blocks of commands."""
    old, new = (replace(each, text=spellings.separate(each.text)) for each in (old, new))
    one, other = shell.parse(old.text), shell.parse(new.text)
    pairs = _pairs(one, other, old.text.splitlines(), new.text.splitlines())
    lines = {after.line for before, after in pairs if before and after and _are_lines(before, old, after, new)}
    pairs = same_effect.divided(pairs, other) if editions.revised else pairs
    lines |= {after.line for before, after in pairs if before is after and after}  # its pipe is reported
    yield from command_changed(pairs, old, new, editions)
    misleading, noted = (_lines_of(pairs, weight, editions) for weight in (Weight.MISLEADS, Weight.REMARK))
    misleading |= lines
    for before, after in pair(one.documents, other.documents, _alike):
        if before and after and before[1] != after[1]:
            was, now = Text(before[1], old, old.line + before[0]), Text(after[1], new, new.line + after[0])
            found = list(configurations.by_keys(was, now, editions))
            yield from found
            misleading |= _body(after) if found else set()
    gone = _of(one, [before for before, after in pairs if before and not after])
    come = _of(other, [after for before, after in pairs if after and not before])
    yield from texts.rest(texts.typed(old, gone), texts.typed(new, come), new, (misleading, noted), editions)


def _pairs(one: Script, other: Script, old: list[str], new: list[str]) -> list[Pair[Command]]:
    """Commands that belong together; where several are as like, as `cat` is to `cat`, their lines decide."""

    def likeness(before: Command, after: Command) -> float:
        alike = _likeness(before, after)
        return alike + _shared({*old[before.line].split()}, {*new[after.line].split()}) / 10 if alike else 0.0

    return pair(one.commands, other.commands, likeness)


@rule("command", Weight.MISLEADS, Needs.OTHER_PAGE)
def command_changed(pairs: list[Pair[Command]], old: Block, new: Block, editions: Editions) -> Iterator[Found]:
    """Commands that are missing, new, or have become others."""
    line = new.line
    come = [after for before, after in pairs if after and not before]
    for before, after in pairs:
        line = new.line + after.line if after else line
        if before and after:
            for each in commands.differences(before, after, editions):
                yield Found(line, new.id, each.what, each.fix, weight=each.weight)
        elif before:
            why = "" if _alike_ones(before, come) else editions.why_gone(old, before, shell.parse(old.text))
            why = why or (", and was no command" if editions.revised and _is_markup(before, old) else "")
            what = f"`{_shown(before, old)}` is missing{why} (line {old.line + before.line} has it)"
            yield Found(line, new.id, what, f"add it near line {line}", weight=Weight.REMARK if why else None)
        elif after:
            fix = "check that it belongs here" if editions.revised else "remove it, or bring it to the other page"
            what = f"`{_shown(after, new)}` is not on the other page"
            yield Found(line, new.id, what, fix, weight=added([after], editions))


def _is_markup(command: Command, block: Block) -> bool:
    """Whether its line is a fence or a shortcode, in a block of code that did not end before it."""
    return block.text.splitlines()[command.line].lstrip().startswith(("```", "~~~", "{{<", "{{%"))


def _alike_ones(command: Command, others: list[Command]) -> bool:
    """Whether one of them is the same: it is in another place of the same script."""
    return any(spellings.same(command, each) for each in others)


def _lines_of(pairs: list[Pair[Command]], weight: Weight, editions: Editions) -> set[int]:
    """The lines of the new commands of which something of this weight, or of a greater one, is reported."""
    return {
        line
        for before, after in pairs
        if before and after
        and any(each.weight >= weight for each in commands.differences(before, after, editions))
        for line in _span(after)
    }  # fmt: skip


def _are_lines(before: Command, old: Block, after: Command, new: Block) -> bool:
    """Whether two commands are all that their lines have, so that nothing is left to say of these."""
    return all(_typed(each, block) == f"{each}".split() for each, block in ((before, old), (after, new)))


def _typed(command: Command, block: Block) -> list[str]:
    """The words of a command's lines, which may go on behind backslashes."""
    return " ".join(block.text.splitlines()[each].removesuffix("\\") for each in _span(command)).split()


def _shown(command: Command, block: Block) -> str:
    """A command; its whole line where the program alone says nothing, as in `cat << EOF > file`."""
    alone = len(command.words) == 1 and not command.assigns
    return block.text.splitlines()[command.line].strip() if alone else f"{command}"


def _of(script: Script, commands: list[Command]) -> set[int]:
    """The lines of commands, and of the here-documents that they read, from 0."""
    found: set[int] = set()
    for command in commands:
        found |= {*_span(command)}
        beside = [other for other in script.commands if other not in commands and other.end == command.end]
        read = [each for each in script.documents if each[0] == command.end + 1 and not beside]
        found |= {line for each in read for line in _body(each)}
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
