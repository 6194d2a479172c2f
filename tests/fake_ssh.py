"""SSH connections to the containers of the fake engine: as much of paramiko as a machine uses, and answers by command.

There is a machine where the engine says so (`addresses/<ip>` in `$FAKE_ENGINE`), and a login takes the keys that were
made for it. `$FAKE_FAILS` names a command that fails and `$FAKE_HOW` says how; `$FAKE_BLOCKS` one that never ends.
"""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Self

from provision.config.login import Login
from provision.util.result import Result
from tests.fake_machine import Answers
from tests.notes import note


class FakeClient:
    """A connection, and its own transport."""

    def __init__(self, machine: str, answers: Answers) -> None:
        self._machine = machine
        self._answers = answers
        self._open = True

    def get_transport(self) -> Self:
        return self

    def is_active(self) -> bool:
        return self._open

    def open_session(self, timeout: float) -> FakeChannel:
        return FakeChannel(self._machine, self._answers)

    def close(self) -> None:
        self._open = False


class FakeChannel:
    """One command: it has ended when `exec_command` returns, or never ends."""

    def __init__(self, machine: str, answers: Answers) -> None:
        self._machine = machine
        self._answers = answers
        self._pipe: tuple[int, ...] = ()
        self._out, self._err, self._rc = b"", b"", 0
        self.closed = False
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._pipe:
            os.close(descriptor)

    def exec_command(self, command: str) -> None:
        if os.environ.get("FAKE_BLOCKS") == command:
            self._pipe = os.pipe()  # on which nothing ever arrives
            note("blocked", "-")
            return
        fails = os.environ.get("FAKE_FAILS") == command
        result = _failed(self._machine) if fails else self._answers(self._machine, command)
        self._out, self._err, self._rc = result.stdout.encode(), result.stderr.encode(), result.rc

    @property
    def eof_received(self) -> bool:
        return not self._pipe

    def exit_status_ready(self) -> bool:
        return not self._pipe

    def fileno(self) -> int:
        return self._pipe[0]

    def settimeout(self, _seconds: float) -> None:
        """Nothing takes time."""

    def sendall(self, data: bytes) -> None:
        """Whatever it is fed."""

    def _send_eof(self) -> None:
        """It has read everything."""

    def recv_ready(self) -> bool:
        return bool(self._out)

    def recv(self, _count: int) -> bytes:
        taken, self._out = self._out, b""
        return taken

    def recv_stderr_ready(self) -> bool:
        return bool(self._err)

    def recv_stderr(self, _count: int) -> bytes:
        taken, self._err = self._err, b""
        return taken

    def recv_exit_status(self) -> int:
        return self._rc


def connect(answers: Answers, login: Login, address: str) -> FakeClient:
    """Log in to a container; raises OSError where there is none."""
    container = Path(os.environ["FAKE_ENGINE"], "addresses", address)
    if not container.exists():
        raise OSError(errno.EHOSTUNREACH, "No route to host")
    known = {line.split()[0] for line in login.known_hosts.read_text().splitlines()}
    assert address in known, f"no key of {address} is known"
    assert login.key, "the agent of the user has no key for these machines"
    assert login.key.stat().st_mode & 0o077 == 0, f"{login.key} is readable by others"
    return FakeClient(container.read_text().strip().rsplit("-", 1)[-1], answers)


def _failed(machine: str) -> Result:
    how = os.environ.get("FAKE_HOW") or "refused"
    if how == "lost":
        raise EOFError(f"the connection to {machine} is gone")
    if how == "unforeseen":
        raise KeyError("items")
    answers = {
        "refused": Result(1, "", "no luck"),
        "killed": Result(137, "", ""),
        "garbage": Result(0, '\x01{"half": [\n', ""),
        "full": Result(1, "", "write error: No space left on device"),
    }
    return answers[how]
