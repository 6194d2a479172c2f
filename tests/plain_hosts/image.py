"""A Debian with systemd, sshd and nothing else, as a container image; and the packages to install there."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from provision.util import local

REPOSITORY = "localhost/plain-host"

_SUITE = "bookworm" if not Path("/sys/fs/cgroup/cgroup.controllers").exists() else "trixie"  # 257 refuses cgroup v1

_HAS = ("systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2")
NODE_PACKAGES = (
    "containerd", "runc", "containernetworking-plugins", "iproute2", "iptables", "nftables", "ethtool", "socat",
    "conntrack", "ebtables", "curl", "ca-certificates", "kmod", "procps", "mount", "openssl", "netcat-openbsd",
)  # fmt: skip
"""What a node needs beside Kubernetes' own programs, as an administrator knows it."""

BALANCER_TOOLS = ("curl", "ca-certificates", "procps", "netcat-openbsd")
"""What a machine of the load balancer needs beside its programs, likewise."""

_BALANCERS = ("haproxy", "keepalived", "nginx", "libnginx-mod-stream")
_OFFERED = ("sudo", "gpg", "busybox", *NODE_PACKAGES, *BALANCER_TOOLS, *_BALANCERS)
"""What an administrator, or the product, may install: the packages themselves and all that they need."""

_TIMEOUT = 1800  # seconds, for some hundred packages over a slow line; it takes about a minute

# Units that would touch what a container shares with this host, or want what it has not. Host keys are each machine's.
_HOOK = """\
set -eu
chroot "$1" systemctl mask console-getty.service getty@.service proc-sys-fs-binfmt_misc.automount dev-hugepages.mount \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount apt-daily.timer apt-daily-upgrade.timer
rm -f "$1"/etc/ssh/ssh_host_*
chroot "$1" apt-get install -q -y --download-only --no-install-recommends {packages}
cp "$1"/var/cache/apt/archives/*.deb {debs}
"""


@dataclass(frozen=True)
class Image:
    """A container `image` of a plain Debian, and the folder of the packages that can be installed on it."""

    name: str
    debs: Path


def folder() -> Path:
    """Where everything of plain hosts is kept on this host."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubeadm-ha-plain-hosts"


def provide() -> Image:
    """The image; made, in about a minute, where there is none of the same content."""
    digest = hashlib.sha256("\n".join([_SUITE, *_HAS, *_OFFERED, _HOOK]).encode()).hexdigest()[:12]
    place, image = folder() / f"image-{digest}", f"{REPOSITORY}:{digest}"
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "rootfs.tar").exists():
            _make(place)
        if not local.run(["podman", "image", "exists", image], root=True, check=False).ok:
            local.run(["podman", "import", "--quiet", str(place / "rootfs.tar"), image], root=True, timeout=_TIMEOUT)
    return Image(image, place / "debs")


def _make(place: Path) -> None:
    partial = place.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "debs").mkdir(parents=True)
    hook = partial / "hook"
    hook.write_text(_HOOK.format(packages=" ".join(_OFFERED), debs=shlex.quote(str(partial / "debs"))))
    local.run(
        ["env", f"TMPDIR={partial}", "mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(_HAS)}",
         f'--customize-hook=sh {shlex.quote(str(hook))} "$1"', _SUITE, str(partial / "rootfs.tar")],
        root=True, timeout=_TIMEOUT,
    )  # fmt: skip
    partial.rename(place)
