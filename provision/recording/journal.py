"""Steps and commands, recorded as they happen and passed to listeners. The source of console, log and report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from provision.util.concurrency import interrupted
from provision.util.errors import Interrupted, Problem, briefly
from provision.util.redaction import Redactor

# The step a command belongs to follows the thread that runs it (`together` copies the context), not the cluster:
# workers join while control planes do.
_step: ContextVar[str] = ContextVar("step", default="")


@dataclass(frozen=True)
class CommandRecord:
    """One command on one machine. Times are seconds since the epoch; `rc` is None where no answer came."""

    cluster: str
    machine: str
    step: str
    command: str
    rc: int | None
    stdout: str
    stderr: str
    start: float
    stop: float


@dataclass(frozen=True)
class StepRecord:
    """One step of a cluster's life. `stop` is None while it runs; `error` is empty when it succeeded.

    `section` and `correction` are those of `provision.procedure.step.Step`. That a step of `bookkeeping` failed is
    shown, and decides nothing: a cluster is what it is, whether or not that could be written down. One that was
    `interrupted` ended because the whole run did, and has not failed.
    """

    cluster: str
    name: str
    section: str
    start: float
    stop: float | None = None
    error: str = ""
    correction: str = ""
    bookkeeping: bool = False
    interrupted: bool = False

    @property
    def seconds(self) -> float:
        """How long it took, or has been taking so far."""
        return (self.stop or time.time()) - self.start


class Listener(Protocol):
    """Gets every step and command; must not raise."""

    def step_started(self, step: StepRecord) -> None: ...

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None: ...


class Journal:
    """The record of one cluster. Everything is redacted before any listener sees it.

    `cluster` is what the cluster is called at this moment (`ClusterId.moments`).
    """

    def __init__(self, cluster: str, redact: Redactor, listeners: Sequence[Listener] = ()) -> None:
        self.cluster = cluster
        self.redact = redact
        self._listeners = tuple(listeners)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Let one more listen while inside."""
        before, self._listeners = self._listeners, (*self._listeners, listener)
        try:
            yield
        finally:
            self._listeners = before

    @contextmanager
    def step(self, name: str, section: str = "", correction: str = "", *, bookkeeping: bool = False) -> Iterator[None]:
        """Everything done inside belongs to the step `name`. The rest is as in StepRecord."""
        record = StepRecord(self.cluster, name, section, time.time(), correction=correction, bookkeeping=bookkeeping)
        token = _step.set(name)
        for listener in self._listeners:
            listener.step_started(record)
        error, ended = "", False
        try:
            yield
        except BaseException as problem:
            ended = not isinstance(problem, Exception) or isinstance(problem, Interrupted) or interrupted()
            error = self.redact(str(problem) if isinstance(problem, Problem) else briefly(problem))
            raise
        finally:
            _step.reset(token)
            for listener in self._listeners:
                listener.step_finished(replace(record, stop=time.time(), error=error, interrupted=ended))

    def command(self, machine: str, command: str, rc: int | None, stdout: str, stderr: str, start: float) -> None:
        """Record a finished command; `start` in seconds since the epoch, the end is now."""
        line, out, err = map(self.redact, (command, stdout, stderr))
        record = CommandRecord(self.cluster, machine, _step.get(), line, rc, out, err, start, time.time())
        for listener in self._listeners:
            listener.command_finished(record)


def as_json(record: CommandRecord | StepRecord) -> dict[str, Any]:
    """The record as plain data, with its kind, for one line of `commands.jsonl`."""
    return {"kind": "command" if isinstance(record, CommandRecord) else "step", **asdict(record)}
