"""The images that a cluster's nodes need, in one archive, under the names that kubeadm lists."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from provision.artifacts import binaries, node, rootfs
from provision.artifacts.archive import Image, write_archive, write_layer
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.catalog import OFFICIAL, Release
from provision.artifacts.companions import Companion, choose_companions, components
from provision.errors import CommandFailed
from provision.util import local

NETWORK = "kubeadm-ha.test/network:1"
"""iproute2, a shell and kubectl: what our network plugin needs."""

AGNHOST = "kubeadm-ha.test/agnhost:1"
"""Kubernetes' own test server (test/images/agnhost), which the workload scenarios run."""

# What kubeadm's upgrade tries the cluster with is `pause -v`, which has to end.
_PAUSE_PROGRAMS = {"pause": "catatonit", "busybox": "busybox"}
_PAUSE = ("/busybox", "sh", "-c", '[ "$1" != -v ] || { echo pause; exit; }; exec /pause -P', "pause")

_TRANSFER = 1800  # seconds, for hundreds of megabytes over a slow line, or to a slow disk

_OFFICIAL_AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"


@dataclass(frozen=True)
class Images:
    """Archives to load, the names that must be there afterwards, and what stands in for what."""

    archives: tuple[Path, ...]
    names: tuple[str, ...]
    substitutions: tuple[str, ...]

    @property
    def pause(self) -> str:
        """The sandbox image that this kubeadm expects; raises CommandFailed where it listed none."""
        found = [name for name in self.names if name.split(":")[0].endswith("/pause")]
        if not found:
            raise CommandFailed("`kubeadm config images list` names no pause image", answer="\n".join(self.names))
        return found[0]


def provide(cache: Cache, release: Release, programs: Path, engine: str) -> Images:
    """The images of a release, pulled or put together where they are missing."""
    tools = rootfs.tools(cache)
    recipe = Recipe(
        "images", {"programs": programs.name, "tools": tools.parent.name, "source": release.source, "layout": "3"},
        f"put the images of {release.version} together", "seconds; from source another 4 minutes", needs=3 * 1024**3,
    )  # fmt: skip

    def build(folder: Path) -> None:
        listed = local.run(
            [str(programs / "kubeadm"), "config", "images", "list", "--kubernetes-version", str(release.version)]
        ).stdout.split()
        make = _pull if release.source == OFFICIAL else _assemble
        substitutions = make(cache, folder, programs, tools, listed, engine)
        index = {"names": [*listed, NETWORK, AGNHOST], "substitutions": substitutions}
        (folder / "images.json").write_text(json.dumps(index, indent=1))

    folder = cache.provide(recipe, build)
    index = json.loads((folder / "images.json").read_text())
    return Images(tuple(sorted(folder.glob("*.tar"))), tuple(index["names"]), tuple(index["substitutions"]))


def _pull(_cache: Cache, folder: Path, programs: Path, tools: Path, listed: list[str], engine: str) -> list[str]:
    pulled = [*listed, _OFFICIAL_AGNHOST]
    strangers = [name for name in (*pulled, AGNHOST) if not node.is_there(engine, name)]
    several = ["--format", "docker-archive", "--multi-image-archive"] if engine == "podman" else []
    save = [engine, "save", *several, "--output", str(folder / "kubernetes.tar"), *listed, AGNHOST]
    try:
        for name in pulled:
            local.run([engine, "pull", "--quiet", name], root=True, timeout=_TRANSFER)
        local.run([engine, "tag", _OFFICIAL_AGNHOST, AGNHOST], root=True)
        local.run(save, root=True, timeout=_TRANSFER)
    finally:
        # The archive is what was wanted of them; what somebody had before, or uses by now, stays.
        for name in strangers:
            local.run([engine, "rmi", name], root=True, check=False)
    write_archive(folder / "own.tar", [_network(folder, programs, tools)])
    _drop_layers(folder)
    return []


def _assemble(
    cache: Cache, folder: Path, programs: Path, tools: Path, listed: list[str], _engine: str
) -> list[str]:  # fmt: skip
    wanted = components(listed)
    companions = choose_companions(wanted)
    plain = [part for part in wanted if part.startswith("kube-") and part != "kube-proxy"]
    etcd = [_companion(cache, folder, companions[part], "/usr/local/bin") for part in ("etcd", "etcdctl")]
    proxy = _layer(folder, "/usr/local/bin/kube-proxy", programs / "kube-proxy")
    coredns = _companion(cache, folder, companions["coredns"], "")
    holds = {f"/{name}": _extract(tools, f"usr/bin/{program}", folder) for name, program in _PAUSE_PROGRAMS.items()}
    pause = write_layer(folder / "pause.layer", holds)
    images = [
        *(Image(wanted[part], (_layer(folder, f"/usr/local/bin/{part}", programs / part),)) for part in plain),
        Image(wanted["kube-proxy"], (tools, proxy)),
        Image(wanted["etcd"], tuple(etcd)),
        Image(wanted["coredns"], (coredns,), entrypoint=("/coredns",)),
        Image(wanted["pause"], (pause,), entrypoint=_PAUSE),
        Image(
            AGNHOST, (_layer(folder, "/agnhost", programs / "agnhost"),), entrypoint=("/agnhost",), command=("pause",)
        ),
        _network(folder, programs, tools),  # in the same archive, since it stands on the same layer as kube-proxy
    ]
    write_archive(folder / "kubernetes.tar", images)
    _drop_layers(folder)
    return [sentence for part in companions.values() if (sentence := part.substitution)]


def _network(folder: Path, programs: Path, tools: Path) -> Image:
    layer = _layer(folder, "/usr/local/bin/kubectl", programs / "kubectl")
    return Image(NETWORK, (tools, layer), command=("sh",))


def _companion(cache: Cache, folder: Path, part: Companion, where: str) -> Path:
    program = binaries.companion(cache, part.package, part.version, part.name)
    return _layer(folder, f"{where}/{part.name}", program)


def _layer(folder: Path, path: str, program: Path) -> Path:
    return write_layer(folder / f"{program.name}.layer", {path: program})


def _drop_layers(folder: Path) -> None:
    for layer in (*folder.glob("*.layer"), folder / "catatonit", folder / "busybox"):
        layer.unlink(missing_ok=True)


def _extract(tar: Path, member: str, folder: Path) -> Path:
    target = folder / Path(member).name
    with tarfile.open(tar) as archive:
        source = archive.extractfile(f"./{member}")
        assert source is not None, f"{member} is no file in {tar}"
        target.write_bytes(source.read())
    return target
