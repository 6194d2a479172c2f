"""The gate of a machine that is only looked at: a command passes when every program in it is known to only read.

What sshd, sudo and the API server log of a visit is theirs to write.
"""

from __future__ import annotations

import re

from provision.reading import programs
from provision.reading.programs import Refused
from provision.reading.shell import Simple, Unclear, Words, parse

_VARIABLES = {"KUBECONFIG", "KUBECACHEDIR", "LC_ALL"}
_ASSIGNMENT = re.compile(r"(\w+)=")
_NOWHERE = re.compile(r"/dev/null|[12]")


def why_not(command: str) -> str:
    """Why a shell command may change something, in words; empty for one that only reads. Pure."""
    try:
        _check_script(command)
    except (Refused, Unclear) as reason:
        return str(reason)
    return ""


def _check_script(text: str) -> None:
    script = parse(text)
    for target in script.targets:
        if target is None or not _NOWHERE.fullmatch(target):
            raise Refused(f"writes to {target or 'a file'}")
    for command in script.commands:
        _check_variables(command.variables)
        _check(command.words, command)


def _check(words: Words, command: Simple) -> None:
    """One command, behind whatever runs it: `sudo`, `nsenter`, `find -exec`, `sh -c`."""
    if not words:
        return
    name, rest = words[0], words[1:]
    if name in programs.WRAPPERS:
        inner = programs.WRAPPERS[name](rest)
        if not inner:
            raise Refused(f"{name} opens a shell")
        while inner and (match := _ASSIGNMENT.match(inner[0] or "")):
            _check_variables((match[1],))
            inner = inner[1:]
        _check(inner, command)
    elif name in ("sh", "/bin/sh", "bash"):
        if len(rest) < 2 or rest[0] != "-c" or rest[1] is None:
            raise Refused(f"runs a script that is not to be seen: {name}")
        _check_script(rest[1])
    elif name == "find":
        for inner in programs.find(rest):
            _check(inner, command)
    elif name == "nc":
        programs.netcat(rest, command.fed_by)
    else:
        programs.check(name, rest)


def _check_variables(names: tuple[str, ...]) -> None:
    for name in names:
        if name.isupper() and name not in _VARIABLES:
            raise Refused(f"sets {name}")
