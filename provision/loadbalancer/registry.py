"""A registry of images beside the machines, for a configuration whose imageRepository names it.

It is on the load balancer, which is not a node, and has the release's own images, under the repository that the file
says. Nodes pull from it by HTTPS, as from any other. Images are what archives of `docker save` hold.

Source of what is served: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints, read-only.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from provision.cluster import Cluster
from provision.config.cluster_state import REGISTRY
from provision.config.topology import Role
from provision.machines.machine import Machine
from provision.util.concurrency import together

_FOLDER = "/srv/registry"
_PROGRAM = "/usr/local/sbin/registry"
_UNIT = "registry.service"
_TRUSTED = "/etc/ssl/certs/kubeadm-ha-registry.pem"
_SENT = 1800  # seconds, for hundreds of megabytes to a slow disk

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

_SERVICE = f"""\
[Unit]
Description=Registry of images
[Service]
ExecStart=/usr/bin/socat OPENSSL-LISTEN:443,reuseaddr,fork,verify=0,cert={_FOLDER}/tls.pem EXEC:{_PROGRAM}
[Install]
WantedBy=multi-user.target
"""

_CERTIFICATE = (
    "sudo openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650"
    f" -subj /CN={REGISTRY} -addext subjectAltName=DNS:{REGISTRY} -keyout {_FOLDER}/key.pem -out {_FOLDER}/cert.pem"
    f" && sudo sh -c 'umask 077; cat {_FOLDER}/key.pem {_FOLDER}/cert.pem > {_FOLDER}/tls.pem'"
)


def apply(cluster: Cluster) -> None:
    """Serve the images, and have every node trust the registry; nothing where the configuration names none here."""
    repository = cluster.state.served_repository
    if not repository:
        return
    machine = cluster.outside[0]
    machine.succeed(f"sudo mkdir -p {_FOLDER}/archive {_FOLDER}/manifests")
    for archive in map(Path, cluster.state.archives):
        machine.feed(f"sudo tar -x -C {_FOLDER}/archive", archive, timeout=_SENT)
        for path, text in _texts(cluster, archive, repository):
            machine.put(f"{_FOLDER}/manifests/{path}", text)
    machine.succeed(_CERTIFICATE)
    machine.put(_PROGRAM, files("provision.loadbalancer").joinpath("registry.pl").read_text(), mode=0o755)
    machine.put(f"/etc/systemd/system/{_UNIT}", _SERVICE)
    machine.succeed(f"sudo systemctl enable --quiet --now {_UNIT}")
    certificate = machine.succeed(f"cat {_FOLDER}/cert.pem")
    together(lambda node: _trust(node, certificate), _nodes(cluster))


def _nodes(cluster: Cluster) -> list[Machine]:
    """Also those that join late."""
    return [each for each in cluster.machines.values() if each.role in (Role.CONTROL_PLANE, Role.WORKER)]


def _trust(node: Machine, certificate: str) -> None:
    """Where containerd's Go finds authorities; it reads them once."""
    node.put(_TRUSTED, certificate)
    node.succeed("sudo systemctl restart containerd")


def _texts(cluster: Cluster, archive: Path, repository: str) -> Iterator[tuple[str, str]]:
    if cluster.dry_run:
        return
    with tarfile.open(archive) as tar:
        listed = json.load(_member(tar, "manifest.json"))
        sizes = {entry.name: entry.size for entry in tar}
    yield from manifests(listed, sizes, repository).items()


def manifests(listed: list[Any], sizes: Mapping[str, int], repository: str) -> dict[str, str]:
    """Every manifest by its place: `<repository>/<name>/<tag>`, and by its digest. Pure.

    `listed` is an archive's manifest.json, and `sizes` its files' bytes; these are called by their digests. The name is
    the last part of an image's own, as kubeadm has it in a repository of another's.
    """
    found: dict[str, str] = {}
    for image in listed:
        layers = [_blob(_LAYER, layer, sizes) for layer in image["Layers"]]
        content = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": _blob(_CONFIG, image["Config"], sizes),
                   "layers": layers}  # fmt: skip
        text = json.dumps(content)
        digest = hashlib.sha256(text.encode()).hexdigest()
        for name in image["RepoTags"]:
            path, _, tag = name.rpartition(":")
            folder = f"{repository}/{path.rpartition('/')[2]}"
            found |= {f"{folder}/{tag}": text, f"{folder}/sha256:{digest}": text}
    return found


def _blob(kind: str, file: str, sizes: Mapping[str, int]) -> dict[str, object]:
    return {"mediaType": kind, "size": sizes[file], "digest": f"sha256:{file.partition('.')[0]}"}


def _member(tar: tarfile.TarFile, name: str) -> Any:
    found = tar.extractfile(name)
    assert found is not None, f"the archive has no {name}"
    return found
