"""Everything that machines are made of, made once and kept: programs, images, root file systems, image stores."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from provision import host, lineage
from provision.artifacts import binaries, box, images, node, rootfs, store
from provision.artifacts.box import Box
from provision.artifacts.cache import MARK, Cache
from provision.artifacts.catalog import Release
from provision.artifacts.home import Home
from provision.artifacts.images import Images
from provision.journal import Journal
from provision.machines.engines import Engine
from provision.preparation import PAUSE, container, virtual
from provision.together import together
from provision.versions import Version


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
    newer = [each for each in beside if lineage.brings_images(each.version, release.version)]
    more = [images.provide(cache, each, others[each.version], engine.name) for each in newer]
    filled = store.provide(cache, engine, image, machine, [*more, made])
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
    for path in sorted(home.artifacts.glob(f"*/{MARK}")):
        described = json.loads(path.read_text())
        days = (time.time() - described["built"]) / 86400
        size = int(host.run(["du", "-sm", str(path.parent)], root=True, timeout=600).stdout.split()[0])
        yield f"{path.parent.name}\t{described['title']}\t{size} MB\t{days:.1f} days"


def remove(home: Home, engine: str) -> None:
    """Remove all artifacts, and the node images in the engine's storage but those that containers are made of."""
    names = host.run([engine, "images", "--quiet", "--filter", f"label={node.LABEL}=node"], root=True).stdout.split()
    if names:
        # Not --force: podman would remove the containers too, which are somebody's cluster.
        host.run([engine, "rmi", *sorted(set(names))], root=True, check=False, timeout=1800)
    host.remove_tree(home.artifacts)
    (home.root / "releases.json").unlink(missing_ok=True)


def prune(home: Home, engine: Callable[[], str], days: float) -> Iterator[str]:
    """Remove the artifacts that were not used for so many days; the names of each. Clusters keep what they have.

    `engine` names the container engine; it is asked only where an image is to go.
    """
    for path in sorted(home.artifacts.glob(f"*/{MARK}")):
        if time.time() - path.stat().st_mtime <= days * 86400:
            continue
        if not path.parent.name.startswith(f"{node.KIND}-") or node.forget(path.parent, engine()):
            host.remove_tree(path.parent)
            yield path.parent.name


def sweep(home: Home, engine: Engine) -> None:
    """Remove what an ended process left half-built; what another process is at is left alone."""
    show = ["--filter", f"label={node.LABEL}=store", "--format", "{{.Names}}"]
    for name in host.run([engine.name, "ps", "-a", *show], root=True).stdout.split():
        if not Path(f"/proc/{name.rsplit('-', 1)[-1]}").exists():
            host.run(engine.remove(name), root=True)
    for partial in home.artifacts.glob(".partial-*"):
        lock = FileLock(home.locks / f"{partial.name.removeprefix('.partial-')}.lock")
        with suppress(Timeout), lock.acquire(timeout=0):
            host.remove_tree(partial)
