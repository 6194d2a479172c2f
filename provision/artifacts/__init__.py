"""Everything that machines are made of, made once and kept: programs, images, root file systems, image stores."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from provision.artifacts import binaries, box, images, node, rootfs, store
from provision.artifacts.box import Box
from provision.artifacts.cache import MARK, Cache, discard, lock_path
from provision.artifacts.catalog import Release
from provision.artifacts.engines import HOME_LABEL, Engine
from provision.artifacts.home import Home
from provision.artifacts.images import Images
from provision.config import skew
from provision.config.versions import Version
from provision.node import PAUSE, container, virtual
from provision.recording.journal import Journal
from provision.util import local
from provision.util.concurrency import together

_NAME = re.compile(r"[a-z0-9.-]+-[0-9a-f]{12}")
"""The folder of an artifact; nothing else in the folder of artifacts is ours."""


@dataclass(frozen=True)
class Artifacts:
    """What a cluster of one release is made from. `substitutions` are sentences about versions that stand in.

    `programs` has the folders of the releases beside it.
    """

    release: Release
    image: str
    store: Path
    kubectl: Path
    substitutions: tuple[str, ...]
    programs: Mapping[Version, Path] = field(default_factory=dict)


def provide(
    release: Release, engine: Engine, files: Mapping[str, str], home: Home, journal: Journal,
    beside: Sequence[Release] = (),
) -> Artifacts:  # fmt: skip
    """Everything for machines of a release, made where it is missing. `files` go into the node image, by path.

    Of the releases `beside` it there are programs, and of the newer ones also what the image store has to have: an
    older kubelet runs what the cluster runs.
    """
    home.artifacts.mkdir(parents=True, exist_ok=True)
    cache = Cache(home, journal)
    # Debian packages arrive over the network while Kubernetes is built on the processors.
    makers: tuple[Callable[[], Path], ...] = (
        lambda: binaries.kubernetes(cache, release),
        lambda: rootfs.machine(cache),
        lambda: rootfs.tools(cache),
    )
    programs, machine, _ = together(lambda make: make(), makers)
    made = images.provide(cache, release, programs, engine.name)
    texts = {path: text.replace(PAUSE, made.pause) for path, text in files.items()}
    image = node.provide(home, journal, engine.name, programs, machine, texts)
    others = {each.version: binaries.kubernetes(cache, each) for each in beside}
    newer = [each for each in beside if skew.brings_images(each.version, release.version)]
    more = [images.provide(cache, each, others[each.version], engine.name) for each in newer]
    filled = store.provide(cache, engine, home.root, image, machine, [*more, made])
    substitutions = (*made.substitutions, *(sentence for each in more for sentence in each.substitutions))
    return Artifacts(release, image, filled, programs / "kubectl", tuple(dict.fromkeys(substitutions)), others)


@dataclass(frozen=True)
class Boxed:
    """A box for virtual machines of one release. `substitutions` are sentences about versions that stand in."""

    box: Box
    substitutions: tuple[str, ...]


def boxed(release: Release, engine: Engine, home: Home, journal: Journal) -> Boxed:
    """The box for virtual machines of a release, made where it is missing; its image store is filled in a container."""
    made = provide(release, engine, container.files(()), home, journal)
    programs, filled_with = carried(release, engine, home, journal)
    texts = {path: text.replace(PAUSE, filled_with.pause) for path, text in virtual.files(()).items()}
    cache = Cache(home, journal)
    return Boxed(box.provide(cache, rootfs.virtual(cache), programs, made.store, texts), made.substitutions)


def carried(release: Release, engine: Engine, home: Home, journal: Journal) -> tuple[Path, Images]:
    """What is carried to machines that are there already: the folder of a node's programs, and the images."""
    home.artifacts.mkdir(parents=True, exist_ok=True)
    cache = Cache(home, journal)
    programs = binaries.kubernetes(cache, release)
    return programs, images.provide(cache, release, programs, engine.name)


