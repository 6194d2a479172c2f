"""How a page uses a program: which of its commands, which flags, and what of that the program does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from documentation.pages.shell import base
from documentation.programs.program import Program

_WORD = re.compile(r"[^\W\d_][\w-]*")  # what may be meant as a subcommand, in any script
_FLAG = re.compile(r"--[a-z0-9][a-z0-9-]*|-[A-Za-z]+")
# What stands for something else in the notation of usage: `…`, `[options]`, `{a|b}`, `<name>`, `$NAME`.
_NOTATION = re.compile(r"\.{3}|…|^[\[{(<$\\`]|[|>\]}]")
# Programs that run what stands behind their own words.
_RUNNERS = ("crictl", "ctr", "docker", "kubectl", "nerdctl", "podman", "ssh", "timeout", "watch", "xargs")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_-]*")
FORMER = "--experimental-"  # what flags begin with until they are usual
_ALIKE = 0.75  # of two flags that one is a slip of the other: `--control-plain`, and not `--config` for `--confirm`


@dataclass(frozen=True)
class Usage:
    """One command of a program on a page.

    `path` are its subcommands, `operands` the other words, `flags` as they stand; `whole` says that the path is known
    to its end, so that flags can be judged.
    """

    program: Program
    path: tuple[str, ...]
    operands: tuple[str, ...]
    flags: tuple[str, ...]
    whole: bool

    @property
    def name(self) -> str:
        """The command as it is typed, without flags."""
        return " ".join((self.program.name, *self.path))


@dataclass(frozen=True)
class Unknown:
    """What a program does not have: the word, a sentence, and how to fix it. `whole` is the right command, if known."""

    word: str
    what: str
    fix: str


def usages(words: Sequence[str], program: Program) -> Iterator[Usage]:
    """The commands of this program in a command's words; one may begin behind another program that runs it."""
    if words and base(words[0]) == program.name:
        yield _read(words[1:], program)
    elif "--" in words:
        yield from usages(words[list(words).index("--") + 1 :], program)
    elif words and base(words[0]) in _RUNNERS and program.name in words:
        yield from usages(words[list(words).index(program.name) :], program)


def unknown(usage: Usage) -> Iterator[Unknown]:
    """A subcommand that the program does not have; where there is none, flags that the command does not have."""
    program, path = usage.program, usage.path
    known = program.help(*path)
    first = usage.operands[0] if usage.operands else ""
    if not _is_meant(first):
        first = ""
    if first and known.commands and not known.operands:
        what = f"{usage.name} has no `{first}` in {program.version}"
        yield Unknown(first, what, _other(usage) or f"it has: {', '.join(sorted(known.commands - {'help'}))}")
    elif first and not known.operands and path:
        what = f"{usage.name} has no `{first}` in {program.version}"
        yield Unknown(first, what, _other(usage) or f"see `{usage.name} --help`")
    elif usage.whole:
        for flag in usage.flags:
            if not program.takes(flag, *path):
                what = f"{usage.name} has no flag {flag} in {program.version}"
                yield Unknown(flag, what, _nearest(flag, known.flags) or f"see `{usage.name} --help`")


def _read(words: Sequence[str], program: Program) -> Usage:
    path: list[str] = []
    operands: list[str] = []
    flags: list[str] = []
    value = False  # whether the word behind a flag is its value
    for word in words:
        if value and not word.startswith("-"):
            value = False
            continue
        if word == "--":
            break
        if word.startswith("-"):
            flag = word.partition("=")[0]
            flags += [flag] if _FLAG.fullmatch(flag) else []
            value = "=" not in word and program.help(*path).takes_value(flag)
        elif not operands and _is_command(word, path, program):
            path.append(word)
        else:
            operands.append(word)
    # A placeholder may stand for a subcommand, whose flags nothing is known of.
    known = program.help(*path)
    whole = known.operands or not (operands and known.commands and not _is_meant(operands[0]))
    return Usage(program, tuple(path), tuple(operands), tuple(dict.fromkeys(flags)), whole)


def _is_command(word: str, path: Sequence[str], program: Program) -> bool:
    """Whether a word is a subcommand; help does not list hidden ones, as `kubeadm alpha`, and other names of one."""
    known = program.help(*path)
    hidden = known.commands and not known.operands and _is_meant(word)
    return word in known.commands or bool(hidden and program.has(*path, word))


def _is_meant(word: str) -> bool:
    """Whether a word is to be typed as it stands, and may be a subcommand."""
    return bool(_WORD.fullmatch(word)) and not _NOTATION.search(word) and not _CAPITALS.fullmatch(word)


def _other(usage: Usage) -> str:
    """The same command as it is called today: its first word gone, another in its place, or one before it."""
    words = [word for word in usage.operands if _is_meant(word)]
    commands = usage.program.help(*usage.path).commands
    if not commands:  # as under `kubeadm alpha`, which is hidden, and whose commands went elsewhere
        above = replace(usage, path=usage.path[:-1], operands=(usage.path[-1], *usage.operands))
        return "" if usage.path[-1] in usage.program.help(*above.path).commands else _other(above)
    if len(words) > 1 and _resolves(usage, words[1:]):
        return f"it is `{' '.join((usage.name, *words[1:]))}` now"
    for alike in get_close_matches(words[0], sorted(commands), n=1):
        return f"write `{' '.join((usage.name, alike, *_known(usage, alike, words[1:])))}`"
    for command in sorted(commands):
        for following in (words[1:], words):
            if following and _resolves(usage, [command, *following]):
                return f"write `{' '.join((usage.name, command, *following))}`"
    moved = _known(usage, "", words[1:])
    return f"see `{' '.join((usage.name, *moved))} --help`" if moved else ""


def _resolves(usage: Usage, words: Sequence[str]) -> bool:
    """Whether all the words are subcommands, one of the other."""
    return _known(usage, "", words) == list(words)


def _known(usage: Usage, first: str, words: Sequence[str]) -> list[str]:
    """The words from the first on that are subcommands, one of the other."""
    path, found = [*usage.path, *filter(None, [first])], []
    for word in words:
        if word not in usage.program.help(*path).commands:
            break
        path.append(word)
        found.append(word)
    return found


def _nearest(flag: str, flags: Iterable[str]) -> str:
    """A flag that the command has and that is almost this one."""
    known = [each for each in flags if each.startswith("--")]
    usual = flag.replace(FORMER, "--")
    alike = [usual] if usual in known else get_close_matches(flag, known, n=1, cutoff=_ALIKE)
    return f"write `{alike[0]}`" if alike else ""
