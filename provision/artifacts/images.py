"""The images that a cluster's nodes need, in one archive, under the names that kubeadm lists."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts import binaries, node_image, rootfs
from provision.artifacts.archive import Image, write_archive, write_layer
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release
from provision.artifacts.companions import choose_companions, components
from provision.artifacts.own import COMPONENTS, OwnPrograms
from provision.network.plugin import IMAGE as NETWORK
from provision.util import local
from provision.util.errors import CommandFailed

AGNHOST = "kubeadm-ha.test/agnhost:1"
"""Kubernetes' own test server (test/images/agnhost), which the workload scenarios run."""

# What kubeadm's upgrade tries the cluster with is `pause -v`, which has to end.
_PAUSE_PROGRAMS = {"pause": "catatonit", "busybox": "busybox"}
_PAUSE = ("/busybox", "sh", "-c", '[ "$1" != -v ] || { echo pause; exit; }; exec /pause -P', "pause")

_NEEDS = 3 * 1024**3  # bytes: the archives, and their layers meanwhile
_TRANSFER = 1800  # seconds, for hundreds of megabytes over a slow line, or to a slow disk

OFFICIAL_AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"
"""The same as it is published."""


@dataclass(frozen=True)
class Images:
    """Archives to load, the names that must be there afterwards, and what stands in for what."""

    archives: tuple[Path, ...]
    names: tuple[str, ...]
    substitutions: tuple[str, ...]

    def with_(self, others: Images) -> Images:
        """These and others."""
        return Images(
            (*self.archives, *others.archives), (*self.names, *others.names),
            (*self.substitutions, *others.substitutions),
        )  # fmt: skip

    @property
    def pause(self) -> str:
        """The sandbox image that this kubeadm expects; raises CommandFailed where it listed none."""
        found = [name for name in self.names if name.split(":")[0].endswith("/pause")]
        if not found:
            raise CommandFailed(
                "`kubeadm config images list` does not list a pause image", answer="\n".join(self.names)
            )
        return found[0]


def provide(cache: Cache, release: Release, programs: Path, engine: str) -> Images:
    """The images of a release, pulled or put together where they are missing."""
    tools = rootfs.tools(cache)
    recipe = Recipe(
        "images", {**_inputs(release, programs), "tools": tools.parent.name, "layout": "4"},
        f"put the images of {release.version} together", "seconds; from source another 4 minutes", needs=_NEEDS,
    )  # fmt: skip

    def build(folder: Path) -> None:
        listed = _listed(release, programs)
        making = _Making(folder, programs, tools)
        if release.published.source != OFFICIAL:
            substitutions = _assemble(making, listed, cache)
        elif release.own:
            substitutions = _pull_beside_own(making, listed, engine)
        else:
            substitutions = _pull(making, listed, engine)
        making.drop_layers()
        index = {"names": [*listed, NETWORK, AGNHOST], "substitutions": substitutions}
        (folder / "images.json").write_text(json.dumps(index, indent=1))

    folder = cache.provide(recipe, build)
    index = json.loads((folder / "images.json").read_text())
    return Images(tuple(sorted(folder.glob("*.tar"))), tuple(index["names"]), tuple(index["substitutions"]))


def _listed(release: Release, programs: Path) -> list[str]:
    """The names of the images that kubeadm wants."""
    command = [str(programs / "kubeadm"), "config", "images", "list", "--kubernetes-version", str(release.version)]
    return local.run(command).stdout.split()


def _inputs(release: Release, programs: Path) -> dict[str, str]:
    """What images are made of. Of a user's own build, only what is in them: its kubeadm changes more often."""
    if not release.own:
        return {"programs": programs.name, "source": release.source}
    inside = [each for each in release.own.programs if each.name in (*COMPONENTS, "kubectl")]
    base = release.published
    return {
        "own": OwnPrograms(tuple(inside)).fingerprint, "else": f"{base.version} {base.source}",
        "listed": " ".join(_listed(release, programs)),
    }  # fmt: skip


_ETCD_PROGRAMS = ("etcd", "etcdctl", "etcdutl")
"""What etcd's own image has, too."""


