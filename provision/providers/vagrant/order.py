"""What the Vagrantfile reads: one cluster's machines, their sizes, addresses and box. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from provision.config.topology import Role
from provision.providers.protocol import Order

FOLDER = "vagrant"
"""Below the cluster's own folder: what Vagrant knows of its machines."""

BOOT = "/var/lib/libvirt/boot"
"""Where libvirt's qemu, which is a user of its own, may read kernels."""

_FAVOURED = 8192
"""The first control plane's weight against the others' 1024 where processors are emulated, and too few: a join asks its
etcd for two seconds, once without another try, and nothing makes kubeadm wait longer."""

BOOT_TIMEOUT = {"kvm": 300, "qemu": 1500}
"""Seconds until Vagrant gives a machine up, by how it runs; an emulated one needs minutes, several need more."""


@dataclass(frozen=True)
class Virtual:
    """How a cluster's virtual machines are made. Remembered with the cluster.

    `driver` is libvirt's: `kvm`, or `qemu` for emulation. `box` is a name that Vagrant knows; `kernel` and `initrd` are
    files of this host, for the box that is made here. `memory` is in MiB.
    """

    hypervisor: str
    box: str
    driver: str = "kvm"
    kernel: str = ""
    initrd: str = ""
    cpus: int = 2
    memory: int = 2048

    @property
    def local(self) -> bool:
        """Whether the box was made here, and holds everything that a node needs."""
        return bool(self.kernel)


def halves(network: IPv4Network) -> tuple[IPv4Network, IPv4Network]:
    """A cluster's /24 in two: its machines' own network, and the one by which Vagrant reaches them."""
    own, management = network.subnets(prefixlen_diff=1)
    return own, management


def render(order: Order, virtual: Virtual, home: Path) -> str:
    """The file for the Vagrantfile. `home` is the folder whose cluster it is."""
    own, management = halves(order.network)
    content: dict[str, Any] = {
        "prefix": prefix(str(order.id), home),
        "box": virtual.box,
        "cpus": virtual.cpus,
        "memory": virtual.memory,
        "netmask": str(own.netmask),
        "machines": dict(order.addresses),
        "boot_timeout": BOOT_TIMEOUT[virtual.driver],
        "libvirt": {"driver": virtual.driver, "management": str(management), "mode": "nat" if order.online else "none"},
    }
    if virtual.driver == "qemu":
        first = next(spec.name for spec in order.specs if spec.role is Role.CONTROL_PLANE)
        content["libvirt"]["shares"] = {first: _FAVOURED}
    if virtual.local:
        content["libvirt"] |= {"kernel": virtual.kernel, "initrd": virtual.initrd}
    return yaml.safe_dump(content, sort_keys=False)


def prefix(cluster: str, home: Path) -> str:
    """What the names of a cluster's machines, disks and networks begin with, as the hypervisor knows them.

    It knows those of all users of the host: the names say whose home folder remembers them.
    """
    return f"{of_home(home)}{cluster}_"


def of_home(home: Path) -> str:
    """What the names of all machines of a home folder begin with."""
    return f"kubeadm-ha_{hashlib.sha256(str(home).encode()).hexdigest()[:8]}-"


def old_prefix(cluster: str) -> str:
    """The same, as older versions have it: whose they are is said only by the order that is in a home folder."""
    return f"kubeadm-ha-{cluster}_"
