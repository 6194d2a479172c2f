"""What a cluster of container machines needs from its host beside what every one does: one small check each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provision.config.settings import Settings
from provision.node import host_workarounds
from provision.providers.container import ipv6
from provision.providers.finding import Finding, findings
from provision.providers.host_findings import available_memory, making, program, refuse, room

_MIB = 1024**2

_INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")


def memory(machines: int) -> int:
    """Bytes that a cluster of so many machines needs, with room to spare (measured: 2.2 GB for seven).

    README.md's figures are this one, in full GiB, for its two commands.
    """
    return (512 + 352 * machines) * _MIB


def inotify_instances(machines: int) -> int:
    """inotify instances that so many machines need: systemd, containerd, the kubelet and pods of each watch files."""
    return 16 * machines + 8


def all_findings(settings: Settings, machines: int, others: int = 0) -> Iterator[Finding]:
    """Every check, in the order in which a person would fix things.

    `machines` is how many the next cluster has, `others` how many there are already.
    """
    yield from making(settings)
    yield program("ip", "iproute2", "finds free addresses")
    yield program("ssh", "openssh-client", "logs in to machines by hand")
    yield from ipv6.all_findings(settings)
    yield from room(settings)
    yield from _memory(machines)
    yield from _inotify(machines + others)
    yield from _systemd_hierarchy()


def check(settings: Settings, machines: int, others: int) -> None:
    """Raise HostLacks naming everything that is missing for one more cluster, if anything is."""
    refuse(all_findings(settings, machines, others), "this host lacks what a cluster needs")


@findings("memory")
def _memory(machines: int) -> Iterator[Finding]:
    available, needed = available_memory(), memory(machines)
    what = f"memory: {available / 1024**3:.1f} GiB available, {machines} machines need {needed / 1024**3:.1f}"
    yield Finding(available >= needed, what, "end other programs, or remove clusters: ./run clean --all")


@findings("inotify instances")
def _inotify(machines: int) -> Iterator[Finding]:
    limit, needed = int(_INOTIFY.read_text()), inotify_instances(machines)
    what = f"inotify instances: {limit} allowed, {machines} machines need {needed}"
    setting = "fs.inotify.max_user_instances=1024"
    yield Finding(limit >= needed, what, f"sudo sysctl -w {setting}", setting=setting)


@findings("cgroups that systemd can use")
def _systemd_hierarchy() -> Iterator[Finding]:
    unified = host_workarounds.cgroup_version() == 2
    ok = unified or Path("/sys/fs/cgroup/systemd").is_dir()
    yield Finding(ok, "cgroups that systemd can use", "sudo mkdir /sys/fs/cgroup/systemd && sudo mount -t cgroup "
                   "-o none,name=systemd cgroup /sys/fs/cgroup/systemd")  # fmt: skip
