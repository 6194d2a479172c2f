"""Commands that every shell runs, and that do something else than they say: values too late, units without a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documentation.checks.links import listed
from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Page
from documentation.pages.shell import base, simple_commands

_TAKING = "DFMSUcgnoptu"  # flags of journalctl whose value is the next word; `-b` may do without one
_GAP = re.compile(r"https?://[^\s/]+/(?:[^\s:]*/)?/")
_UNIT = re.compile(r"[a-z][a-z-]*(?:\.service)?")  # no FIELD=VALUE, no path, no placeholder


@rule("script", Weight.MISLEADS)
def a_value_for_a_program_alone(page: Page) -> Iterator[Found]:
    """`VERSION=1 curl $VERSION`: the shell puts the value in before the program gets it; a `;` is missing."""
    commands = simple_commands(page)
    kept = {name for each in commands if each.command.declares for name, _ in each.command.assigns}
    for each in commands:
        for name, _ in () if each.command.declares else each.command.assigns:
            words = [word for word in each.command.words if not word.startswith("'")]
            if name not in kept and any(re.search(rf"\$\{{?{name}\b", word) for word in words):
                what = f"`{name}` is set for `{each.command.program}` alone, and `${name}` is empty in its own words"
                yield Found(each.line, each.block.id, what, f"write `{name}=…; {each.command.program} …`")


@rule("script", Weight.BREAKS)
def a_unit_without_its_flag(page: Page) -> Iterator[Found]:
    """`journalctl kubelet`, `journalctl -ul docker`: a unit stands behind `-u`, and journalctl refuses it elsewhere."""
    for each in simple_commands(page):
        if base(each.command.program) == "journalctl":
            for word in _operands(each.command.bare[1:]):
                what = f"journalctl refuses `{word}`, which does not follow a flag that takes a unit"
                yield Found(each.line, each.block.id, what, f"write `-u {word}`")


@rule("script", Weight.MISLEADS)
def an_address_with_a_gap(page: Page) -> Iterator[Found]:
    """Two slashes in the middle of an address: what a variable stood for is lost."""
    for each in simple_commands(page):
        for address in (word for word in each.command.words if _GAP.search(word)):
            what = f"`{address}` has nothing between two slashes"
            yield Found(each.line, each.block.id, what, "write what stands there")


@rule("gone", Weight.MISLEADS)
def a_program_that_is_gone(page: Page) -> Iterator[Found]:
    """A command that gone.toml says which systems have no more."""
    for each in simple_commands(page):
        if each.command.program in listed().programs:
            what, _, fix = listed().programs[each.command.program].partition("; ")
            yield Found(each.line, each.block.id, f"{each.command.program} {what}", fix)


def _operands(words: Sequence[str]) -> Iterator[str]:
    """What may be the name of a unit, and follows no flag that takes one; a long flag may take any word."""
    for before, word in zip(("", *words), words, strict=False):
        short = re.fullmatch(r"-[A-Za-z]*([A-Za-z])", before)
        bundled = re.search(f"[{_TAKING}].", before[1:]) if short else None
        taken = bool(short and short[1] in _TAKING and not bundled) or (before.startswith("--") and "=" not in before)
        if not taken and _UNIT.fullmatch(word):
            yield word
