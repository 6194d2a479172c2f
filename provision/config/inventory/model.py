"""What an inventory says, once it is known to be valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision.config.balancers import HAPROXY, Balancer
from provision.config.login import Jump
from provision.config.topology import MachineSpec, Role

KNOWN_HOSTS = "~/.ssh/known_hosts"

WAYS = ("none", "artifacts", "packages")
"""How Kubernetes gets to a machine: not at all, from this host's artifacts, or as official packages."""


@dataclass(frozen=True)
class Host:
    """One machine. `name` is its host name, and its node's; `address` its IPv4 address as the other machines see it.

    `connect` is where ssh finds it. `key` is a private key file, None for what the user's ssh-agent holds. Without
    `sudo` the user is root.
    """

    name: str
    role: Role
    address: str
    connect: str
    user: str
    port: int = 22
    key: Path | None = None
    known_hosts: Path = Path(KNOWN_HOSTS)
    jump: Jump | None = None
    sudo: bool = True


@dataclass(frozen=True)
class Inventory:
    """The machines of one cluster, in the order of the file, and what is known of the cluster.

    `endpoint` is the load balancer's `name:port`, `certificates` as in cluster ids, `kubernetes` a version or empty.
    `endpoint` is empty where only the cluster itself says it. `prepare` says how machines get what a node needs, and
    `balancer` what the cluster is reached through. `configuration` is a file of the user's own for kubeadm,
    `programs` a folder of the user's own build.
    `content` is the file's own, to be remembered; `notes` is what a reader should know of how it was read.
    """

    name: str
    hosts: tuple[Host, ...]
    endpoint: str
    kubernetes: str = ""
    certificates: str = "uploaded"
    prepare: str = WAYS[0]
    configuration: Path | None = None
    programs: Path | None = None
    balancer: Balancer = HAPROXY
    content: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    notes: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def topology(self) -> str:
        """`external` where etcd has machines of its own."""
        return "external" if any(host.role is Role.ETCD for host in self.hosts) else "stacked"

    @property
    def specs(self) -> tuple[MachineSpec, ...]:
        """The machines as every other provider describes them, load balancer first."""
        order = list(Role)
        hosts = sorted(self.hosts, key=lambda host: order.index(host.role))
        return tuple(MachineSpec(host.name, host.role, 0) for host in hosts)

    def host(self, name: str) -> Host:
        """The machine of a name."""
        return next(host for host in self.hosts if host.name == name)
