"""Many questions in one command: each is a section, and is told apart in the answer. Pure.

The gate of machines that are only read parses the whole of it, each question included.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from checks.facts.fact import Unknown

_BEGIN, _END = "=#=", "=#?"
_SECTION = re.compile(rf"^{_BEGIN} ([^\n]*)\n(.*?){re.escape(_END)} (\d+)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What one question was answered: both streams, and the exit status."""

    command: str
    text: str
    rc: int

    @property
    def ok(self) -> bool:
        """Whether the command's exit status was 0."""
        return self.rc == 0


class Answers:
    """What a machine answered, by section. `reason` is why there is nothing, where there is nothing at all."""

    def __init__(self, given: Mapping[str, Answer], reason: str = "") -> None:
        self._given = given
        self._reason = reason

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def all(self) -> Mapping[str, Answer]:
        """Every section that was answered."""
        return self._given

    def any(self, name: str) -> Answer:
        """A section, whatever its exit status; raises Unknown where it was not reached."""
        if name not in self._given:
            raise Unknown(self._reason or f"the machine did not answer the question about {name}")
        return self._given[name]

    def text(self, name: str) -> str:
        """What a command that succeeded printed; raises Unknown, with what it said instead."""
        answer = self.any(name)
        if not answer.ok:
            said = answer.text.strip().splitlines()[-1:] or [f"exit status {answer.rc}"]
            raise Unknown(f"`{answer.command}` failed: {said[0]}")
        return answer.text

    def maybe(self, name: str) -> str:
        """What a command printed, empty where it failed or was not reached: for what not every machine has."""
        answer = self._given.get(name)
        return answer.text if answer and answer.ok else ""

    def joined(self, other: Answers) -> Answers:
        """The sections of both."""
        return Answers({**self._given, **other._given}, self._reason or other._reason)


def command(questions: Mapping[str, str]) -> str:
    """One command for root that answers all questions, whatever each of them does."""
    script = "\n".join(
        f'echo\necho "{_BEGIN} {name}"\n{{ {asked}; }} 2>&1\necho "{_END} $?"' for name, asked in questions.items()
    )
    return f"sudo sh -c {shlex.quote(script)}"


def answers(questions: Mapping[str, str], printed: str, reason: str = "") -> Answers:
    """The sections of what such a command printed."""
    found = {name: Answer(questions.get(name, name), text, int(rc)) for name, text, rc in _SECTION.findall(printed)}
    return Answers(found, reason)
