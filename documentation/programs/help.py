"""What `--help` says of a command, in the forms that kubeadm, kubectl, kubelet and etcdctl print it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHORT = r"(?:(?P<short>-\w), )?"
# `--name string   what for` and `--name   what for`, as most print it; a word behind one blank is a type.
_TYPED = re.compile(rf"^\s+{_SHORT}(?P<long>--[\w-]+)(?: (?P<type>[\w/.-]+))?(?=\s{{2,}}|$)", re.M)
# `--name='':` and `--name=false:`, as kubectl prints it, and `--name=""` and `--name[=false]` of older etcdctls.
_VALUED = re.compile(rf"^\s+{_SHORT}(?P<long>--[\w-]+)(?P<value>\[?=[^\s:]*)", re.M)
_COMMANDS = re.compile(r"^(?:[A-Z][\w -]*\b)?commands\b.*\n(?P<lines>(?:[ \t]+\S.*\n?)+)", re.M | re.I)
_COMMAND = re.compile(r"^(?: {2}|\t)(?P<name>[a-z][\w-]*)(?=\s)", re.M)
_USAGE = re.compile(r"^usage:\n(?P<lines>(?:[ \t]+.*\n?)+)", re.M | re.I)
_NO_OPERAND = re.compile(r"\[(?:flags|command|options)\]|\bSUBCOMMAND\b|<subcommand>|-f FILENAME\b")
_SWITCHES = ("=false", "=true", "[=false]", "[=true]")


@dataclass(frozen=True)
class Help:
    """What a command knows: subcommands, whether it takes operands, and its flags, each with its type.

    The type of a flag that takes no value is empty; where help does not say which it is, it is `value`.
    """

    commands: frozenset[str]
    operands: bool
    flags: Mapping[str, str]

    def takes_value(self, flag: str) -> bool:
        """Whether the word behind a flag is its value; it may be one where the flag is not known."""
        return bool(self.flags.get(flag, "value"))


def read(text: str, options: str, *words: str) -> Help:
    """Read the help of the command `words`, the program's name first; `options` are the flags of all its commands."""
    if not text.strip():
        return Help(frozenset(), True, {})  # it did not answer: everything may be right
    usage = _USAGE.search(text)
    lines = [line.strip() for line in usage["lines"].splitlines()] if usage else []
    # Under another name of the command, its help has the usual one.
    own = [line for line in lines if line.startswith(" ".join(words))] or lines
    return Help(
        frozenset(found["name"] for part in _COMMANDS.finditer(text) for found in _COMMAND.finditer(part["lines"])),
        any(_NO_OPERAND.sub("", line).split()[len(words) :] for line in own),
        _flags(f"{text}\n{options}"),
    )


def _flags(text: str) -> dict[str, str]:
    found = {"--help": "", "-h": ""}
    for match in [*_TYPED.finditer(text), *_VALUED.finditer(text)]:
        groups = match.groupdict()
        kind = groups.get("type") or ("" if groups.get("value", "=false") in _SWITCHES else "value")
        found |= {name: kind for name in (match["long"], match["short"]) if name}
    return found
