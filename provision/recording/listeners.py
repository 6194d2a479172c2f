"""Who listens to a journal: a file for the report, and lines of progress for people."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provision.recording.journal import CommandRecord, StepRecord, as_json
from provision.util.atomic_write import append_line
from provision.util.concurrency import Ticker
from provision.util.durations import duration

HEARTBEAT = 15.0
"""Seconds of silence after which a person starts to wonder."""


class JsonLines:
    """Appends one JSON line a record to a file that threads and processes share; readable by its owner only.

    A step has two lines, the first with `stop` null: what has no second one was interrupted. What cannot be written
    is dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def step_started(self, step: StepRecord) -> None:
        self._append(step)

    def step_finished(self, step: StepRecord) -> None:
        self._append(step)

    def command_finished(self, command: CommandRecord) -> None:
        self._append(command)

    def _append(self, record: CommandRecord | StepRecord) -> None:
        with suppress(OSError):
            append_line(self._path, as_json(record))


@dataclass
class _Open:
    """A step that runs: the thread it was started by, how deep it is nested there, how often it was reminded of."""

    step: StepRecord
    thread: int
    depth: int
    beats: int = 0

    def line(self, mark: str, rest: str = "") -> str:
        return f"{self.step.cluster}  {'  ' * self.depth}{mark} {self.step.name}{rest}"


class Console:
    """Lines of progress through `write`, which gets them without an end of line and may be called by any thread.

    With `ticks`, a step is mentioned again every `interval` seconds for as long as it runs.
    """

    def __init__(self, write: Callable[[str], None], ticks: bool = True, interval: float = HEARTBEAT) -> None:
        self._write = write
        self._ticks = ticks
        self._interval = interval
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str, float], _Open] = {}
        self._began: dict[str, float] = {}
        self._ticker: Ticker | None = None

    def step_started(self, step: StepRecord) -> None:
        thread = threading.get_ident()
        with self._lock:
            self._began.setdefault(step.cluster, step.start)
            depth = sum(each.thread == thread and each.step.cluster == step.cluster for each in self._open.values())
            self._open[step.cluster, step.name, step.start] = opened = _Open(step, thread, depth)
            self._say(opened.line("▸"))
            if self._ticks and self._ticker is None:
                with suppress(RuntimeError):  # the host refuses another thread: then there are no reminders
                    self._ticker = Ticker(self._beat)

    def step_finished(self, step: StepRecord) -> None:
        with self._lock:
            closed = self._open.pop((step.cluster, step.name, step.start), None) or _Open(step, 0, 0)
            took = duration(step.seconds)
            if step.interrupted:
                self._say(closed.line("✗", f"  interrupted after {took}"))
            elif step.error:
                self._say(closed.line("✗", f"  after {took}: {_first_line(step.error)}"))
            else:
                total = time.time() - self._began.get(step.cluster, step.start)
                self._say(
                    closed.line("✓", f"  {took}  (total {duration(total) if total >= 9.5 else f'{total:.0f} s'})")
                )
            ended = self._ticker if not self._open else None
            if ended:
                self._ticker = None
        if ended:  # outside the lock: the ticker may be waiting for it
            ended.stop()

    def command_finished(self, command: CommandRecord) -> None:
        """Commands are for the record, not for the terminal."""

    def _beat(self) -> float:
        """Mention the steps that are due; returns the seconds until the next one is."""
        with self._lock:
            innermost = {each.thread: each for each in self._open.values()}
            for opened in self._open.values():
                due = int(opened.step.seconds / self._interval)
                if due > opened.beats and innermost[opened.thread] is opened:
                    self._say(opened.line("…", f"  {duration(opened.step.seconds)}"))
                opened.beats = max(due, opened.beats)
            waits = [(each.beats + 1) * self._interval - each.step.seconds for each in self._open.values()]
            return max(min(waits, default=self._interval), 0.01)

    def _say(self, line: str) -> None:
        with suppress(Exception):  # a closed terminal must not make a cluster fail
            self._write(line)


def _first_line(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return lines[0] if len(lines[0]) <= 160 else lines[0][:159] + "…"
