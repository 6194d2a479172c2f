"""Machines that answer what their test has given them, and fail on every other command."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Self

from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.util.result import Result

Answer = str | Result | BaseException
"""The standard output of a command that exits with 0, a whole result, or what is raised."""

Key = str | re.Pattern[str]
"""The exact text of a command, or a pattern that is found in it."""

Replies = Mapping[Key, Answer | Callable[[str, str], Answer | None]]
"""What commands are answered. A function gets the machine's name and the command, and may answer None: then the next
entry is tried."""

_SPEC = MachineSpec("cp1", Role.CONTROL_PLANE, 11)


class Answers:
    """What fake machines answer: the first entry counts that a command matches. An unknown command is an error.

    As a context manager it also expects, at the end, that every answer was needed: what no command needs any more
    would otherwise stay in the test for ever.
    """

    def __init__(self, replies: Replies) -> None:
        self._replies = dict(replies)
        self._unused = list(replies)
        self._lock = threading.Lock()  # steps ask many machines at once

    def __call__(self, machine: str, command: str) -> Result:
        """The answer of a machine; raises what is given to be raised, and AssertionError for an unknown command."""
        for key in self._matching(command):
            reply = self._replies[key]
            answer = reply(machine, command) if callable(reply) else reply
            if answer is not None:
                self._use(key)
                return _result(answer)
        raise AssertionError(f"{machine} has no answer to `{command}`; it knows {self._known()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        if raised is None and self._unused:
            raise AssertionError(f"no machine needed the answer to {', '.join(map(_shown, self._unused))}")

    def _matching(self, command: str) -> list[Key]:
        return [key for key in self._replies if (key == command if isinstance(key, str) else key.search(command))]

    def _use(self, key: Key) -> None:
        with self._lock:
            self._unused = [each for each in self._unused if each != key]

    def _known(self) -> str:
        return ", ".join(map(_shown, self._replies)) or "no command"


class FakeMachine(Machine):
    """A machine that knows the given answers, and notes what was run on it in `commands`, and what each was `fed`."""

    def __init__(self, answers: Answers | Replies, spec: MachineSpec = _SPEC, address: str = "") -> None:
        super().__init__(spec, address or f"198.18.0.{spec.host}")
        self.commands: list[str] = []
        self.fed: dict[str, str] = {}
        self._answers = answers if isinstance(answers, Answers) else Answers(answers)

    def run(
        self, command: str, *, timeout: float = 60, stdin: bytes = b"", secret: bool = False, agent: bool = False
    ) -> Result:
        self.commands.append(command)
        self.fed[command] = stdin.decode()
        return self._answers(self.name, command)

    def close(self) -> None:
        """There is no connection."""


def on(machine: str, answer: Answer) -> Callable[[str, str], Answer | None]:
    """An answer that one machine alone has."""
    return lambda name, _command: answer if name == machine else None


def _result(answer: Answer) -> Result:
    if isinstance(answer, BaseException):
        raise answer
    return Result(0, answer, "") if isinstance(answer, str) else answer


def _shown(key: Key) -> str:
    return f"`{key}`" if isinstance(key, str) else f"/{key.pattern}/"
