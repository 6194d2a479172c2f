"""Debian root file systems, as tar files: one that is a machine, one for images that need a few tools."""

from __future__ import annotations

from pathlib import Path

from provision import host, preparation
from provision.artifacts.cache import Cache, Recipe

SUITE = "bookworm"
"""systemd 256 and newer refuse cgroup v1, so this suite's 252 runs on every host."""

_SYSTEM = ("systemd", "systemd-sysv", "dbus", "openssh-server", "openssh-client", "sudo", "iputils-ping")
_MACHINE = (*_SYSTEM, *preparation.NODE_PACKAGES, "haproxy", "dnsmasq", "bind9-host")
_TOOLS = ("iproute2", "iptables", "nftables", "conntrack", "catatonit")

# Nothing may ask for a console, a device or the internet, and no service may start that its role did not ask for.
_MACHINE_HOOK = r"""
set -eu
root=$1
chroot "$root" useradd --create-home --shell /bin/bash ubuntu
echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' > "$root/etc/sudoers.d/ubuntu"
chmod 440 "$root/etc/sudoers.d/ubuntu"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/update-motd.d"/* "$root/etc/motd"
: > "$root/etc/machine-id"
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
chroot "$root" systemctl disable haproxy.service dnsmasq.service
chroot "$root" systemctl mask console-getty.service getty@.service getty-static.service systemd-udevd.service \
  systemd-udev-trigger.service systemd-modules-load.service systemd-timesyncd.service systemd-networkd.service \
  systemd-resolved.service systemd-logind.service e2scrub_reap.service fstrim.timer apt-daily.timer \
  apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer systemd-tmpfiles-clean.timer nftables.service \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount proc-sys-fs-binfmt_misc.automount
chroot "$root" systemctl enable ssh.service containerd.service
chroot "$root" systemctl set-default multi-user.target
"""


def machine(cache: Cache) -> Path:
    """The tar file of a machine's root file system, without Kubernetes."""
    return _provide(cache, "machine", _MACHINE, _MACHINE_HOOK)


def tools(cache: Cache) -> Path:
    """The tar file of a small root file system with the tools that kube-proxy and our network plugin call."""
    return _provide(cache, "tools", _TOOLS, "")


def _provide(cache: Cache, name: str, packages: tuple[str, ...], hook: str) -> Path:
    recipe = Recipe(
        f"rootfs-{name}", {"suite": SUITE, "packages": " ".join(packages), "hook": hook},
        f"make the root file system for {name}", "about a minute", needs=2 * 1024**3,
    )  # fmt: skip
    return cache.provide(recipe, lambda folder: _mmdebstrap(folder / "rootfs.tar", packages, hook)) / "rootfs.tar"


def _mmdebstrap(tar: Path, packages: tuple[str, ...], hook: str) -> None:
    hooks = []
    if hook:
        script = tar.with_name("hook")
        script.write_text(hook)
        hooks = [f'--customize-hook=sh {script} "$1"']
    lean = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
    excluded = [f"--dpkgopt=path-exclude={path}" for path in lean]
    # Its scratch folders lie beside the result, so that they go with it, however this ends.
    host.run(
        ["env", f"TMPDIR={tar.parent}", "mmdebstrap", "--mode=root", "--variant=minbase",
         f"--include={','.join(packages)}", *excluded, *hooks, "--skip=check/empty", SUITE, str(tar)],
        root=True,
    )  # fmt: skip
