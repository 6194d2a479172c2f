"""How one command became another one: flags that came, went or have another name, and everything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from documentation.drift import spellings, succession
from documentation.drift.revision import Change, Editions
from documentation.findings.rules import Weight
from documentation.pages.shell import Command


@dataclass(frozen=True)
class Difference:
    """One way in which a command became another one."""

    what: str
    fix: str = ""
    weight: Weight = Weight.MISLEADS


def differences(old: Command, new: Command, editions: Editions) -> Iterator[Difference]:
    """What differs between two commands.

    What a later edition may well do is a remark there, unless the command takes something away or checks less.
    """
    before, after = spellings.out(old), spellings.out(new)
    if spellings.same(before, after):
        return
    sudo = new.sudo and not old.sudo and spellings.same(before, replace(after, words=after.bare))
    change = editions.change(f"{old}", f"{new}")
    come = [flag for flag in after.flags if flag not in before.flags]
    grown = all(flag in after.flags for flag in before.flags) and before.assigns == after.assigns
    if grown and _without(after, come, before) == spellings.of(before.words):
        change = Change.ADDED
    careful = spellings.removes(new) or any(map(succession.loosens, come))
    careful = careful and change is Change.ADDED
    revises = change.revises or editions.given_up(f"{old}") or editions.another_program(before, after)
    weight = Weight.REMARK if sudo or (editions.revised and revises and not careful) else Weight.MISLEADS
    yield from (replace(each, weight=weight) for each in _differences(old, new, change, sudo=sudo))


def _differences(old: Command, new: Command, change: Change, *, sudo: bool) -> Iterator[Difference]:
    before, after = spellings.out(old), spellings.out(new)
    became, was = f"`{old}` became `{new}`{_newer(change)}", f"it was `{old}`"
    if sudo or before.program != after.program:
        yield Difference(became)
        return
    gone = [flag for flag in before.flags if flag not in after.flags]
    come = [flag for flag in after.flags if flag not in before.flags]
    if len(gone) == len(come) == 1:
        yield Difference(f"flag {gone[0]} became {come[0]} in `{new}`{_newer(change)}", was)
    elif gone or come:
        yield Difference(f"{_came_and_went(gone, come, new)}{_newer(change)}", was)
    if _without(before, gone, after) != _without(after, come, before) or before.assigns != after.assigns:
        yield Difference(became)


def _newer(change: Change) -> str:
    return {Change.NEWER: ", which is newer", Change.OLDER: ", which is older"}.get(change, "")


def _came_and_went(gone: list[str], come: list[str], new: Command) -> str:
    went = f"{_named(gone)} gone from `{new}`" if gone else ""
    came = f"{_named(come)} new in `{new}`" if come else ""
    return ", and ".join(each for each in (went, came) if each)


def _named(flags: list[str]) -> str:
    if len(flags) == 1:
        return f"flag {flags[0]} is"
    return f"flags {', '.join(flags[:-1])} and {flags[-1]} are"


def _without(command: Command, flags: list[str], other: Command) -> spellings.Spelled:
    """The words without some flags, and without the values that follow these and that the other command has not."""
    kept: list[str] = []
    behind = False
    for word in command.words:
        if word.partition("=")[0] not in flags and not (behind and word not in other.words):
            kept.append(word)
        behind = word in flags
    return spellings.of(kept)
