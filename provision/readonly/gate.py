"""The gate of a machine that is only read: a command passes when every program in it is known to only read.

What sshd, sudo and the API server log of a visit is theirs to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from provision.readonly import options, special
from provision.readonly.options import Program, Usage
from provision.readonly.policy import PROGRAMS, VARIABLES, WRAPPERS
from provision.readonly.shell import GLOB, MANY, ONE, Refused, Simple, parse

_SHELLS = ("bash", "sh")
_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)
_FOLDER = re.compile(r"\A/(usr/)?s?bin/")
_SOURCE = re.compile(rf"/dev/null|/(?!dev/)[\w./{ONE}{MANY}-]+")


@lru_cache(maxsize=64)  # the same long script goes to each machine of a cluster, and takes a tenth of a second to parse
def why_not(command: str) -> str:
    """Why a shell command may change something, as a sentence; empty for one that only reads. Pure."""
    try:
        _check_script(command)
    except Refused as reason:
        return str(reason)
    return ""


def _check_script(text: str) -> None:
    script = parse(text)
    for operator, target in script.redirections:
        _check_redirection(operator, target)
    for command in script.commands:
        _check(command)


def _check_redirection(operator: str, target: str) -> None:
    """Output goes nowhere else than to nowhere and to the other output; input comes from a file."""
    known = _SOURCE.fullmatch(target) if operator == "<" else re.fullmatch("[12]|/dev/null", target)
    if not known or (operator == ">&") != target.isdigit():
        raise Refused(f"{operator} {target} is a redirection that is not known to only read")


def _check(command: Simple) -> None:
    """One command, behind whatever runs it: `sudo`, `nsenter`, `find -exec`, `sh -c`."""
    _check_variables(command.variables)
    if not command.words:
        raise Refused("there is no program to run")
    name, rest = _FOLDER.sub("", command.words[0]), command.words[1:]
    if name in WRAPPERS:
        _check(_unwrapped(name, rest, command))
    elif name in _SHELLS:
        _check_inner_script(name, rest)
    elif name == "find":
        for words in special.inner_commands(rest):
            _check(replace(command, words=words, fed_by=()))
    elif name in PROGRAMS:
        _check_program(name, rest, command)
    else:
        shown = "what is only known when it runs" if {ONE, MANY, GLOB} & set(name) else f"{name or 'an empty word'}"
        raise Refused(f"{shown} is not one of the programs that are known to only read")


def _check_variables(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        if not re.fullmatch(VARIABLES.get(name, "(?!)"), value):
            raise Refused(f"the variable {name} may not be set to {value or 'nothing'}: only {', '.join(VARIABLES)}")


def _unwrapped(name: str, words: Sequence[str], command: Simple) -> Simple:
    """The command that a wrapper runs, with the variables that it is given."""
    usage = WRAPPERS[name]
    own = _own_words(usage, words)
    options.parse(name, Program({"": usage}, clusters=False), words[:own])
    variables = {} if name == "sudo" else dict(command.variables)  # of those set before it, sudo keeps none
    inner = list(words[own:])
    while name in ("env", "sudo") and inner and (match := _ASSIGNMENT.fullmatch(inner[0])):
        variables[match[1]] = match[2]
        inner.pop(0)
    if not inner:
        raise Refused(f"{name} is given no command to run")
    return replace(command, words=inner, variables=variables)


def _own_words(usage: Usage, words: Sequence[str]) -> int:
    """How many words at the beginning belong to a wrapper itself."""
    valued = {each for names in usage.values.values() for each in names.split()}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in valued else 1
    return min(at + usage.least, len(words))


def _check_inner_script(name: str, words: Sequence[str]) -> None:
    if len(words) < 2 or words[0] != "-c":
        raise Refused(f"{name} runs a script that cannot be seen; it may be given -c and the script")
    if {ONE, MANY, GLOB} & set(words[1]):
        raise Refused(f"{name} -c runs a script of which a part is only known when it runs")
    if options_within := [word for word in words[2:] if word.startswith("-")]:
        raise Refused(f"{name} -c gives its script {options_within[0]}, which may become an option of a program there")
    _check_script(words[1])


def _check_program(name: str, words: Sequence[str], command: Simple) -> None:
    parsed = options.parse(name, PROGRAMS[name], words)
    if name == "curl":
        special.check_request(parsed)
    elif name == "nc":
        special.check_connection(parsed, command.fed_by)
    elif name == "openssl" and words[:1] == ["s_client"]:
        special.check_handshake(command)
    elif name == "kubectl" and not parsed.given("--raw") and "KUBECACHEDIR" not in command.variables:
        raise Refused("kubectl would leave its cache in the home folder: give it KUBECACHEDIR=/dev/null")
