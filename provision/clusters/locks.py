"""One process at a time works on a cluster."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from filelock import FileLock, Timeout

from provision.util.errors import BadInput

_CHECK = 2.0  # seconds: a process that only checks whether a lock is free holds it for less than a millisecond


class ClusterLocks:
    """Locks on clusters, held until they are given back or the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def take(self, cluster: str) -> None:
        """Lock a cluster for this process; raises BadInput when another process has it."""
        if cluster in self._held:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock(cluster)
        try:
            lock.acquire(timeout=_CHECK)
        except Timeout:
            raise _busy(cluster) from None
        self._held[cluster] = lock

    def is_free(self, cluster: str) -> bool:
        """Whether no process, this one included, has locked a cluster. Several may check at once."""
        if cluster in self._held:
            return False
        try:
            descriptor = os.open(self._path(cluster), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)

    def expect_free(self, cluster: str) -> None:
        """Raise BadInput when another process has a cluster; claims nothing."""
        if cluster not in self._held and not self.is_free(cluster):
            raise _busy(cluster)

    def give_back(self, cluster: str) -> None:
        """Let others have it."""
        if lock := self._held.pop(cluster, None):
            lock.release()

    def _lock(self, cluster: str) -> FileLock:
        return FileLock(self._path(cluster))

    def _path(self, cluster: str) -> Path:
        return self._folder / f"cluster-{cluster}.lock"


def _busy(cluster: str) -> BadInput:
    return BadInput(
        f"another process is working on {cluster}",
        fix="./run status  # shows which it is; wait for it to end, or choose another --ha-variant",
    )
