"""One program that knows its own subcommands and flags, by its help and by what it says of a flag."""

from __future__ import annotations

import mmap
import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from documentation.programs import help as helps
from documentation.programs.answers import Answers
from documentation.programs.help import Help
from provision.util.errors import HostLacks

_TIMEOUT = 60  # seconds, of which help takes a tenth of one; a host that is busy with clusters takes many
_UNKNOWN = re.compile(r"unknown (?:shorthand )?flag: ")
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+\S*)")
# Nothing of the user: no kubeconfig, no plugin on the PATH, no variables that etcdctl takes for flags.
_ENVIRONMENT = {"PATH": "", "HOME": "/nonexistent", "LC_ALL": "C"}


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@dataclass
class Program:
    """A binary. None of its commands that are run here changes or reaches anything."""

    binary: Path
    answers: Answers = field(default_factory=Answers)
    asking_version: tuple[str, ...] = ("--version",)
    silent: bool = False  # once it did not answer in time, not everything was validated
    _helps: dict[tuple[str, ...], Help] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is typed."""
        return self.binary.name

    @cached_property
    def version(self) -> str:
        """As in `v1.37.2`; raises HostLacks where the binary cannot be run, or is not what it should be."""
        try:
            answer = self.answer(*self.asking_version)
        except OSError as error:
            raise HostLacks(f"{self.binary} cannot be run", answer=str(error)) from None
        found = _VERSION.search(answer.out)
        if answer.status or not found:
            raise HostLacks(f"{self.binary} does not print its version", answer=answer.err)
        return f"v{found[1]}"

    def help(self, *path: str) -> Help:
        """What `PROGRAM PATH --help` says, and what the program says of the flags that all its commands take."""
        if path not in self._helps:
            text = self.help_text(*path)
            options = self.answer("options").out if f'"{self.name} options"' in text else ""
            self._helps[path] = helps.read(text, options, self.name, *path)
        return self._helps[path]

    def help_text(self, *path: str) -> str:
        """The same in its own words."""
        return self.answer(*path, "--help").out

    def takes(self, flag: str, *path: str) -> bool:
        """Whether a command takes a flag, as `--name` or `-n`, also one that its help does not list.

        The flag stands behind `--help` and has its value in the same word, if it takes one, so that the command is
        never run. Of several letters in one word each is a flag, up to the one that takes the rest for its value.
        """
        if flag in self.help(*path).flags:
            return True
        answer = self.answer(*path, "--help", f"{flag}=" if flag.startswith("--") else flag)
        return not _UNKNOWN.search(answer.err)

    def has(self, *path: str) -> bool:
        """Whether there is a command, also one that help does not list, or lists under another name.

        Where there is none, what is printed is the help of the command above, or nothing.
        """
        answer, above = self.answer(*path, "--help"), self.answer(*path[:-1], "--help")
        printed = answer.status == 0 and bool(answer.out + answer.err)
        return (printed and answer != above) or self.silent

    def contains(self, text: str) -> bool:
        """Whether a text stands anywhere in the binary: what does not is nothing that it ever prints or reads."""
        return bool(self.answers.of(self.digest, "contains", text, answer=lambda: self._contains(text.encode())))

    def answer(self, *arguments: str) -> Answer:
        """What it answers to arguments that only let it print something, from what is kept if it answered before.

        Where no answer comes in time, it is empty, and `silent` says so.
        """
        try:
            kept = self.answers.of(self.digest, *arguments, answer=lambda: self.run(*arguments))
        except subprocess.TimeoutExpired:
            self.silent = True
            return Answer(0, "", "")
        return Answer(*kept)

    @cached_property
    def digest(self) -> str:
        """By which its answers are kept; raises OSError."""
        return self.answers.digest_of(self.binary)

    def _contains(self, text: bytes) -> bool:
        with self.binary.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(text) >= 0

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status and what came on both streams."""
        answer = subprocess.run(
            [str(self.binary), *arguments], capture_output=True, text=True, errors="replace", timeout=_TIMEOUT,
            check=False, env=_ENVIRONMENT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return answer.returncode, answer.stdout, answer.stderr
