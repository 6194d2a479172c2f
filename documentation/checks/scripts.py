"""Commands as a shell reads them: scripts that none can read, placeholders and variables that lead nowhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from documentation.findings.rules import Found, Weight, rule
from documentation.pages import code, notation, shell
from documentation.pages.block import Block, Kind, Page

_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_BARE = re.compile(rf"(?<![\w${{]){_NAME}(?![\w}}=])")
_EXPLAINED = re.compile(rf"\$?\{{?({_NAME}|[A-Z][A-Z0-9]+)\}}?=?")
_IN_CONFIGURATION = re.compile(r"\$\{?(\w+)")  # what envsubst and templates read; not known to be unset
_SPACED = re.compile(r"`[^`]*\s[^`]*`")
_SET = re.compile(r"(?<![\w$.-])([A-Za-z_]\w*)\+?=|\bread (?:-\w+ )*([A-Za-z_]\w*)")
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\b")
_SOURCING = (".", "source")
_PROSE = (Kind.PROSE, Kind.NOTE, Kind.CAUTION, Kind.WARNING)
_REMOVE = "remove it, or use it"
# What a login shell brings with it.
_INHERITED = frozenset(("HOME", "USER", "PATH", "PWD", "SHELL", "HOSTNAME", "SSH_AUTH_SOCK", "SUDO_USER", "KUBECONFIG"))
# What bash itself sets, and zsh.
_OF_BASH = frozenset(("commands", "UID", "EUID", "RANDOM", "SECONDS", "LINENO", "PIPESTATUS", "OSTYPE", "IFS", "REPLY"))
_REFUSAL = re.compile(r"^.*?: (?:line (?P<line>\d+): )?(?P<reason>.*)$", re.M)
_PARSING = 10  # seconds; what bash does with a page's script takes milliseconds


@rule("script", Weight.MISLEADS)
def no_shell_can_read_it(page: Page) -> Iterator[Found]:
    """A quote, a loop or a bracket that does not end: the other rules cannot see all of its commands.

    The grammar may be wrong about a script; so bash itself decides, which with -n reads it and runs nothing. What
    begins otherwise than scripts do may be a listing, or typed to another program.
    """
    for block in shell.scripts(page):
        if block.inline or not shell.parse(block.text).broken or not code.begins_with_program(block.text.split("\n")):
            continue
        refusal = _refusal(notation.hidden(block.text))
        if refusal:
            line, reason = refusal
            what = f"a shell cannot read this script as a whole, so that not all of its commands were checked: {reason}"
            yield Found(block.line + line, block.id, what, "check that quotes, brackets, loops and here-documents end")


@rule("script", Weight.BREAKS)
def the_sign_of_a_diff_before_a_command(page: Page) -> Iterator[Found]:
    """A `+` or `-` that a diff had before a program's name, and that was taken along."""
    for each in shell.simple_commands(page):
        program = each.command.program
        if program[:1] in ("+", "-") and program[1:] in code.PROGRAMS:
            what = f"`{program}` is not a program: `{program[0]}` is the sign of a line in a diff"
            yield Found(each.line, each.block.id, what, f"write {program[1:]}")


@rule("placeholder", Weight.MISLEADS)
def explained_and_not_used(page: Page) -> Iterator[Found]:
    """A placeholder that a sentence explains, and that no command has.

    Not every name in capitals is one: signals, variables that programs read, and ciphers are named, too. It is one
    where another one is explained beside it that commands have, or where commands have one of the same kind.
    """
    typed = "\n".join(block.text for block in page.blocks if block.kind.code)
    used = {name for block in page.blocks if block.kind.code for name in _BARE.findall(block.text)}
    explained = {} if page.shows else _explained(page)
    for name, block in explained.items():
        beside = any(other in used and explained[other] is block for other in explained)
        akin = any(other.partition("_")[0] == name.partition("_")[0] for other in used)
        if "_" in name and (beside or akin) and not re.search(rf"\b{name}\b", typed):
            yield Found(block.line_of(name), block.id, f"`{name}` is explained here and used in no command", _REMOVE)


