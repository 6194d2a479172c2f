"""One process at a time works on a cluster."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from provision.errors import BadInput


class Claims:
    """Locks on clusters, held until they are given back or the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def take(self, cluster: str) -> None:
        """Claim a cluster for this process; raises BadInput when another process has it."""
        if cluster in self._held:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock(cluster)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise BadInput(
                f"another process is working on {cluster}",
                remedy="./run status  # shows which it is; wait for it to end, or choose another --ha-variant",
            ) from None
        self._held[cluster] = lock

    def is_free(self, cluster: str) -> bool:
        """Whether no process, this one included, has claimed a cluster."""
        if cluster in self._held:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock(cluster).acquire(timeout=0):
                return True
        except Timeout:
            return False

    def give_back(self, cluster: str) -> None:
        """Let others have it."""
        if lock := self._held.pop(cluster, None):
            lock.release()

    def _lock(self, cluster: str) -> FileLock:
        return FileLock(self._folder / f"cluster-{cluster}.lock")
