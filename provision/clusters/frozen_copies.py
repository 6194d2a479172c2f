"""Frozen clusters of one home folder: what machines had on disk, and the state that goes with it, by a name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from provision.clusters.state import States
from provision.config.cluster_state import ClusterState
from provision.util import local
from provision.util.errors import BadInput
from provision.util.home import Home

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_PARTIAL = ".partial-"
_AT_ONCE = 0.0  # seconds to wait for a lock of another process
_SIZE = 600  # seconds, to count some hundred thousand files on a slow disk


@dataclass(frozen=True)
class Copy:
    """A frozen cluster: its name, the state that it had, and when it was frozen, in seconds since the epoch.

    Of the state, `owner` is the process that froze it, and `kept` whether it outlives that process. Older versions have
    written all as kept, and the owner is the process that made the cluster.
    """

    name: str
    state: ClusterState
    frozen: float
    folder: Path

    @property
    def age(self) -> float:
        """Seconds since it was frozen."""
        return time.time() - self.frozen

    def megabytes(self) -> int:
        """What it takes on disk by itself: files that it shares with the image store are not counted."""
        # What is shared, with the image store or with a thawed cluster, has a second link there.
        lines = local.run(
            ["find", str(self.folder), "-type", "f", "-links", "1", "-printf", "%k\\n"], root=True, timeout=_SIZE
        ).stdout.split()
        return sum(map(int, lines)) // 1024


class FrozenCopies:
    """Each is a folder `NAME` with the one cluster's folder in it. One that is not whole is not seen, and swept up."""

    def __init__(self, home: Home) -> None:
        self._root = home.frozen
        self._locks = home.locks

    def __iter__(self) -> Iterator[Copy]:
        for name in sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else ():
            if found := self._find(name):
                yield found

    def unreadable(self) -> dict[str, BadInput]:
        """Why each frozen cluster that cannot be read is left alone, by its name."""
        names = sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else ()
        return {name: _unreadable(name) for name in names if self._exists(name) and not self._find(name)}

    def read(self, name: str) -> Copy:
        """A frozen cluster; raises BadInput where there is none of that name."""
        if found := self._find(name) if _NAME.fullmatch(name) else None:
            return found
        if self._exists(name):
            raise _unreadable(name)
        raise BadInput(f"no cluster is frozen as {name}", fix="./run frozen  # lists those that are")

    def _exists(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name)) and (self._root / name).exists()

    def _find(self, name: str) -> Copy | None:
        folder = self._root / name
        if name.startswith("."):
            return None
        for state in States(folder):
            return Copy(name, state, (folder / state.id).stat().st_mtime, folder / state.id)
        return None

    @contextmanager
    def made(self, name: str, state: ClusterState) -> Iterator[Path]:
        """A folder to copy a cluster into, which becomes a frozen cluster at the end, and goes where that fails.

        Raises BadInput for a name that exists, or that another process makes.
        """
        self.expect_new(name)
        partial = self._partial(name)
        with self.held(name):
            self.expect_new(name)  # another process may just have made it
            local.remove_tree(partial)  # of a process that was killed; its lock is this one
            try:
                States(partial).write(state)
                yield partial / state.id
                partial.rename(self._root / name)
            except BaseException:
                local.remove_tree(partial)
                raise

    def expect_new(self, name: str) -> None:
        """Raise BadInput for what cannot be a name, and for the name of a frozen cluster."""
        if not _NAME.fullmatch(name):
            raise BadInput(f"'{name}' cannot be a name: small letters, digits, dots and dashes can")
        if self._exists(name):
            raise BadInput(f"{name} exists", fix=f"./run frozen remove {name}  # or take another name")

    def remove(self, name: str) -> None:
        """Remove a frozen cluster, also one that cannot be read.

        Raises BadInput where there is none, or another process is working on it.
        """
        if not self._exists(name):
            self.read(name)
        with self.held(name):
            self._discard(name)

    def sweep(self) -> None:
        """Remove what processes have left that ended while they froze a cluster, or removed one."""
        for path in self._root.glob(f"{_PARTIAL}*"):
            name = path.name.removeprefix(_PARTIAL)
            with suppress(BadInput), self.held(name):
                local.remove_tree(path)

    def _discard(self, name: str) -> None:
        partial = self._partial(name)
        local.remove_tree(partial)
        (self._root / name).rename(partial)  # a folder that is half gone must not be taken for a frozen cluster
        local.remove_tree(partial)

    def _partial(self, name: str) -> Path:
        return self._root / f"{_PARTIAL}{name}"

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Have no other process make or remove a frozen cluster meanwhile; raises BadInput where one does."""
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._locks / f"frozen-{name}.lock")
        try:
            lock.acquire(timeout=_AT_ONCE)
        except Timeout:
            raise BadInput(
                f"another process is working on the frozen cluster {name}",
                fix="wait for it to end, or take another name",
            ) from None
        try:
            yield
        finally:
            lock.release()


def _unreadable(name: str) -> BadInput:
    return BadInput(f"what is frozen as {name} cannot be read by this version", fix=f"./run frozen remove {name}")
