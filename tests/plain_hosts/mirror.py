"""A mirror for a network without internet: the Debian packages that nodes need, Kubernetes' own, and its releases."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path

from provision.artifacts.archive import architecture
from provision.config.versions import Version
from provision.node import PROGRAMS
from provision.node.kubelet import KUBELET_UNITS
from provision.util import local

KEY = "Release.key"
KUBERNETES = "core:/stable:"
"""Where the packages of each minor are, below the mirror's root, as the official site has it."""

_REVISION = "1.1"
_TIMEOUT = 300  # seconds, for a hundred megabytes that are compressed on a busy processor

_PLUGINS = ("bridge", "host-local", "loopback", "portmap", "ptp")

_NEEDS: Mapping[str, str] = {
    "kubeadm": "kubelet (>= 1.19.0), kubectl (>= 1.19.0), cri-tools (>= 1.30.0)",
    "kubelet": "iptables, kubernetes-cni (>= 1.2.0), iproute2, mount, util-linux, ethtool, conntrack",
    "kubectl": "",
    "cri-tools": "",
    "kubernetes-cni": "containernetworking-plugins",
}
"""The packages of a release, and what each depends on. crictl is not an artifact of ours, and kubeadm does without it;
the network plugins are Debian's, at the place where this package has them."""


def make(folder: Path, debs: Path, programs: Path, version: Version) -> None:
    """Fill a folder that a web server may offer: Debian's packages in `debian`, a release's in the official place.

    The release's programs are where the release site has them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    key = _Key(folder.with_name("signing"))
    shutil.copytree(debs, folder / "debian")
    key.sign(folder / "debian")
    release = folder / KUBERNETES / f"v{version.series}" / "deb"
    (release / architecture()).mkdir(parents=True)
    for name in _NEEDS:
        _package(name, version, programs, release / architecture())
    key.sign(release)
    _release(folder / "release", programs, version)


def _release(folder: Path, programs: Path, version: Version) -> None:
    place = folder / str(version) / "bin" / "linux" / architecture()
    place.mkdir(parents=True)
    for name in ("stable", f"stable-{version.series}"):
        (folder / f"{name}.txt").write_text(str(version))
    for name in PROGRAMS:
        shutil.copy(programs / name, place)
        (place / f"{name}.sha256").write_text(hashlib.sha256((place / name).read_bytes()).hexdigest())


class _Key:
    """A signing key of its own, in a folder that only root reads."""

    def __init__(self, home: Path) -> None:
        self._home = home
        if not home.exists():
            home.mkdir(parents=True, mode=0o700)
            self._gpg("--passphrase", "", "--quick-generate-key", "plain hosts <admin@plain.test>", "ed25519", "sign")

    def sign(self, repository: Path) -> None:
        """List the packages below a folder, and sign the list; its key is beside it."""
        (repository / "Packages").write_text(
            "\n".join(_entry(deb, repository) for deb in sorted(repository.rglob("*.deb")))
        )
        content = (repository / "Packages").read_bytes()
        listed = f"SHA256:\n {hashlib.sha256(content).hexdigest()} {len(content)} Packages\n"
        (repository / "Release").write_text(f"Origin: plain hosts\nDate: {formatdate(usegmt=True)}\n{listed}")
        self._gpg("--yes", "--clearsign", "--output", str(repository / "InRelease"), str(repository / "Release"))
        self._gpg("--yes", "--armor", "--output", str(repository / KEY), "--export")
        local.run(["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"])

    def _gpg(self, *arguments: str) -> None:
        local.run(["gpg", "--homedir", str(self._home), "--batch", "--quiet", *arguments])


def _entry(deb: Path, repository: Path) -> str:
    """What a list of packages says of one."""
    fields = local.run(["dpkg-deb", "--field", str(deb)]).stdout
    content = deb.read_bytes()
    place = f"Filename: {deb.relative_to(repository)}\nSize: {len(content)}\n"
    return f"{fields}{place}SHA256: {hashlib.sha256(content).hexdigest()}\n"


def _package(name: str, version: Version, programs: Path, target: Path) -> None:
    tree, number = target / f"{name}.tree", f"{str(version)[1:]}-{_REVISION}"
    for path, text in (KUBELET_UNITS if name == "kubelet" else {}).items():
        if path.startswith("/usr/lib/"):  # the official package brings no more
            _write(tree, path, text)
    if (programs / name).exists():
        (tree / "usr/bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(programs / name, tree / "usr/bin")
    if name == "kubernetes-cni":
        (tree / "opt/cni/bin").mkdir(parents=True)
        for plugin in _PLUGINS:
            (tree / "opt/cni/bin" / plugin).symlink_to(f"/usr/lib/cni/{plugin}")
    needs = f"Depends: {_NEEDS[name]}\n" if _NEEDS[name] else ""
    _write(tree, "/DEBIAN/control", f"""\
Package: {name}
Version: {number}
Architecture: {architecture()}
Maintainer: plain hosts <admin@plain.test>
{needs}Description: {name} as the official packages have it, for a test
""")  # fmt: skip
    build = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), f"{target}/{name}_{number}.deb"]
    local.run(build, timeout=_TIMEOUT)
    shutil.rmtree(tree)


def _write(tree: Path, path: str, text: str) -> None:
    target = tree / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
