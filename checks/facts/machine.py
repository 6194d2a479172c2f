"""What one machine answered over SSH."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from checks.facts.balancer import Balancer
from checks.facts.certificates import Certificate, Key, Kubeconfig, Presented
from checks.facts.etcd import EtcdMetrics, EtcdView, Hash, Status
from checks.facts.fact import LOGIN, Fact, unread

CONTROL_PLANE, WORKER, ETCD, BALANCER = "control-plane", "worker", "etcd", "load-balancer"


@dataclass(frozen=True)
class Identity:
    """Who a machine is. `product_uuid` is empty in containers; `container` is their kind, empty on others."""

    host_name: str
    machine_id: str
    product_uuid: str = ""
    container: str = ""
    operating_system: str = ""
    kernel: str = ""


@dataclass(frozen=True)
class Clock:
    """How far a machine's clock is ahead of the clock of this host, in seconds; wrong by at most `uncertainty`.

    `synchronised` is whether something runs there that keeps it right.
    """

    ahead: float
    uncertainty: float
    synchronised: bool | None = None


@dataclass(frozen=True)
class Interface:
    """A network interface of the machine itself; addresses without their prefix."""

    name: str
    mtu: int
    up: bool
    addresses: tuple[str, ...] = ()
    mac: str = ""


@dataclass(frozen=True)
class Unit:
    """A unit of systemd, in its words: `active`, `enabled`, …; `wanted_by` are units that it is started for."""

    name: str
    active: str
    enabled: str
    wanted_by: tuple[str, ...] = ()

    @property
    def starts_with_its_machine(self) -> bool:
        """Whether the next start of the machine starts it: enabled, or wanted in another way, as by a drop-in."""
        return self.enabled in ("enabled", "enabled-runtime") or bool(self.wanted_by)


@dataclass(frozen=True)
class Swap:
    """Swap that is on, and lines of /etc/fstab that turn it on at the next start.

    `masked` are units of systemd for swap that are masked, so that no line of /etc/fstab starts them.
    """

    active: tuple[str, ...] = ()
    at_start: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disk:
    """A file system with something of Kubernetes on it. Bytes; inodes are None where it has no fixed number."""

    path: str
    mount: str
    size: int
    free: int
    inodes: int | None = None
    inodes_free: int | None = None


@dataclass(frozen=True)
class File:
    """A file or folder. `mode` is octal, as in 0600; `owner` has the group behind a colon, as in `root:root`."""

    path: str
    mode: str
    owner: str
    modified: datetime
    folder: bool = False
    link: str = ""


@dataclass(frozen=True)
class Container:
    """A container of a static pod: its command as it is started, flags by name without dashes, paths of the host."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()

    @property
    def flags(self) -> dict[str, str]:
        """Flags of the command by name, without dashes."""
        return flags_of(self.command)


