"""Example addresses: one that stands for two machines, and ranges that hold an example's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from documentation.findings.rules import Found, Weight, rule
from documentation.pages.block import Block, Kind, Page
from documentation.pages.shell import simple_commands

_ADDRESS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d./])")
_RANGE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})(?!\d)")
_REACHING = ("ssh", "scp", "rsync")  # programs that are given a machine's address; others may mean pods
_EVERYWHERE = ("127.0.0.1", "0.0.0.0")
# What names a range of pods or services where it is given. In a range of machines, machines are at home.
_INSIDE = re.compile(r"pod|service|svc|cluster-?cidr|ipv4pool", re.I)
# A configuration's keys for machines, and options of commands for what has to be inside such a range.
_MACHINE = re.compile(r"advertise|bindAddress|endpoint|certSANs|node-?ip|server|nodeName|etcd-servers", re.I)
_SERVED = re.compile(r"dns|cluster-?ip|service|svc|pod", re.I)


@rule("address", Weight.MISLEADS)
def one_example_for_two_machines(page: Page) -> Iterator[Found]:
    """An address that one command uses for one machine, and another command for another."""
    roles: dict[str, dict[str, tuple[int, Block]]] = {}
    commands = simple_commands(page)
    scripts = {each.block.id for each in commands if not each.command.declares}
    for each in (each for each in commands if each.block.id in scripts or each.command.words):
        named = [(f"`{name}`", value) for name, value in each.command.assigns]
        operands = " ".join(each.command.words) if each.command.program in _REACHING else ""
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
    """A range of pods or services, in which an address lies that the page uses for a machine."""
    used = dict.fromkeys(address for address in _of_machines(page) if address not in _EVERYWHERE)
    for block in page.blocks:
        for text in dict.fromkeys(_ranges(block)):
            inside = [address for address in used if _is_in(address, text)]
            if inside:
                what = f"the range {text} holds {', '.join(inside)}, an address that the page's commands use"
                yield Found(block.line_of(text), block.id, what, "use ranges that do not overlap")


def _ranges(block: Block) -> Iterator[str]:
    """The ranges of pods or services: by the line in code, by the sentences around it elsewhere."""
    for line in block.text.split("\n") if block.kind.code else [block.text]:
        if _INSIDE.search(line):
            yield from _RANGE.findall(line)


def _of_machines(page: Page) -> Iterator[str]:
    """The addresses that commands and configurations have for machines, and not for what runs in the cluster."""
    for each in simple_commands(page):
        words = [f"{name}={value}" for name, value in each.command.assigns]
        words += each.command.words if each.command.program in (*_REACHING, "kubeadm") else ()
        yield from (found for word in words if not _SERVED.search(word) for found in _ADDRESS.findall(word))
    for block in page.of_kind(Kind.CONFIG):
        key = ""
        for line in block.bare.split("\n"):
            key = line if ":" in line else key  # items of a list stand below their key
            if _MACHINE.search(key) and not _SERVED.search(key):
                yield from _ADDRESS.findall(line)


def _is_in(address: str, text: str) -> bool:
    try:
        return IPv4Address(address) in IPv4Network(text, strict=False)
    except ValueError:
        return False
