"""Commands in two editions: what is missing, new or changed, and lines that differ without any command having."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from doccheck.drift import spelled, texts
from doccheck.drift.finding import Finding, Weight
from doccheck.pages import shell
from doccheck.pages.align import Pair, pair
from doccheck.pages.block import Block
from doccheck.pages.shell import Command, Script

Document = tuple[int, str]


def changed(old: Block, new: Block, *, revised: bool) -> Iterator[Finding]:
    """What differs between two blocks of commands; `revised` says that they are editions of one language."""
    one, other = shell.parse(old.text), shell.parse(new.text)
    pairs = _pairs(one, other, old.text.splitlines(), new.text.splitlines())
    yield from _told(pairs, old, new, revised=revised)
    told = {line for before, after in pairs if before and after and _misleads(before, after) for line in _span(after)}
    for before, after in pair(one.documents, other.documents, _alike):
        if before and after and (found := list(texts.configuration(before[1], after[1], new, after[0]))):
            yield from found
            told |= _body(after)
    gone = _of(one, [before for before, after in pairs if before and not after])
    come = _of(other, [after for before, after in pairs if after and not before])
    yield from texts.rest(texts.typed(old, gone), texts.typed(new, come), new, told)


def _pairs(one: Script, other: Script, old: list[str], new: list[str]) -> list[Pair[Command]]:
    """Commands that belong together; where several are as like, as `cat` is to `cat`, their lines tell."""

    def likeness(before: Command, after: Command) -> float:
        alike = _likeness(before, after)
        return alike + _shared({*old[before.line].split()}, {*new[after.line].split()}) / 10 if alike else 0.0

    return pair(one.commands, other.commands, likeness)


def added(commands: Iterable[Command], *, revised: bool) -> Weight:
    """What it weighs that commands are new: a later edition may say more, as long as that takes nothing away."""
    return Weight.REMARK if revised and not any(map(spelled.removes, commands)) else Weight.MISLEADS


def _told(pairs: list[Pair[Command]], old: Block, new: Block, *, revised: bool) -> Iterator[Finding]:
    line = new.line
    for before, after in pairs:
        line = new.line + after.line if after else line
        if before and after:
            for weight, what, mend in _command(before, after):
                yield Finding(weight, "command", line, new.id, what, mend)
        elif before:
            what = f"`{_shown(before, old)}` is missing (line {old.line + before.line} has it)"
            yield Finding(Weight.MISLEADS, "command", line, new.id, what, f"add it near line {line}")
        elif after:
            mend = "see that it belongs here" if revised else "remove it, or bring it to the other page"
            what = f"`{_shown(after, new)}` is not on the other page"
            yield Finding(added([after], revised=revised), "command", line, new.id, what, mend)


def _command(old: Command, new: Command) -> Iterator[tuple[Weight, str, str]]:
    before, after = spelled.out(old), spelled.out(new)
    became, was = f"`{old}` became `{new}`", f"it was `{old}`"
    if spelled.same(before, after):
        return
    if new.sudo and not old.sudo and spelled.same(before, replace(after, words=after.bare)):
        yield Weight.REMARK, became, ""
        return
    if before.program != after.program:
        yield Weight.MISLEADS, became, ""
        return
    gone = [flag for flag in before.flags if flag not in after.flags]
    come = [flag for flag in after.flags if flag not in before.flags]
    if len(gone) == len(come) == 1:
        yield Weight.MISLEADS, f"flag {gone[0]} became {come[0]} in `{new}`", was
    else:
        yield from ((Weight.MISLEADS, f"flag {flag} is gone from `{new}`", was) for flag in gone)
        yield from ((Weight.MISLEADS, f"flag {flag} is new in `{new}`", was) for flag in come)
    if _without(before, gone) != _without(after, come) or before.assigns != after.assigns:
        yield Weight.MISLEADS, became, ""


def _misleads(old: Command, new: Command) -> bool:
    return any(weight > Weight.REMARK for weight, _, _ in _command(old, new))


def _shown(command: Command, block: Block) -> str:
    """A command; its whole line where the program alone says nothing, as in `cat << EOF > file`."""
    alone = len(command.words) == 1 and not command.assigns
    return block.text.splitlines()[command.line].strip() if alone else f"{command}"


def _without(command: Command, flags: list[str]) -> spelled.Spelled:
    return spelled.of(word for word in command.words if word.partition("=")[0] not in flags)


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
    before, after = ({*each.words, *(name for name, _ in each.assigns)} for each in map(spelled.out, (one, other)))
    shared = _shared(before, after)
    return shared + 0.5 if shared == 1 else shared if shared > 0.25 else 0.0


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _alike(one: Document, other: Document) -> float:
    return difflib.SequenceMatcher(None, one[1].split(), other[1].split(), autojunk=False).ratio()
