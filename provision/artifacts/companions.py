"""etcd and CoreDNS at the versions that kubeadm wants, or the nearest that is available as a Go module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provision.artifacts import gomodules
from provision.util.errors import CommandFailed, HostLacks

_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_PACKAGES = {
    "etcd": ("etcd", "go.etcd.io/etcd/server/v3"),
    "etcdctl": ("etcd", "go.etcd.io/etcd/etcdctl/v3"),
    "etcdutl": ("etcd", "go.etcd.io/etcd/etcdutl/v3"),
    "coredns": ("coredns", "github.com/coredns/coredns"),
}
"""Program → the image whose tag says which version is wanted, and the Go package that it is built from."""


@dataclass(frozen=True)
class Companion:
    """One program: what is wanted, and what was found."""

    name: str
    package: str
    wanted: str
    version: str

    @property
    def substitution(self) -> str:
        """A sentence for reports where another version stands in; empty otherwise."""
        if self.version == self.wanted:
            return ""
        return f"{self.name} {self.version} stands in for {self.wanted}, which is not available here"


def components(listed: Iterable[str]) -> dict[str, str]:
    """What `kubeadm config images list` prints, by component: `etcd` → `registry.k8s.io/etcd:3.6.8-0`. Pure."""
    return {name.rsplit("/", 1)[-1].split(":")[0]: name for name in listed}


def choose_companions(images: Mapping[str, str]) -> list[Companion]:
    """What to build for the images that kubeadm lists; raises CommandFailed where it lists them otherwise."""
    if missing := {image for image, _ in _PACKAGES.values()} - images.keys():
        listed = "\n".join(images.values())
        raise CommandFailed(
            f"`kubeadm config images list` does not list {' and '.join(sorted(missing))}", answer=listed
        )
    return [_choose(name, package, images[image]) for name, (image, package) in _PACKAGES.items()]


def _choose(name: str, package: str, image: str) -> Companion:
    match = _NUMBERS.search(image.rpartition(":")[2])
    if not match:
        raise CommandFailed(f"`kubeadm config images list` lists {image}, whose tag is not a version of {name}")
    wanted = "v" + ".".join(match.groups())
    for version in nearest(wanted, gomodules.versions(package)):
        if gomodules.is_available(package, version):
            return Companion(name, package, wanted, version)
    raise HostLacks(
        f"no version of {name} near {wanted} is available as a Go module",
        fix="--ha-artifacts official, where the release site can be reached",
    )


def nearest(wanted: str, offered: Iterable[str]) -> list[str]:
    """`wanted` first, then newer versions upwards, then older ones downwards. Pure."""
    exact = {version: _numbers(version) for version in (*offered, wanted) if _NUMBERS.fullmatch(version)}
    newer = sorted((v for v in exact if exact[v] >= _numbers(wanted)), key=lambda v: exact[v])
    older = sorted((v for v in exact if exact[v] < _numbers(wanted)), key=lambda v: exact[v], reverse=True)
    return newer + older


def _numbers(version: str) -> tuple[int, ...]:
    match = _NUMBERS.search(version)
    assert match, version
    return tuple(map(int, match.groups()))
