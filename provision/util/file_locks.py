"""One process at a time: the others wait within a limit, and say for which process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from provision.util.concurrency import interrupted
from provision.util.errors import Interrupted, TimedOut

_SILENT = 3.0  # seconds that a user does not wonder about
_LOCKS = Path("/proc/locks")


class Steps(Protocol):
    """Tells that something goes on, as a cluster's journal does."""

    def step(self, name: str) -> AbstractContextManager[None]: ...


@contextmanager
def held(path: Path, steps: Steps, what: str, limit: float, silent: float = _SILENT) -> Iterator[None]:
    """Hold the lock `path` while inside. After `silent` seconds there is a step that says what is waited for.

    Raises TimedOut after `limit` seconds, and Interrupted when the work is called off meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    if not _acquired(lock, min(silent, limit)):
        with steps.step(f"wait for {holder(path)}: {what}"):
            if not _acquired(lock, limit):
                raise TimedOut(
                    f"{what}: {holder(path)} has held {path} for {limit / 60:.0f} min",
                    fix=f"fuser -v {path} shows the process; end it if it hangs, and run again",
                )
    try:
        yield
    finally:
        lock.release()


def holder(path: Path, locks: Path = _LOCKS) -> str:
    """Who holds a lock, as in `process 1234`; `another process` where the table `locks` lacks it."""
    try:
        inode = str(path.stat().st_ino)
        rows = [line.split() for line in locks.read_text().splitlines()]
    except OSError:
        return "another process"
    holders = (row[4] for row in rows if row[1:2] == ["FLOCK"] and row[5].rsplit(":", 1)[-1] == inode)
    return next((f"process {pid}" for pid in holders), "another process")


def _acquired(lock: FileLock, seconds: float) -> bool:
    """Whether the lock was free within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            lock.acquire(timeout=max(0.0, min(0.5, deadline - time.monotonic())))
            return True
        except Timeout:
            if interrupted():
                raise Interrupted("called off") from None
            if time.monotonic() >= deadline:
                return False
