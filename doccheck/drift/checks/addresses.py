"""Example addresses: one that stands for two machines, and ranges that hold an example's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from doccheck.drift.checks.typed import typed
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block, Page

_ADDRESS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d./])")
_RANGE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})(?!\d)")
_EVERYWHERE = ("127.0.0.1", "0.0.0.0")


def check(page: Page) -> Iterator[Finding]:
    """Examples that contradict each other when they are followed to the letter."""
    yield from _shared(page)
    yield from _overlaps(page)


def _shared(page: Page) -> Iterator[Finding]:
    roles: dict[str, dict[str, tuple[int, Block]]] = {}
    for each in typed(page):
        named = [(f"`{name}`", value) for name, value in each.command.assigns]
        operands = " ".join(each.command.words) if not each.command.assigns else ""
        for role, value in [*named, (f"the argument of `{each.command.program}`", operands)]:
            for address in _ADDRESS.findall(value):
                roles.setdefault(address, {}).setdefault(role, (each.line, each.block))
    for address, found in roles.items():
        if len(found) > 1 and address not in _EVERYWHERE:
            (_, first), (line, block), *more = found.values()
            others = tuple(each.id for each in (first, *(each for _, each in more)))
            where = ", ".join(f"{role} (line {at})" for role, (at, _) in found.items())
            what = f"the example {address} stands for different machines: {where}"
            mend = "give each machine an address of its own"
            yield Finding(Weight.MISLEADS, "address", line, block.id, what, mend, others)


def _overlaps(page: Page) -> Iterator[Finding]:
    used: dict[str, Block] = {}
    for block in page.blocks:
        if block.kind.code:
            used |= {address: block for address in _ADDRESS.findall(block.text) if address not in _EVERYWHERE}
    for block in page.blocks:
        for text in dict.fromkeys(_RANGE.findall(block.text)):
            inside = [address for address in used if _is_in(address, text)]
            if inside:
                what = f"the range {text} holds {', '.join(inside)}, an address that the page's commands use"
                yield Finding(Weight.MISLEADS, "address", block.line, block.id, what, "use ranges that do not overlap")


def _is_in(address: str, text: str) -> bool:
    try:
        return IPv4Address(address) in IPv4Network(text, strict=False)
    except ValueError:
        return False
