"""Who listens to a journal: a file for the report, and lines of progress for people."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provision.recording.journal import CommandRecord, StepRecord, as_json
from provision.util.concurrency import Ticker

HEARTBEAT = 15.0
"""Seconds of silence after which a person starts to wonder."""


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.04 s`, `9.8 s`, `42 s`, `1 min 12 s`, `2 h 5 min`."""
    if seconds < 0.095:
        return f"{max(seconds, 0):.2f} s"
    if seconds < 9.5:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    parts = ((minutes, "min"), (rest, "s")) if minutes < 60 else ((minutes // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


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


def append_line(path: Path, data: object) -> None:
    """Append `data` as one line of JSON, all of it or nothing; makes the file, for its owner only. Raises OSError."""
    # Output of commands may carry undecodable bytes as surrogates; escaped with a backslash they are valid JSON.
    line = (json.dumps(data, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # or the end could be cut off of what another process wrote meanwhile
        _append_whole(descriptor, line)
    finally:
        os.close(descriptor)


def _append_whole(descriptor: int, line: bytes) -> None:
    """Write at the end of a file that nothing else writes to now; takes back what is written of a line by half."""
    size = os.fstat(descriptor).st_size
    # A process that was killed while it wrote has taken nothing back: its half line must not spoil this one.
    begin = b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
    if os.write(descriptor, begin + line) < len(begin + line):  # as on a disk that is full
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
