"""What `pytester` starts in Python, forked by `tests.forking`: an interpreter of its own would import for a second."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests import forking
from tests.fakes import ROOT


@dataclass(frozen=True)
class Fork:
    """A program that runs: as much of a `subprocess.Popen` as pytester needs of one that reads nothing."""

    channel: socket.socket
    stdin: None = None

    def wait(self) -> int:
        """The exit status, as `subprocess` has it."""
        status = self.channel.recv(forking.LARGEST)
        assert status, "what forks has ended, or was killed"
        return int(status)


class Forks:
    """The process that programs are forked from, which ends with this context."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [sys.executable, "-m", forking.__name__, str(theirs.fileno())]
        self._parent = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._parent.wait()

    @property
    def running(self) -> bool:
        """Whether the parent runs."""
        return self._parent.poll() is None

    def popen(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """In place of pytester's method of this name: forks what can be forked, and starts the rest as `usual`."""

        def start(command: Sequence[str], stdin: Any = pytest.Pytester.CLOSE_STDIN, **files: Any) -> Any:
            words = forkable(command)
            if not words or stdin is not pytest.Pytester.CLOSE_STDIN:
                return usual(command, stdin=stdin, **files)
            return self.start(words, **files)

        return start

    def start(self, words: Sequence[str], stdout: TextIO, stderr: TextIO) -> Fork:
        """`python WORDS` in this process's folder and environment, with nothing to read."""
        folder = str(Path.cwd())
        path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))  # as pytester has it
        request = {"words": words, "folder": folder, "environment": os.environ | {"PYTHONPATH": path}}
        with Path(os.devnull).open() as nothing:
            files = [each.fileno() for each in (nothing, stdout, stderr)]
            socket.send_fds(self._channel, [json.dumps(request).encode()], files)
        return Fork(self._channel)


def forkable(command: Sequence[str]) -> list[str]:
    """What follows the interpreter, its option `-m` as a word of its own; empty where it is anything else."""
    program, first, *others = command
    if program != sys.executable:
        return []
    if first.startswith("-m"):
        return [*filter(None, ("-m", first.removeprefix("-m"))), *others]
    return [] if first.startswith("-") else [first, *others]
