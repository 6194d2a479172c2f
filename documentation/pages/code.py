"""What a piece of code on a page is: commands, what they answer, a configuration, a tree of files, or a transcript.

A translation changes its comments, so that they are kept apart, with the line that each is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documentation.pages import shell
from documentation.pages.block import Comment, Kind

_SHELL = ("sh", "shell", "bash", "console")
_DATA = ("yaml", "yml", "json", "toml", "ini", "cfg", "conf", "hcl")
_PROMPT = re.compile(r"^\s*(?:(?P<prompt>[\w.-]+@[\w.-]+)(?::\S*)?\s*[$#]|\$) +(?P<command>\S.*)$")
_TREE = re.compile(r"[├└]──")
# How programs begin the lines that they print of themselves, kubeadm's `[phase] …` and klog's `W0102 …` among them. No
# command begins so: a test has a blank behind its bracket, and programs have small letters.
_PRINTED = re.compile(r"\s*(?:\[[a-z][\w/-]*\] \S|(?:Error|error|Warning|WARNING|Unable)\b[ :(]|[IWEF]\d{4} \d)")
_DOCUMENT = re.compile(r"^(?:---\s*$|apiVersion:\s|kind:\s)", re.M)
_YAML = re.compile(r"""(?:^|\s)(?P<comment>\#.*)$""")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# What an untagged block begins with where it is something to type: programs of these pages, and the shell's own words.
PROGRAMS = frozenset((
    "apt", "apt-get", "awk", "base64", "cat", "cd", "chmod", "chown", "containerd", "cp", "crictl", "ctr", "curl",
    "dnf", "docker", "echo", "etcdctl", "eval", "export", "find", "for", "grep", "helm", "if", "install", "ip",
    "iptables", "journalctl", "jq", "kubeadm", "kubectl", "kubelet", "ln", "ls", "mkdir", "mv", "nc", "openssl",
    "ping", "podman", "rm", "rsync", "scp", "sed", "set", "source", "ssh", "ssh-add", "ssh-agent", "ssh-keygen",
    "sudo", "swapoff", "sysctl", "systemctl", "tar", "tee", "test", "touch", "umask", "unset", "until", "vi",
    "wget", "while", "yum",
))  # fmt: skip


# What a listing begins with, of kubectl for example: a row of headings, a name and a value far apart, an event.
_LISTING = re.compile(r"\s*(?:[A-Z][A-Z-]+(?:\([A-Z]\))? {2,}[A-Z]|[A-Z][\w ()-]*:(?: {2,}\S|\s*$))")
# That, or an object in YAML, as `-o yaml` prints it.
_SHOWN = re.compile(rf"{_LISTING.pattern}|(?:apiVersion|kind):\s")


@dataclass(frozen=True)
class Part:
    """A part of a piece of code. `line` counts from 0 within it; `prompt` is what stood before the command."""

    kind: Kind
    line: int
    text: str
    prompt: str = ""


def parts(text: str, info: str) -> list[Part]:
    """Take a piece of code apart; `info` is the language that it names, empty for none."""
    lines = text.splitlines()
    if info in _DATA or (info not in _SHELL and _DOCUMENT.search(text) and not begins_with_program(lines)):
        return [Part(Kind.CONFIG, 0, text)] if not _TREE.search(text) else [Part(Kind.FILES, 0, text)]
    if _TREE.search(text):
        return [Part(Kind.FILES, 0, text)]
    dots = next((number for number, line in enumerate(lines) if line.strip() in ("...", "…")), len(lines))
    if shell.of_another_shell(info):
        return [Part(Kind.COMMAND, 0, text)]
    first = next((line for line in lines if line.strip()), "")
    if _LISTING.match(first) or (info not in _SHELL and not begins_with_program(lines) and not _prompted(lines)):
        dots = 0
    if not _prompted(lines):
        dots = min(dots, _answered(lines))
    typed = list(_typed(lines[:dots], info)) if dots else []
    return typed + ([Part(Kind.OUTPUT, dots, "\n".join(lines[dots:]))] if dots < len(lines) else [])


def begins_as_code(text: str) -> bool:
    """Whether plain text without any mark around it is code."""
    lines = text.splitlines()
    typed = lines[0].partition(" #")[0].isascii() and begins_with_program(lines)
    return lines[0].strip() == "..." or bool(_DOCUMENT.match(text)) or typed


def looks_like_command(span: str) -> bool:
    """Whether a code span in a sentence is something to run, and not only the name of a program or a subcommand."""
    script = shell.parse(re.sub(r"<[^<>|;&]+>", "<x>", span))  # a placeholder may be in any language
    if script.broken or len(script.commands) != 1 or "\n" in span:
        return False
    command = script.commands[0]
    return command.program in PROGRAMS and len(command.words) > 2 and (command.sudo or bool(command.flags))


def comments(kind: Kind, text: str, line: int) -> tuple[Comment, ...]:
    """The comments of a piece of code whose first line is `line` of the page."""
    if kind is Kind.CONFIG:
        found = _in_yaml(text)
    elif kind is Kind.COMMAND:
        script = shell.parse(text)
        found = [*script.comments]
        for start, body in script.documents:
            found += [(start + number, comment) for number, comment in _in_yaml(body)]
    else:
        return ()
    lines = text.splitlines()
    commented = {number for number, comment in found if lines[number].strip() == comment.strip()}
    return tuple(Comment(line + number, comment, _about(lines, number, commented)) for number, comment in sorted(found))


def _typed(lines: list[str], info: str) -> Iterator[Part]:
    """Commands without prompts together, each one with a prompt by itself, followed by what it answered."""
    if not _prompted(lines):
        yield Part(Kind.OUTPUT if info == "console" else Kind.COMMAND, 0, "\n".join(lines))
        return
    number, kind = 0, Kind.COMMAND
    while number < len(lines):
        start = number
        match = _PROMPT.match(lines[number])
        number = _end(lines, number, continued=bool(match))
        if match:
            text = "\n".join([match["command"], *lines[start + 1 : number]])
            yield Part(Kind.COMMAND, start, text, match["prompt"] or "$")
            kind = Kind.OUTPUT
        elif any(line.strip() for line in lines[start:number]):
            yield Part(kind, start, "\n".join(lines[start:number]))


def _answered(lines: list[str]) -> int:
    """The number of the first line that no prompt shows to be output, and that looks like it; all of them if none."""
    files = any("<<" in line for line in lines)  # what a here-document has may look like anything
    printed = (n for n, line in enumerate(lines) if _PRINTED.match(line) or (not files and _SHOWN.match(line)))
    return next(printed, len(lines))


def _end(lines: list[str], start: int, *, continued: bool) -> int:
    """The line after a command that may go on behind backslashes, or after what has no prompt."""
    number = start + 1
    if continued:
        while number < len(lines) and lines[number - 1].endswith("\\"):
            number += 1
        return number
    while number < len(lines) and not _PROMPT.match(lines[number]):
        number += 1
    return number


def _prompted(lines: list[str]) -> bool:
    return any(map(_PROMPT.match, lines))


def begins_with_program(lines: list[str]) -> bool:
    """Whether the first of these lines that is not a comment runs a program of such pages, or sets a variable."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    commands = shell.parse(first).commands
    words = {*first.split()[:1], *((commands[0].program, *commands[0].words[:1]) if commands else ())}
    return bool(words & PROGRAMS) or (bool(commands) and bool(commands[0].assigns))


def _about(lines: list[str], number: int, commented: set[int]) -> str:
    if number not in commented:
        return _YAML.sub("", lines[number]).strip()
    below = (index for index in range(number + 1, len(lines)) if index not in commented)
    following = next(below, None)
    return lines[following].strip() if following is not None else ""


def _in_yaml(text: str) -> list[tuple[int, str]]:
    """Comments of YAML: from a # that a blank or nothing stands before, outside quotes."""
    found = []
    for number, line in enumerate(text.splitlines()):
        hidden = _QUOTED.sub(lambda match: "x" * len(match[0]), line)
        match = _YAML.search(hidden)
        if match:
            found.append((number, line[match.start("comment") :]))
    return found
