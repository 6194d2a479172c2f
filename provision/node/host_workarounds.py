"""What the host forces us to change on the machines: each departure with its probe and reason, applied where needed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from provision.config.facts import Facts

_CAP_SYS_RESOURCE = 24  # its number in linux/capability.h
_LITTLE_DISK = 0.25  # of it; the kubelet starts to evict at 0.15, and clusters write meanwhile

EMULATION = "emulation"
"""The workaround to slow processors; steps ask for it as `Cluster.emulated`."""

EMULATED = 12
"""How much longer everything may take there (measured: RSA 20 times, the rest about 10)."""


@dataclass(frozen=True)
class HostFacts:
    """What was found out about this host. `disk_free` is what is available of its disk, a share between 0 and 1."""

    cgroup_version: int
    may_raise_limits: bool
    conntrack_writable: bool
    swap: bool
    disk_free: float
    emulated: bool = False


@dataclass(frozen=True)
class Workaround:
    """One departure from a plain machine. `name` is stable; it is what reports and renderers use.

    `reason` may name a fact of the host in braces.
    """

    name: str
    reason: str
    effect: str
    needed: Callable[[HostFacts, Facts], bool]

    def because(self, host: HostFacts) -> str:
        """The reason, with what was found on this host."""
        return self.reason.format(**asdict(host))


def _refuses_the_cgroups(host: HostFacts, kubernetes: Facts) -> bool:
    return host.cgroup_version == 1 and kubernetes.refuses_cgroup_v1


def _may_not_raise_limits(host: HostFacts, _: Facts) -> bool:
    return not host.may_raise_limits


def _may_not_write_conntrack(host: HostFacts, _: Facts) -> bool:
    return not host.conntrack_writable


def _swaps(host: HostFacts, _: Facts) -> bool:
    return host.swap


def _has_little_disk(host: HostFacts, _: Facts) -> bool:
    return host.disk_free < _LITTLE_DISK


def _emulates(host: HostFacts, _: Facts) -> bool:
    return host.emulated


WORKAROUNDS: tuple[Workaround, ...] = (
    Workaround(
        "cgroup-v1",
        "the host has cgroup v1, which this version's kubelet and kubeadm's SystemVerification refuse",
        "kubelet failCgroupV1: false; kubeadm --ignore-preflight-errors SystemVerification",
        _refuses_the_cgroups,
    ),
    Workaround(
        "limits",
        "the host lacks CAP_SYS_RESOURCE: no process may lower its OOM score or raise its limits",
        "containerd restrict_oom_score_adj; kubelet gate KubeletInUserNamespace",
        _may_not_raise_limits,
    ),
    Workaround(
        "conntrack",
        "net.netfilter.nf_conntrack_max cannot be written from a network namespace",
        "kube-proxy conntrack.maxPerCore: 0, set in its ConfigMap after init",
        _may_not_write_conntrack,
    ),
    Workaround(
        "swap",
        "the host swaps, and machines share its memory",
        "kubelet failSwapOn: false",
        _swaps,
    ),
    Workaround(
        "disk-pressure",
        "the machines share the host's disk, of which {disk_free:.0%} is available: less than a quarter",
        "kubelet evictionHard 0% for disks, imageGCHighThresholdPercent: 100",
        _has_little_disk,
    ),
    Workaround(
        EMULATION,
        "the machines' processors are emulated, and an order of magnitude slower than kubeadm's time limits assume",
        "kubeadm's command lines as configuration files with the same content, longer timeouts and ECDSA keys; etcd "
        "heartbeats every second, leaders stay for three minutes, the load balancer's health checks may take longer",
        _emulates,
    ),
)


def needed(host: HostFacts, kubernetes: Facts) -> tuple[Workaround, ...]:
    """The workarounds that this host makes necessary for a version of Kubernetes."""
    return tuple(each for each in WORKAROUNDS if each.needed(host, kubernetes))


def probe(disk: Path) -> HostFacts:
    """Inspect this host; `disk` is a folder on the file system that the machines will use."""
    usage = shutil.disk_usage(disk)
    return HostFacts(
        cgroup_version=cgroup_version(),
        may_raise_limits=_has_capability(_CAP_SYS_RESOURCE),
        conntrack_writable=_writable_in_namespace("/proc/sys/net/netfilter/nf_conntrack_max"),
        swap=len(Path("/proc/swaps").read_text().splitlines()) > 1,
        disk_free=usage.free / usage.total,
    )


def cgroup_version() -> int:
    """2 for the unified hierarchy; 1 for the old one, and for hybrids, which count as old."""
    return 2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1


def _has_capability(number: int) -> bool:
    # The bounding set, not the effective one: sudo gives a plain user what the bounding set allows.
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return bool(int(lines["CapBnd"].strip(), 16) >> number & 1)


def _writable_in_namespace(path: str) -> bool:
    command = ["unshare", "--user", "--map-root-user", "--net", "test", "-w", path]
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
