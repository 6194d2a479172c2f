"""What is costly is made once: artifacts are folders named by what went into them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provision.recording.journal import Journal
from provision.util import file_locks, local
from provision.util.errors import HostLacks
from provision.util.home import Home

MARK = "artifact.json"
"""The file that makes a folder an artifact. It was changed last when the artifact was used last."""


_LONGEST = 3 * 3600  # seconds that another process may build an artifact: a build from source ends after two hours
_GIB = 1024**3


@dataclass(frozen=True)
class Recipe:
    """What an artifact is made of. Any change of `inputs` makes another artifact; `estimate` is for people.

    `needs` is the free disk, in bytes, without which a build is not begun.
    """

    kind: str
    inputs: Mapping[str, str]
    title: str
    estimate: str
    needs: int = _GIB

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits over everything that goes in."""
        return hashlib.sha256(json.dumps(dict(self.inputs), sort_keys=True).encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """The folder's name."""
        return f"{self.kind}-{self.fingerprint}"


class Cache:
    """Artifacts of one home folder. Builds are serialised across processes; a half-built artifact is never seen."""

    def __init__(self, home: Home, journal: Journal) -> None:
        self._home = home
        self._journal = journal

    def provide(self, recipe: Recipe, build: Callable[[Path], None]) -> Path:
        """The artifact's folder, built by `build` into an empty folder where it does not exist.

        Raises HostLacks when the disk is too small, and whatever `build` raises; nothing is left of a failed build.
        """
        target = self._home.artifacts / recipe.name
        with file_locks.held(lock_path(self._home, recipe.name), self._journal, recipe.title, _LONGEST):
            # Also what is there: another process may be about to remove what was long unused.
            if (target / MARK).exists():
                use(target)
            else:
                with self._journal.step(f"{recipe.title} ({recipe.estimate})"):
                    self._build(recipe, build, target)
        return target

    def _build(self, recipe: Recipe, build: Callable[[Path], None], target: Path) -> None:
        partial = partial_of(target)
        local.remove_tree(partial)
        self._check_space(recipe)
        partial.mkdir()
        try:
            build(partial)
            describe(partial, recipe)
            local.remove_tree(target)  # without its mark: an older version was interrupted while it removed this
            partial.rename(target)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise self._full(recipe) from None
            raise
        finally:
            local.remove_tree(partial)

    def _check_space(self, recipe: Recipe) -> None:
        if shutil.disk_usage(self._home.artifacts).free < recipe.needs:
            raise self._full(recipe)

    def _full(self, recipe: Recipe) -> HostLacks:
        free = shutil.disk_usage(self._home.artifacts).free
        return HostLacks(
            f"the disk is too full to {recipe.title}",
            answer=f"{free / _GIB:.1f} GiB free under {self._home.root}, {recipe.needs / _GIB:.1f} needed",
            fix="free some, or set HA_HOME to a folder on a larger disk",
        )


def describe(folder: Path, recipe: Recipe) -> None:
    """Write down what a finished artifact is; a folder without this is not one."""
    described = {"kind": recipe.kind, "title": recipe.title, "built": time.time(), "inputs": dict(recipe.inputs)}
    (folder / MARK).write_text(json.dumps(described, indent=1))


def lock_path(home: Home, name: str) -> Path:
    """The lock on an artifact, held by each process that builds it, decides to use it or removes it."""
    return home.locks / f"{name}.lock"


def partial_of(folder: Path) -> Path:
    """Where an artifact is while it is built or removed: what an ended process leaves there is swept away."""
    return folder.with_name(f".partial-{folder.name}")


def discard(folder: Path) -> None:
    """Remove an artifact, whose lock the caller holds. It is gone at once, or whole: half of one is never seen."""
    partial = partial_of(folder)
    local.remove_tree(partial)
    folder.rename(partial)
    local.remove_tree(partial)


def use(folder: Path) -> None:
    """Note that an artifact is used now: `prune` goes by the time of its mark."""
    with suppress(OSError):
        os.utime(folder / MARK)
