"""Placeholders: explained and used nowhere, used and explained nowhere, assigned and never read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doccheck.drift.checks.typed import typed
from doccheck.drift.finding import Finding, Weight
from doccheck.pages.block import Block, Kind, Page

_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_BARE = re.compile(rf"(?<![\w${{]){_NAME}(?![\w}}=])")
_ANGLED = re.compile(r"<([A-Za-z][\w-]*)>")
_EXPLAINED = re.compile(rf"\$?\{{?({_NAME}|[A-Z][A-Z0-9]+)\}}?=?")
_READ = re.compile(r"\$\{?[!#]?(\w+)")
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\b")
_PROSE = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)
# What a login shell brings with it.
_INHERITED = frozenset(("HOME", "USER", "PATH", "PWD", "SHELL", "HOSTNAME", "SSH_AUTH_SOCK", "SUDO_USER", "KUBECONFIG"))


def check(page: Page) -> Iterator[Finding]:
    """Every placeholder and shell variable that goes nowhere, or comes from nowhere."""
    code = [block for block in page.blocks if block.kind in (Kind.COMMAND, Kind.CONFIG)]
    explained = _explained(page)
    assigned = _assigned(page)
    used = {name: block for block in reversed(code) for name in _placeholders(block)}
    read = {name: block for block in reversed(code) for name in _READ.findall(block.text)}
    everywhere = "\n".join(block.text for block in page.blocks if block.kind.code)
    for name, block in explained.items():
        if "_" in name and not re.search(rf"\b{name}\b", everywhere):  # SIGTERM is no placeholder
            what = f"`{name}` is explained here and used in no command"
            yield Finding(Weight.MISLEADS, "placeholder", block.line, block.id, what, "remove it, or use it")
    for name, block in used.items():
        if name not in explained and name not in assigned:
            what = f"`{name}` is used here and explained nowhere"
            yield Finding(Weight.REMARK, "placeholder", _line(block, name), block.id, what, "say what to put there")
    for name, block in assigned.items():
        if name not in read and name not in _INHERITED:  # which programs read by themselves
            what = f"`{name}` is set here and used nowhere"
            yield Finding(Weight.REMARK, "placeholder", _line(block, name), block.id, what, "remove it, or use it")
    for name, block in read.items():
        if name not in assigned and name not in explained and name not in _INHERITED:
            what = f"`${name}` is used here and set nowhere on this page"
            yield Finding(Weight.MISLEADS, "placeholder", _line(block, name), block.id, what, "have it set before")


def _explained(page: Page) -> dict[str, Block]:
    found: dict[str, Block] = {}
    for block in page.of_kind(*_PROSE):
        for mention in (*block.mentions, block.text.strip()):  # plain text has no code spans
            match = _EXPLAINED.fullmatch(mention)
            if match and match[1] not in _INHERITED:
                found.setdefault(match[1], block)
    return found


def _assigned(page: Page) -> dict[str, Block]:
    found: dict[str, Block] = {}
    for each in typed(page):
        for name, _ in each.command.assigns:
            if each.command.declares:
                found.setdefault(name.split("[")[0], each.block)
    for block in page.commands:
        for name in _LOOP.findall(block.text):
            found.setdefault(name, block)
    return found


def _placeholders(block: Block) -> list[str]:
    return list(dict.fromkeys([*_BARE.findall(block.bare), *_ANGLED.findall(block.bare)]))


def _line(block: Block, name: str) -> int:
    lines = block.text.splitlines()
    return block.line + next((number for number, line in enumerate(lines) if name in line), 0)
