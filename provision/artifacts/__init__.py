"""Everything that machines are made of, made once and kept.

Programs (`binaries`, built by `gomodules` or fetched by `downloads`; `companions` are etcd and CoreDNS), root file
systems, the `images` of a release, the `node_image` that machines start from, the `image_store` with which they start,
a `box` for virtual machines, and `openapi`, the description of a release's API. Each is a folder of the `cache`;
`housekeeping` removes them. A user's own programs (`own`, out of `program_files`, or built from a `source_tree`) are
put together with a release's by `own_release`; what was made of them is `derived`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provision.artifacts import balancer_images, binaries, box, image_store, images, node_image, openapi, rootfs
from provision.artifacts.box import Box
from provision.artifacts.cache import Cache
from provision.artifacts.catalog import Release
from provision.artifacts.engines import Engine
from provision.artifacts.images import Images
from provision.config import skew
from provision.config.balancers import HAPROXY, Balancer
from provision.config.versions import Version
from provision.node import PAUSE
from provision.node.files import container_files, virtual_files
from provision.recording.journal import Journal
from provision.util.concurrency import together
from provision.util.home import Home


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
    beside: Sequence[Release] = (), balancer: Balancer = HAPROXY,
) -> Artifacts:  # fmt: skip
    """Everything for machines of a release, made where it is missing. `files` go into the node image, by path.

    A `balancer` of static pods needs images of its own.

    Of the releases `beside` it there are programs, and of the newer ones also what the image store has to have: an
    older kubelet runs what the cluster runs.
    """
    cache = _cache(home, journal)
    # Debian packages arrive over the network while Kubernetes is built on the processors.
    makers: tuple[Callable[[], Path], ...] = (
        lambda: binaries.kubernetes(cache, release),
        lambda: rootfs.machine(cache),
        lambda: rootfs.tools(cache),
    )
    folder, machine, _ = together(lambda make: make(), makers)
    made = images.provide(cache, release, folder, engine.name)
    texts = _filled_in(files, made)
    image = node_image.provide(home, journal, engine.name, folder, machine, texts)
    others = {each.version: binaries.kubernetes(cache, each) for each in beside}
    newer = [each for each in beside if skew.brings_images(each.version, release.version)]
    more = [images.provide(cache, each, others[each.version], engine.name) for each in newer]
    more += [balancer_images.provide(cache)] if balancer.images else []
    filled = image_store.provide(cache, engine, home.root, image, machine, [*more, made])
    substitutions = (*made.substitutions, *(sentence for each in more for sentence in each.substitutions))
    return Artifacts(release, image, filled, folder / "kubectl", tuple(dict.fromkeys(substitutions)), others)


@dataclass(frozen=True)
class Boxed:
    """A box for virtual machines of one release. `substitutions` are sentences about versions that stand in."""

    box: Box
    substitutions: tuple[str, ...]


def boxed(release: Release, engine: Engine, home: Home, journal: Journal) -> Boxed:
    """The box for virtual machines of a release, made where it is missing; its image store is filled in a container."""
    made = provide(release, engine, container_files(()), home, journal)
    folder, carried_images = carried(release, engine, home, journal)
    cache = Cache(home, journal)
    texts = _filled_in(virtual_files(()), carried_images)
    return Boxed(box.provide(cache, rootfs.virtual(cache), folder, made.store, texts), made.substitutions)


def programs(release: Release, home: Home, journal: Journal) -> Path:
    """The folder of a release's programs alone."""
    return binaries.kubernetes(_cache(home, journal), release)


def carried(
    release: Release, engine: Engine, home: Home, journal: Journal, balancer: Balancer = HAPROXY
) -> tuple[Path, Images]:
    """What is carried to machines that exist: the folder of a node's programs, and the images."""
    cache = _cache(home, journal)
    folder = binaries.kubernetes(cache, release)
    made = images.provide(cache, release, folder, engine.name)
    return folder, made.with_(balancer_images.provide(cache)) if balancer.images else made


def api(release: Release, home: Home, journal: Journal) -> Path:
    """The description of a release's API, by which objects on pages are checked."""
    return openapi.provide(_cache(home, journal), release) / openapi.NAME


def kubeadm(release: Release, home: Home, journal: Journal) -> Path:
    """The kubeadm of a release, for this host."""
    return binaries.kubernetes(_cache(home, journal), release) / "kubeadm"


def _cache(home: Home, journal: Journal) -> Cache:
    home.artifacts.mkdir(parents=True, exist_ok=True)
    return Cache(home, journal)


def _filled_in(files: Mapping[str, str], images: Images) -> Mapping[str, str]:
    """Files with the name of the sandbox image in its place."""
    return {path: text.replace(PAUSE, images.pause) for path, text in files.items()}