@rule("placeholder", Weight.REMARK)
def used_and_not_explained(page: Page) -> Iterator[Found]:
    """A placeholder in capitals that nothing explains or sets. In angle brackets one says itself what to put there."""
    known = {*_explained(page), *_assigned(page), *(name for text in _words(page) for name in _BARE.findall(text))}
    found: dict[str, Block] = {}
    for block in page.of_kind(Kind.COMMAND, Kind.CONFIG):
        for name in _BARE.findall(block.bare):
            found.setdefault(name, block)
    for name, block in found.items():
        if name not in known:
            what = f"`{name}` is used here and explained nowhere"
            yield Found(block.line_of(name), block.id, what, "say what to put there")


@rule("placeholder", Weight.REMARK)
def set_and_not_read(page: Page) -> Iterator[Found]:
    """A shell variable that no command reads, beside others that are read: alone they are a file for programs."""
    read = {name for _, _, name in _read(page)}
    read |= {name for block in page.of_kind(Kind.CONFIG) for name in _IN_CONFIGURATION.findall(block.text)}
    assigned = _assigned(page)
    scripts = {block.id for name, block in assigned.items() if name in read}
    scripts |= {each.block.id for each in shell.simple_commands(page) if not each.command.declares}
    for name, block in assigned.items():
        if name not in read and name not in _INHERITED and block.id in scripts:
            yield Found(block.line_of(name), block.id, f"`{name}` is set here and used nowhere", _REMOVE)


@rule("placeholder", Weight.MISLEADS)
def read_and_not_set(page: Page) -> Iterator[Found]:
    """A shell variable that is empty where it is read.

    Where a page sets none at all, `$NAME` may be how it writes a placeholder. A block that reads a file into its shell,
    as in `. /etc/os-release`, may have it from there.
    """
    assigned = _assigned(page)
    texts = "\n".join(block.text for block in shell.scripts(page))
    written = {name for names in _SET.findall(texts) for name in names}  # where the grammar missed it
    seen = {*_explained(page), *assigned, *written, *_INHERITED, *_OF_BASH}
    for block, line, name in _read(page, optional=False):
        if name not in seen:
            seen.add(name)
            what = f"`${name}` is used here and set nowhere on this page"
            weight = Weight.REMARK if name.isupper() and not assigned else None
            yield Found(line, block.id, what, "have it set before", weight=weight)


def _refusal(script: str) -> tuple[int, str] | None:
    """The line, from 0, and the reason why bash does not read a script; none where it does, or there is no bash."""
    command = [shutil.which("bash") or "", "-n"]
    try:
        answer = subprocess.run(
            command, input=script.encode(), env={"LC_ALL": "C"}, capture_output=True, check=False, timeout=_PARSING
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _REFUSAL.search(notation.shown(answer.stderr.decode(errors="replace")))  # of here-documents it only warns
    if not match:
        return None
    begun = re.search(r"at line (\d+)", match["reason"])  # where what does not end begins, if bash says it
    line = int(begun[1] if begun else match["line"] or 1) - 1
    return min(line, script.rstrip("\n").count("\n")), match["reason"]


def _words(page: Page) -> Iterator[str]:
    """Where a page explains: its sentences, without the commands in them, and the comments in its code."""
    for block in page.blocks:
        if not block.kind.code:
            yield _SPACED.sub("", block.text)
        yield from (comment.text for comment in block.comments)


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
        if each.command.program == "read":
            for name in (word for word in each.command.bare[1:] if word.isidentifier()):
                found.setdefault(name, each.block)
    for block in page.commands:
        for name in _LOOP.findall(block.text):
            found.setdefault(name, block)
    return found


def _read(page: Page, *, optional: bool = True) -> Iterator[tuple[Block, int, str]]:
    """The variables that a page's commands read: block, the page's line, name; with those that may be unset, or not."""
    for block in shell.scripts(page):
        script = shell.parse(block.text)
        sourced = any(each.program in _SOURCING for each in script.commands)
        for each in script.variables:
            if optional or not (each.optional or sourced):
                yield block, block.line + each.line, each.name
