"""Example addresses: one that stands for two machines, and ranges that hold an example's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Page
from documentation.pages.shell import simple_commands

_ADDRESS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d./])")
_RANGE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})(?!\d)")
_EVERYWHERE = ("127.0.0.1", "0.0.0.0")


@rule("address", Weight.MISLEADS)
def one_example_for_two_machines(page: Page) -> Iterator[Found]:
    """An address that one command uses for one machine, and another command for another."""
    roles: dict[str, dict[str, tuple[int, Block]]] = {}
    for each in simple_commands(page):
        named = [(f"`{name}`", value) for name, value in each.command.assigns]
        operands = " ".join(each.command.words) if not each.command.assigns else ""
        for role, value in [*named, (f"the argument of `{each.command.program}`", operands)]:
            for address in _ADDRESS.findall(value):
                roles.setdefault(address, {}).setdefault(role, (each.line, each.block))
    for address, found in roles.items():
        if len(found) > 1 and address not in _EVERYWHERE:
            (_, first), (line, block), *more = found.values()
            where = ", ".join(f"{role} (line {at})" for role, (at, _) in found.items())
            yield Found(
                line, block.id,
                f"the example {address} stands for different machines: {where}",
                "give each machine an address of its own",
                others=tuple(each.id for each in (first, *(each for _, each in more))),
                about=f"{address} stands for {', '.join(found)}",
            )  # fmt: skip


@rule("address", Weight.MISLEADS)
def a_range_that_holds_an_example(page: Page) -> Iterator[Found]:
    """A range, of pods or services, in which an address lies that the page's commands use for a machine."""
    used: dict[str, Block] = {}
    for block in page.blocks:
        if block.kind.code:
            used |= {address: block for address in _ADDRESS.findall(block.text) if address not in _EVERYWHERE}
    for block in page.blocks:
        for text in dict.fromkeys(_RANGE.findall(block.text)):
            inside = [address for address in used if _is_in(address, text)]
            if inside:
                what = f"the range {text} holds {', '.join(inside)}, an address that the page's commands use"
                yield Found(block.line, block.id, what, "use ranges that do not overlap")


def _is_in(address: str, text: str) -> bool:
    try:
        return IPv4Address(address) in IPv4Network(text, strict=False)
    except ValueError:
        return False
