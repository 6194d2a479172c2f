"""Artifacts that exist: listed, removed, pruned by their age, and swept up where a process left one half-built."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from provision.artifacts import box, node_image
from provision.artifacts.cache import MARK, discard, lock_path
from provision.artifacts.engines import HOME_LABEL, Engine
from provision.util import local
from provision.util.home import Home

_NAME = re.compile(r"[a-z0-9.-]+-[0-9a-f]{12}")
"""The folder of an artifact; nothing else in the folder of artifacts is ours."""

_SIZE = 600  # seconds, to count some hundred thousand files on a slow disk
_DAY = 86400  # seconds


def listing(home: Home) -> Iterator[str]:
    """One line an artifact: name, what it is, size, age."""
    for folder in folders(home):
        described = json.loads((folder / MARK).read_text())
        days = (time.time() - described["built"]) / _DAY
        size = int(local.run(["du", "-sm", str(folder)], root=True, timeout=_SIZE).stdout.split()[0])
        yield f"{folder.name}\t{described['title']}\t{size} MB\t{days:.1f} days"


def boxes(home: Home) -> list[str]:
    """The names of the boxes that were made here."""
    return [box.name_of(folder) for folder in folders(home) if folder.name.startswith(f"{box.KIND}-")]


def remove(home: Home, engine: Callable[[], str]) -> dict[str, str]:
    """Remove all artifacts and their node images, except those that containers are made of.

    Returns what is left, by name, and why: what another process uses, and what is not an artifact.
    `engine` names the container engine; it is called only where an image is to be removed.
    """
    left = {}
    for folder in sorted(home.artifacts.iterdir()) if home.artifacts.is_dir() else ():
        name = folder.name.removeprefix(".partial-")
        if not (_NAME.fullmatch(name) and folder.is_dir()):
            left[folder.name] = "it is not an artifact"
        elif not removed(home, folder, engine):
            left[folder.name] = "another process uses it"
    if not left:
        local.remove_tree(home.artifacts)
    (home.root / "releases.json").unlink(missing_ok=True)
    return left


def removed(home: Home, folder: Path, engine: Callable[[], str]) -> bool:
    """Remove an artifact, or what is left of one; False where another process uses it. `engine` as of `remove`."""
    name = folder.name.removeprefix(".partial-")
    with suppress(Timeout), _locked(home, name):
        if name.startswith(f"{node_image.KIND}-"):
            node_image.forget(folder.with_name(name), engine())
        if folder.exists():  # its other half may have been first
            discard(folder.with_name(name)) if folder.name == name else local.remove_tree(folder)
        return True
    return False


def prune(home: Home, engine: Callable[[], str], days: float) -> Iterator[str]:
    """Remove the artifacts that were not used for so many days; the names of each. Clusters keep what they have.

    `engine` names the container engine; it is called only where an image is to be removed.
    """
    for folder in folders(home):
        if not _is_old(folder, days):
            continue
        with suppress(Timeout), _locked(home, folder.name):
            # Again: a process that has just decided to use it has noted that under the same lock.
            if not _is_old(folder, days):
                continue
            if not folder.name.startswith(f"{node_image.KIND}-") or node_image.forget(folder, engine()):
                discard(folder)
                yield folder.name


def folders(home: Home) -> list[Path]:
    """The folders of finished artifacts."""
    return sorted(path.parent for path in home.artifacts.glob(f"*/{MARK}") if _NAME.fullmatch(path.parent.name))


def _is_old(folder: Path, days: float) -> bool:
    try:
        return time.time() - (folder / MARK).stat().st_mtime > days * _DAY
    except FileNotFoundError:
        return False


def _locked(home: Home, name: str) -> AbstractContextManager[object]:
    """The artifact's lock, if no other process holds it; raises Timeout."""
    home.locks.mkdir(parents=True, exist_ok=True)
    return FileLock(lock_path(home, name)).acquire(timeout=0)


def sweep(home: Home, engine: Engine) -> None:
    """Remove what an ended process left half-built; what another process uses is left alone."""
    ours = (f"--filter=label={node_image.LABEL}=store", f"--filter=label={HOME_LABEL}={home.root}")
    for name in local.run([engine.name, "ps", "-a", *ours, "--format", "{{.Names}}"], root=True).stdout.split():
        if not Path(f"/proc/{name.rsplit('-', 1)[-1]}").exists():
            local.run(engine.remove(name), root=True)
    for partial in home.artifacts.glob(".partial-*"):
        with suppress(Timeout), _locked(home, partial.name.removeprefix(".partial-")):
            local.remove_tree(partial)
