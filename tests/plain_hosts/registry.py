"""What a registry would have: one archive for each image, and which of them a machine pulls."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provision.artifacts.images import AGNHOST, OFFICIAL_AGNHOST
from provision.config.topology import Role
from provision.network.plugin import IMAGE as NETWORK

_WORKER = ("kube-proxy", "coredns", "pause", "agnhost")
_OF: dict[Role | None, Sequence[str]] = {
    Role.ETCD: ("etcd", "pause"),
    Role.WORKER: _WORKER,
    Role.CONTROL_PLANE: ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", *_WORKER),
}


def fill(folder: Path, archives: Sequence[Path]) -> None:
    """Write each image of some archives into one of its own. The pod network's own image is on no registry."""
    folder.mkdir(parents=True)
    for path in archives:
        with tarfile.open(path) as archive:
            for image in json.loads(_read(archive, "manifest.json")):
                (name,) = image["RepoTags"]
                if name != NETWORK:
                    public = OFFICIAL_AGNHOST if name == AGNHOST else name
                    _write(folder / _file(public), archive, image | {"RepoTags": [public]})


def archives_of(role: Role | None, folder: str) -> list[str]:
    """The archives of what machines of a role pull."""
    return [f"{folder}/{name}.tar" for name in _OF.get(role, ())]


def _write(target: Path, archive: tarfile.TarFile, image: Mapping[str, Any]) -> None:
    with tarfile.open(target, "w") as tar:
        for name in (image["Config"], *dict.fromkeys(image["Layers"])):
            tar.addfile(archive.getmember(name), archive.extractfile(name))
        manifest = json.dumps([image]).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        tar.addfile(entry, io.BytesIO(manifest))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file, name
    return file.read()


def _file(image: str) -> str:
    return image.rsplit("/", 1)[-1].split(":")[0] + ".tar"
