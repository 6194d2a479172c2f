"""Debian root file systems, as tar files: one that is a machine, one for images that need a few tools."""

from __future__ import annotations

import shlex
from pathlib import Path

from provision import node
from provision.artifacts.archive import architecture
from provision.artifacts.cache import Cache, Recipe
from provision.util import local

SUITE = "bookworm"
"""systemd 256 and newer refuse cgroup v1, so this suite's 252 runs on every host."""

_TIMEOUT = 1800  # seconds, for some hundred packages over a slow line; it takes about a minute

_SYSTEM = ("systemd", "systemd-sysv", "dbus", "openssh-server", "openssh-client", "sudo", "iputils-ping")
_BALANCERS = ("haproxy", "keepalived", "nginx", "libnginx-mod-stream")
_MACHINE = (*_SYSTEM, *node.NODE_PACKAGES, *_BALANCERS, "dnsmasq", "bind9-host")
_VIRTUAL = (*_MACHINE, "udev", "initramfs-tools", f"linux-image-cloud-{architecture()}")
_BALANCER = ("haproxy", "keepalived", "curl")
_TOOLS = ("iproute2", "iptables", "nftables", "conntrack", "catatonit", "busybox-static")

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
chroot "$root" systemctl disable haproxy.service keepalived.service nginx.service dnsmasq.service
chroot "$root" systemctl mask console-getty.service getty@.service getty-static.service systemd-udevd.service \
  systemd-udev-trigger.service systemd-modules-load.service systemd-timesyncd.service systemd-networkd.service \
  systemd-resolved.service systemd-logind.service e2scrub_reap.service fstrim.timer apt-daily.timer \
  apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer systemd-tmpfiles-clean.timer nftables.service \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount proc-sys-fs-binfmt_misc.automount
chroot "$root" systemctl enable ssh.service containerd.service
chroot "$root" systemctl set-default multi-user.target
"""

# What Vagrant expects of a box: its user with its well-known key, sudo, sshd, and an address by DHCP. The virtual
# machine's own network is configured by Vagrant, in a file that systemd-networkd reads before this one.
_VIRTUAL_HOOK = r"""
set -eu
root=$1
chroot "$root" useradd --create-home --shell /bin/bash vagrant
echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > "$root/etc/sudoers.d/vagrant"
chmod 440 "$root/etc/sudoers.d/vagrant"
install -d -m 700 "$root/home/vagrant/.ssh"
echo 'ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key' > "$root/home/vagrant/.ssh/authorized_keys"
chroot "$root" chown -R vagrant: /home/vagrant/.ssh
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/update-motd.d"/* "$root/etc/motd"
: > "$root/etc/machine-id"
echo '/dev/vda / ext4 defaults 0 1' > "$root/etc/fstab"
printf '[Match]\nName=eth*\n[Network]\nDHCP=ipv4\n' > "$root/etc/systemd/network/90-dhcp.network"
printf 'overlay\nbr_netfilter\n' > "$root/etc/modules-load.d/kubernetes.conf"
chroot "$root" systemctl disable haproxy.service keepalived.service nginx.service dnsmasq.service
chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  fstrim.timer systemd-tmpfiles-clean.timer nftables.service systemd-networkd-wait-online.service
chroot "$root" systemctl enable ssh.service containerd.service systemd-networkd.service
chroot "$root" systemctl set-default multi-user.target
"""


def machine(cache: Cache) -> Path:
    """The tar file of a machine's root file system, without Kubernetes."""
    return _provide(cache, "machine", _MACHINE, _MACHINE_HOOK)


def virtual(cache: Cache) -> Path:
    """The tar file of a virtual machine's root file system, with a kernel, without Kubernetes."""
    return _provide(cache, "virtual", _VIRTUAL, _VIRTUAL_HOOK)


def tools(cache: Cache) -> Path:
    """The tar file of a small root file system with the tools that kube-proxy and our network plugin call."""
    return _provide(cache, "tools", _TOOLS, "")


def balancer(cache: Cache) -> Path:
    """The tar file of a small root file system with HAProxy and keepalived, and what they check with."""
    return _provide(cache, "balancer", _BALANCER, "")


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
        hooks = [f'--customize-hook=sh {shlex.quote(str(script))} "$1"']
    lean = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
    excluded = [f"--dpkgopt=path-exclude={path}" for path in lean]
    # Its scratch folders lie beside the result, so that they go with it, however this ends.
    local.run(
        ["env", f"TMPDIR={tar.parent}", "mmdebstrap", "--mode=root", "--variant=minbase",
         f"--include={','.join(packages)}", *excluded, *hooks, "--skip=check/empty", SUITE, str(tar)],
        root=True, timeout=_TIMEOUT,
    )  # fmt: skip
