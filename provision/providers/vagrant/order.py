"""What the Vagrantfile reads: one cluster's machines, their sizes, addresses and box. Pure."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from provision.config.cluster_state import ClusterState

FOLDER = "vagrant"
"""Below the cluster's own folder: what Vagrant knows of its machines."""

BOOT = "/var/lib/libvirt/boot"
"""Where libvirt's qemu, which is a user of its own, may read kernels."""

_FAVOURED = 8192
"""The first control plane's weight against the others' 1024 where processors are emulated, and too few: a join asks its
etcd for two seconds, once without another try, and nothing makes kubeadm wait longer."""

BOOT_TIMEOUT = {"kvm": 300, "qemu": 1500}
"""Seconds until Vagrant gives a machine up, by how it runs; an emulated one needs minutes, several need more."""


def halves(network: IPv4Network) -> tuple[IPv4Network, IPv4Network]:
    """A cluster's /24 in two: its machines' own network, and the one by which Vagrant reaches them."""
    own, management = network.subnets(prefixlen_diff=1)
    return own, management


def render(state: ClusterState, home: Path) -> str:
    """The file for the Vagrantfile. `home` is the folder whose cluster it is."""
    virtual, (own, management) = state.how_virtual, halves(state.cidr)
    content: dict[str, Any] = {
        "prefix": prefix(state.id, home),
        "box": virtual.box,
        "cpus": virtual.cpus,
        "memory": virtual.memory,
        "netmask": str(own.netmask),
        "machines": dict(state.addresses),
        "boot_timeout": BOOT_TIMEOUT[virtual.driver],
        "libvirt": {"driver": virtual.driver, "management": str(management), "mode": "nat" if state.online else "none"},
    }
    if virtual.driver == "qemu":
        content["libvirt"]["shares"] = {state.first: _FAVOURED}
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
    """The same, as older versions have it: only the order that is in a home folder shows whose they are."""
    return f"kubeadm-ha-{cluster}_"