def listing(home: Home) -> Iterator[str]:
    """One line an artifact: name, what it is, size, age."""
    for folder in _folders(home):
        described = json.loads((folder / MARK).read_text())
        days = (time.time() - described["built"]) / 86400
        size = int(local.run(["du", "-sm", str(folder)], root=True, timeout=600).stdout.split()[0])
        yield f"{folder.name}\t{described['title']}\t{size} MB\t{days:.1f} days"


def boxes(home: Home) -> list[str]:
    """The names of the boxes that were made here."""
    return [box.name_of(folder) for folder in _folders(home) if folder.name.startswith(f"{box.KIND}-")]


def remove(home: Home, engine: Callable[[], str]) -> dict[str, str]:
    """Remove all artifacts, and the node images that belong to them, but those that containers are made of.

    Answers with what is left, by name, and why: what another process is at, and what is no artifact at all.
    `engine` names the container engine; it is asked only where an image is to go.
    """
    left = {}
    for folder in sorted(home.artifacts.iterdir()) if home.artifacts.is_dir() else ():
        name = folder.name.removeprefix(".partial-")
        if not (_NAME.fullmatch(name) and folder.is_dir()):
            left[folder.name] = "it is no artifact"
        elif not _removed(home, folder, engine):
            left[folder.name] = "another process is at it"
    if not left:
        local.remove_tree(home.artifacts)
    (home.root / "releases.json").unlink(missing_ok=True)
    return left


def _removed(home: Home, folder: Path, engine: Callable[[], str]) -> bool:
    """Remove an artifact, or what is left of one; False where another process is at it."""
    name = folder.name.removeprefix(".partial-")
    with suppress(Timeout), _locked(home, name):
        if name.startswith(f"{node.KIND}-"):
            node.forget(folder.with_name(name), engine())
        if folder.exists():  # its other half may have been first
            discard(folder.with_name(name)) if folder.name == name else local.remove_tree(folder)
        return True
    return False


def prune(home: Home, engine: Callable[[], str], days: float) -> Iterator[str]:
    """Remove the artifacts that were not used for so many days; the names of each. Clusters keep what they have.

    `engine` names the container engine; it is asked only where an image is to go.
    """
    for folder in _folders(home):
        if not _is_old(folder, days):
            continue
        with suppress(Timeout), _locked(home, folder.name):
            # Again: whoever has just decided to use it has noted that under the same lock.
            if not _is_old(folder, days):
                continue
            if not folder.name.startswith(f"{node.KIND}-") or node.forget(folder, engine()):
                discard(folder)
                yield folder.name


def _folders(home: Home) -> list[Path]:
    """The folders of finished artifacts."""
    return sorted(path.parent for path in home.artifacts.glob(f"*/{MARK}") if _NAME.fullmatch(path.parent.name))


def _is_old(folder: Path, days: float) -> bool:
    try:
        return time.time() - (folder / MARK).stat().st_mtime > days * 86400
    except FileNotFoundError:
        return False


def _locked(home: Home, name: str) -> AbstractContextManager[object]:
    """The artifact's lock, if no other process holds it; raises Timeout."""
    home.locks.mkdir(parents=True, exist_ok=True)
    return FileLock(lock_path(home, name)).acquire(timeout=0)


def sweep(home: Home, engine: Engine) -> None:
    """Remove what an ended process left half-built; what another process is at is left alone."""
    ours = (f"--filter=label={node.LABEL}=store", f"--filter=label={HOME_LABEL}={home.root}")
    for name in local.run([engine.name, "ps", "-a", *ours, "--format", "{{.Names}}"], root=True).stdout.split():
        if not Path(f"/proc/{name.rsplit('-', 1)[-1]}").exists():
            local.run(engine.remove(name), root=True)
    for partial in home.artifacts.glob(".partial-*"):
        with suppress(Timeout), _locked(home, partial.name.removeprefix(".partial-")):
            local.remove_tree(partial)
