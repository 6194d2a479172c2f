"""What clients write down: each operation before it is sent, and its answer as soon as it is there."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from resilience.histories.files import HISTORY, Writer
from resilience.histories.records import Answered, Invoked, Member, Outcome, Record, Watched
from resilience.traffic import objects
from resilience.traffic.objects import Answer, Wanted
from resilience.traffic.outcomes import without_answer
from resilience.traffic.transport import Lost, Transport

TIMES = "times.jsonl"
"""The file of a run's folder beside its history: what happened at which time."""


@dataclass(frozen=True)
class Mark:
    """Something that was done to the cluster, at a time of the history's clock."""

    what: str
    at: float


class Recorder:
    """Writes a history, and the marks beside it, from any thread. What comes after its end is not written.

    Raises FileExistsError where the folder has one: two histories in one file are none.
    """

    def __init__(self, folder: Path, namespace: str, redact: Callable[[str], str] = str) -> None:
        self.namespace, self.history = namespace, folder / HISTORY
        self._times = folder / TIMES
        self._redact = redact
        self.history.touch(exist_ok=False)
        self._writer = Writer(self.history)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._ended = False
        self._acknowledged = 0
        self.note("started", at=time.monotonic(), wall=time.time(), namespace=namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._ended = True
            self._writer.__exit__(kind, error, at)

    @property
    def acknowledged(self) -> int:
        """The highest revision of a write that was acknowledged."""
        return self._acknowledged

    def do(self, client: str, transport: Transport, wanted: Wanted) -> Answer:
        """Do one operation, and record it."""
        number = next(self._ids)
        self._write(Invoked(number, client, wanted.kind, time.monotonic(), wanted.key, wanted.value, wanted.expected))
        try:
            response = transport.exchange(objects.request(self.namespace, wanted))
        except Lost as lost:
            at, judged = time.monotonic(), without_answer(lost.loss, sent=lost.sent)
            answer = Answer(judged.outcome, error=lost.why, loss=judged.loss)
        else:
            at, answer = time.monotonic(), objects.answer(wanted, response)
        self._write(
            Answered(
                number, answer.outcome, at, answer.revision, answer.objects, answer.status,
                self._redact(answer.error), answer.loss,
            )
        )  # fmt: skip
        if wanted.value and answer.outcome is Outcome.OK:
            with self._lock:
                self._acknowledged = max(self._acknowledged, answer.revision)
        return answer

    def watched(self, event: Watched) -> None:
        """Record an event of a watch."""
        self._write(event)

    def member(self, member: Member) -> None:
        """Record what a member of etcd has at the end."""
        self._write(member)

    def mark(self, what: str) -> Mark:
        """Record that something is done to the cluster, now."""
        mark = Mark(what, time.monotonic())
        self.note("mark", **asdict(mark))
        return mark

    def note(self, kind: str, **fields: str | float) -> None:
        """Write down what happens beside the history."""
        line = json.dumps({kind: {name: self._plain(value) for name, value in fields.items()}})
        with self._lock, self._times.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _plain(self, value: str | float) -> str | float:
        return self._redact(value) if isinstance(value, str) else value

    def _write(self, record: Record) -> None:
        with self._lock:
            if not self._ended:
                self._writer.write(record)


def marks(folder: Path) -> list[Mark]:
    """The marks of a run's folder, in their order; a last line that was cut off is left out."""
    lines = (folder / TIMES).read_text(encoding="utf-8").split("\n")[:-1]
    return [Mark(**found["mark"]) for line in lines if "mark" in (found := json.loads(line))]
