"""Many questions in one command: each is a section, and is kept apart in the answer. Pure.

The gate of machines that are only read parses the whole of it, each question included.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from checks.facts.fact import Unknown

_MARK = secrets.token_hex(4)  # of this process: no file that is printed can know it, and begin a section of its own
_BEGIN, _END = f"={_MARK}#=", f"={_MARK}#?"
_SECTION = re.compile(rf"^{_BEGIN} ([^\n]*)\n(.*?){re.escape(_END)} (\d+)$", re.MULTILINE | re.DOTALL)
_COMPLAINT = re.compile(r"^(?:find|grep|df|sh): .+", re.MULTILINE)
_NOTHING_THERE = re.compile(r"^(?:find|grep|df): ['‘`\"]?/[^\n]*: No such file or directory$")
_NEVER_RAN = (124, 126, 127)  # ended by `timeout`; cannot be run; is not there
NEEDS_SUDO = "sudo without a password for the user who logs in"


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

    def __init__(self, given: Mapping[str, Answer], reason: str = "", needs: str = "") -> None:
        self._given = given
        self._reason = reason
        self._needs = needs

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def all(self) -> Mapping[str, Answer]:
        """Every section that was answered."""
        return self._given

    def any(self, name: str) -> Answer:
        """A section, whatever its exit status; raises Unknown where it was not reached."""
        if name not in self._given:
            raise Unknown(self._reason or f"the machine did not answer the question about {name} in time", self._needs)
        return self._given[name]

    def text(self, name: str) -> str:
        """What a command that succeeded printed; raises Unknown, with what it printed instead."""
        answer = self.any(name)
        if not answer.ok:
            raise _failed(answer)
        return answer.text

    def listed(self, name: str) -> str:
        """What find, grep or df printed; what is not there is none. Raises Unknown where they failed otherwise."""
        answer = self.any(name)
        complaints = [line for line in _COMPLAINT.findall(answer.text) if not _NOTHING_THERE.match(line)]
        if complaints:
            raise Unknown(f"`{answer.command}` failed: {complaints[0]}")
        if answer.rc in _NEVER_RAN:
            raise _failed(answer)
        return answer.text

    def maybe(self, name: str) -> str:
        """What a command printed, empty where it failed or was not reached: for what not every machine has."""
        answer = self._given.get(name)
        return answer.text if answer and answer.ok else ""

    def printed(self, name: str) -> str:
        """What a command printed, whatever its exit status; empty where it was not reached."""
        answer = self._given.get(name)
        return answer.text if answer else ""

    def joined(self, other: Answers) -> Answers:
        """The sections of both."""
        return Answers({**self._given, **other._given}, self._reason or other._reason, self._needs or other._needs)


def _failed(answer: Answer) -> Unknown:
    output = [line for line in answer.text.strip().splitlines() if line][-1:] or [f"exit status {answer.rc}"]
    return Unknown(f"`{answer.command}` failed: {output[0]}")


def command(questions: Mapping[str, str], seconds: int) -> str:
    """One command for root that answers all questions, whatever each of them does.

    After `seconds` it ends, and what was answered by then is there: one question that hangs costs the others nothing
    that stand before it. Messages are in English whatever the machine speaks, since they are read.
    """
    script = "\n".join(
        f'echo\necho "{_BEGIN} {name}"\n{{ {each}; }} 2>&1\necho "{_END} $?"' for name, each in questions.items()
    )
    return f"sudo -n env LC_ALL=C timeout {seconds} sh -c {shlex.quote(script)}"


def answers(questions: Mapping[str, str], printed: str, reason: str = "", needs: str = "") -> Answers:
    """The sections of what such a command printed."""
    found = {
        name: Answer(questions[name], text, int(rc)) for name, text, rc in _SECTION.findall(printed)
        if name in questions and len(rc) < 4
    }  # fmt: skip
    return Answers(found, reason, needs)
