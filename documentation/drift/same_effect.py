"""Commands that a later edition divides in two: what the new script has beside them does the rest.

The parts of it are reported by themselves, as new. Taken back, each part is something that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from documentation.drift import spellings
from documentation.pages.align import Pair
from documentation.pages.shell import Command, Script

_INTO = ("-o", "--output")  # of curl and others: the file that they write


def divided(pairs: Sequence[Pair[Command]], script: Script) -> list[Pair[Command]]:
    """The pairs, in which an old command has no more than its counterpart in the new script has to do."""
    come = [after for before, after in pairs if after and not before]
    return [(_rest(before, after, script, come) if before and after else before, after) for before, after in pairs]


def _rest(old: Command, new: Command, script: Script, come: Sequence[Command]) -> Command:
    return new if _is_piped_on(old, new, come) else _without_exported(old, new, script)


def _without_exported(old: Command, new: Command, script: Script) -> Command:
    """The old command without the variables that stood before it, and that the new script exports above its own."""
    if old.declares or not old.assigns:
        return old
    above = (each for each in script.commands if each.words[:1] == ("export",) and each.line < new.line)
    exported = {assign for each in above for assign in spellings.out(each).assigns}
    return replace(old, assigns=tuple(each for each in spellings.out(old).assigns if each not in exported))


def _is_piped_on(old: Command, new: Command, come: Sequence[Command]) -> bool:
    """Whether the new command prints what the old one wrote into a file, and a new one on its line names that file.

    The one that writes the file has to be root where the old one was.
    """
    before, after = spellings.out(old), spellings.out(new)
    words = list(before.bare)
    at = next((number for number, word in enumerate(words[:-1]) if word in _INTO), None)
    if at is None:
        return False
    file = words[at + 1]
    del words[at : at + 2]
    writes = any(file in each.words and each.line == new.end and each.sudo >= old.sudo for each in come)
    return writes and spellings.of(words) == spellings.of(after.bare)