@dataclass(frozen=True)
class _Making:
    """Archives that are being made in `folder`, of a release's `programs` and the root file system of `tools`."""

    folder: Path
    programs: Path
    tools: Path

    def layer(self, path: str, program: Path) -> Path:
        """A layer with one program, which is at `path` in the image."""
        return write_layer(self.folder / f"{program.name}.layer", {path: program})

    def network(self) -> Image:
        """The image of our network plugin."""
        return Image(
            NETWORK, (self.tools, self.layer("/usr/local/bin/kubectl", self.programs / "kubectl")), command=("sh",)
        )

    def pause(self, name: str) -> Image:
        """A sandbox image of two programs from the tools."""
        programs = {f"/{each}": self._extract(f"usr/bin/{program}") for each, program in _PAUSE_PROGRAMS.items()}
        return Image(name, (write_layer(self.folder / "pause.layer", programs),), entrypoint=_PAUSE)

    def drop_layers(self) -> None:
        """Remove what archives have in them."""
        extracted = (self.folder / program for program in _PAUSE_PROGRAMS.values())
        for layer in (*self.folder.glob("*.layer"), *extracted):
            layer.unlink(missing_ok=True)

    def _extract(self, member: str) -> Path:
        target = self.folder / Path(member).name
        with tarfile.open(self.tools) as archive:
            source = archive.extractfile(f"./{member}")
            assert source is not None, f"{member} is not a file in {self.tools}"
            target.write_bytes(source.read())
        return target


def _pull(making: _Making, listed: Sequence[str], engine: str) -> Sequence[str]:
    """Pull what kubeadm lists into the engine's storage, and save it from there; nothing stands in for anything."""
    pulled = [*listed, OFFICIAL_AGNHOST]
    strangers = [name for name in (*pulled, AGNHOST) if not node_image.is_there(engine, name)]
    several = ["--format", "docker-archive", "--multi-image-archive"] if engine == "podman" else []
    save = [engine, "save", *several, "--output", str(making.folder / "kubernetes.tar"), *listed, AGNHOST]
    try:
        for name in pulled:
            local.run([engine, "pull", "--quiet", name], root=True, timeout=_TRANSFER)
        local.run([engine, "tag", OFFICIAL_AGNHOST, AGNHOST], root=True)
        local.run(save, root=True, timeout=_TRANSFER)
    finally:
        # The archive is what was wanted of them; what the engine had before, or what is used by now, stays.
        for name in strangers:
            local.run([engine, "rmi", name], root=True, check=False)
    write_archive(making.folder / "own.tar", [making.network()])
    return []


def _pull_beside_own(making: _Making, listed: Sequence[str], engine: str) -> Sequence[str]:
    """The same, but Kubernetes' own images are put together: no registry has those of a user's own build."""
    wanted = components(listed)
    _pull(making, [name for part, name in wanted.items() if part not in COMPONENTS], engine)
    write_archive(making.folder / "components.tar", _of_kubernetes(making, wanted))
    return []


def _of_kubernetes(making: _Making, wanted: Mapping[str, str]) -> list[Image]:
    """The images of Kubernetes' own programs."""
    layer, programs = making.layer, making.programs
    return [
        Image(
            wanted[part],
            (*([making.tools] if part == "kube-proxy" else []), layer(f"/usr/local/bin/{part}", programs / part)),
        )
        for part in COMPONENTS
    ]


def _assemble(making: _Making, listed: Sequence[str], cache: Cache) -> Sequence[str]:
    """Put images together from programs that are built here; returns a sentence for each version that stands in."""
    wanted = components(listed)
    companions = choose_companions(wanted)
    built = {each.name: binaries.companion(cache, each.package, each.version, each.name) for each in companions}
    layer, programs = making.layer, making.programs
    images = [
        *_of_kubernetes(making, wanted),
        Image(wanted["etcd"], tuple(layer(f"/usr/local/bin/{part}", built[part]) for part in _ETCD_PROGRAMS)),
        Image(wanted["coredns"], (layer("/coredns", built["coredns"]),), entrypoint=("/coredns",)),
        making.pause(wanted["pause"]),
        Image(AGNHOST, (layer("/agnhost", programs / "agnhost"),), entrypoint=("/agnhost",), command=("pause",)),
        making.network(),  # in the same archive, since it stands on the same layer as kube-proxy
    ]
    write_archive(making.folder / "kubernetes.tar", images)
    return [sentence for each in companions if (sentence := each.substitution)]
