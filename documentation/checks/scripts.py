"""Commands as a shell reads them: scripts that none can read, placeholders and variables that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from documentation.findings.rules import Found, Weight, rule
from documentation.pages import shell
from documentation.pages.block import Block, Kind, Page

_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_BARE = re.compile(rf"(?<![\w${{]){_NAME}(?![\w}}=])")
_ANGLED = re.compile(r"<([A-Za-z][\w-]*)>")
_EXPLAINED = re.compile(rf"\$?\{{?({_NAME}|[A-Z][A-Z0-9]+)\}}?=?")
_READ = re.compile(r"\$\{?[!#]?(\w+)")
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\b")
_PROSE = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)
_REMOVE = "remove it, or use it"
# What a login shell brings with it.
_INHERITED = frozenset(("HOME", "USER", "PATH", "PWD", "SHELL", "HOSTNAME", "SSH_AUTH_SOCK", "SUDO_USER", "KUBECONFIG"))


@rule("script", Weight.MISLEADS)
def no_shell_can_read_it(page: Page) -> Iterator[Found]:
    """A quote, a loop or a here-document that does not end: the other rules cannot see all of its commands."""
    for block in page.commands:
        if not block.inline and shell.parse(block.text).broken:
            what = "a shell cannot read this script as a whole, so that not all of its commands were checked"
            yield Found(block.line, block.id, what, "check that quotes, brackets, loops and here-documents end")


@rule("placeholder", Weight.MISLEADS)
def explained_and_not_used(page: Page) -> Iterator[Found]:
    """A placeholder that a sentence explains, and that no command has."""
    code = "\n".join(block.text for block in page.blocks if block.kind.code)
    for name, block in _explained(page).items():
        if "_" in name and not re.search(rf"\b{name}\b", code):  # SIGTERM is not a placeholder
            yield Found(block.line, block.id, f"`{name}` is explained here and used in no command", _REMOVE)


@rule("placeholder", Weight.REMARK)
def used_and_not_explained(page: Page) -> Iterator[Found]:
    """A placeholder in a command that nothing explains or sets."""
    known = {*_explained(page), *_assigned(page)}
    for name, block in _first(page, _placeholders).items():
        if name not in known:
            what = f"`{name}` is used here and explained nowhere"
            yield Found(_line(block, name), block.id, what, "say what to put there")


@rule("placeholder", Weight.REMARK)
def set_and_not_read(page: Page) -> Iterator[Found]:
    """A shell variable that no command reads."""
    read = _first(page, _variables)
    for name, block in _assigned(page).items():
        if name not in read and name not in _INHERITED:  # which programs read by themselves
            yield Found(_line(block, name), block.id, f"`{name}` is set here and used nowhere", _REMOVE)


@rule("placeholder", Weight.MISLEADS)
def read_and_not_set(page: Page) -> Iterator[Found]:
    """A shell variable that is empty where it is read."""
    known = {*_explained(page), *_assigned(page), *_INHERITED}
    for name, block in _first(page, _variables).items():
        if name not in known:
            what = f"`${name}` is used here and set nowhere on this page"
            yield Found(_line(block, name), block.id, what, "have it set before")


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
    for each in shell.simple_commands(page):
        for name, _ in each.command.assigns:
            if each.command.declares:
                found.setdefault(name.split("[")[0], each.block)
    for block in page.commands:
        for name in _LOOP.findall(block.text):
            found.setdefault(name, block)
    return found


def _first(page: Page, names: Callable[[Block], list[str]]) -> dict[str, Block]:
    """Each name in commands and configurations, with the first block that has it."""
    code = [block for block in page.blocks if block.kind in (Kind.COMMAND, Kind.CONFIG)]
    return {name: block for block in reversed(code) for name in names(block)}


def _placeholders(block: Block) -> list[str]:
    return list(dict.fromkeys([*_BARE.findall(block.bare), *_ANGLED.findall(block.bare)]))


def _variables(block: Block) -> list[str]:
    return _READ.findall(block.text)


def _line(block: Block, name: str) -> int:
    lines = block.text.splitlines()
    return block.line + next((number for number, line in enumerate(lines) if name in line), 0)