@dataclass(frozen=True)
class Manifest:
    """A file in the folder of static pods; `error` where it is none."""

    file: str
    name: str = ""
    namespace: str = ""
    containers: tuple[Container, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Process:
    """A running process of Kubernetes, of etcd, or of a load balancer. `name` is its program's."""

    name: str
    pid: int
    started: datetime
    arguments: tuple[str, ...] = ()

    @property
    def flags(self) -> dict[str, str]:
        """Flags of the command by name, without dashes."""
        return flags_of(self.arguments)


@dataclass(frozen=True)
class Kubelet:
    """The kubelet's files: `configuration` is config.yaml, `flags` what kubeadm-flags.env and its command line have.

    `drop_ins` are fields that a file of --config-dir sets, as `authentication.anonymous.enabled`, each with the last
    file that does; `configuration` has them, too.

    `version` is that of the program on disk, as in v1.37.2; `kubeadm` the same of kubeadm, empty where there is none.
    """

    version: str
    configuration: Mapping[str, Any]
    flags: Mapping[str, str] = field(default_factory=dict)
    kubeadm: str = ""
    configuration_file: str = "/var/lib/kubelet/config.yaml"
    drop_ins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Runtime:
    """The container runtime: its name (containerd, cri-o, …), version and cgroup driver (systemd, cgroupfs or empty).

    `configured_driver` is that of its configuration on disk, which holds from its next start.
    """

    name: str
    version: str = ""
    cgroup_driver: str = ""
    configured_driver: str = ""


@dataclass(frozen=True)
class Reached:
    """One request of this machine. `what` is its kind: endpoint, api-server, service, kubelet, etcd-peer or pod.

    `target` is the machine or pod that it was for; `code` is HTTP's status, 0 where the answer was none of HTTP;
    `error` is empty where anything answered.
    """

    what: str
    target: str
    url: str
    code: int
    seconds: float
    error: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything answered, whatever that was."""
        return not self.error


def _unread() -> Any:
    return unread("was not collected", LOGIN)


@dataclass(frozen=True)
class MachineFacts:
    """One machine: its name (the node's, where it is one), roles, address as other machines see it, and its answers.

    `renewals` are files of cron and of systemd's timers that have kubeadm renew certificates, by their names alone.
    `unreachable` is why no login worked, and every answer is missing then; empty where one did, or none was wanted.
    """

    name: str
    roles: tuple[str, ...]
    address: str
    unreachable: str = ""
    identity: Fact[Identity] = field(default_factory=_unread)
    clock: Fact[Clock] = field(default_factory=_unread)
    interfaces: Fact[tuple[Interface, ...]] = field(default_factory=_unread)
    units: Fact[Mapping[str, Unit]] = field(default_factory=_unread)
    swap: Fact[Swap] = field(default_factory=_unread)
    disks: Fact[tuple[Disk, ...]] = field(default_factory=_unread)
    sysctls: Fact[Mapping[str, str]] = field(default_factory=_unread)
    files: Fact[tuple[File, ...]] = field(default_factory=_unread)
    certificates: Fact[tuple[Certificate, ...]] = field(default_factory=_unread)
    keys: Fact[tuple[Key, ...]] = field(default_factory=_unread)
    kubeconfigs: Fact[tuple[Kubeconfig, ...]] = field(default_factory=_unread)
    digests: Fact[Mapping[str, str]] = field(default_factory=_unread)
    manifests: Fact[tuple[Manifest, ...]] = field(default_factory=_unread)
    processes: Fact[tuple[Process, ...]] = field(default_factory=_unread)
    presented: Fact[tuple[Presented, ...]] = field(default_factory=_unread)
    kubelet: Fact[Kubelet] = field(default_factory=_unread)
    runtime: Fact[Runtime] = field(default_factory=_unread)
    resolved: Fact[tuple[str, ...]] = field(default_factory=_unread)
    reached: Fact[tuple[Reached, ...]] = field(default_factory=_unread)
    etcd: Fact[EtcdView] = field(default_factory=_unread)
    etcd_status: Fact[Status] = field(default_factory=_unread)
    etcd_hash: Fact[Hash] = field(default_factory=_unread)
    etcd_metrics: Fact[EtcdMetrics] = field(default_factory=_unread)
    balancers: Fact[tuple[Balancer, ...]] = field(default_factory=_unread)
    renewals: Fact[tuple[str, ...]] = field(default_factory=_unread)

    def is_a(self, role: str) -> bool:
        """Whether the machine has a role."""
        return role in self.roles

    @property
    def is_node(self) -> bool:
        """Whether a kubelet belongs on it that has joined the cluster."""
        return self.is_a(CONTROL_PLANE) or self.is_a(WORKER)


def flags_of(arguments: tuple[str, ...]) -> dict[str, str]:
    """Flags by name, without dashes: `--a=b`, `-a=b`, `--a b`; a flag that is given alone is `true`."""
    found = {}
    for each, following in zip(arguments[1:], (*arguments[2:], "-"), strict=False):
        if each.startswith("-"):
            name, equals, value = each.lstrip("-").partition("=")
            found[name] = value if equals else "true" if following.startswith("-") else following
    return found


ANSWERS = tuple(each.name for each in fields(MachineFacts) if each.type.startswith("Fact["))
"""Names of what is read of a machine."""
