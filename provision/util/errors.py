"""Errors for people. Everything else that is raised is a defect of the harness and keeps its traceback."""

from __future__ import annotations

import traceback

_BRIEF = 160  # characters: two lines of a terminal


class Problem(Exception):
    """Something a person can act on: what was being done, what came back, what to try.

    Shown without a traceback. `fix` is one command or one sentence; `machine` the name of the machine where it
    happened, if it was one.
    """

    def __init__(self, what: str, *, answer: str = "", fix: str = "", machine: str = "") -> None:
        self.what = what
        self.answer = answer.strip()
        self.fix = fix
        self.machine = machine
        super().__init__(what)

    def __str__(self) -> str:
        parts = [self.what]
        if self.answer:
            parts.append("  " + self.answer.replace("\n", "\n  "))
        if self.fix:
            parts.append(f"Try: {self.fix}")
        parts += getattr(self, "__notes__", [])  # what else happened because of it
        return "\n".join(parts)


class BadInput(Problem):
    """What the user chose does not exist or does not go together. Raised before any machine exists."""


class HostLacks(Problem):
    """This host cannot do what was requested: a missing package, too little memory, an address range in use."""


class CommandFailed(Problem):
    """A command answered with an exit status that the caller does not accept."""


class Unreachable(Problem):
    """A machine cannot be reached over SSH, or stopped answering."""


class TimedOut(Problem):
    """Something did not become true in time; the answer is the last reason why not."""


class Interrupted(Problem):
    """The user interrupted the run while this was being done in a thread."""


class StepFailed(Problem):
    """A step of the procedure failed; the cluster is broken from here on."""


class ClusterBroken(Problem):
    """An earlier step of this cluster's procedure failed, so the state that a test needs will never be reached."""


def explained(error: BaseException) -> str:
    """What people are shown of an error: a Problem's own words, or the traceback of what was not foreseen."""
    return str(error) if isinstance(error, Problem) else "".join(traceback.format_exception(error)).rstrip()


def briefly(error: BaseException) -> str:
    """An error in one line, as in `KeyError: 'name'`; a Problem's is what it says first."""
    text = str(error) if isinstance(error, Problem) else "".join(traceback.format_exception_only(error))
    line = (text.strip().splitlines() or [""])[0]
    return line if len(line) <= _BRIEF else f"{line[: _BRIEF - 1]}…"
