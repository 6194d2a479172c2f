"""Which provider gave a cluster its machines, and all that may have left something on this host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

from provision import accommodations
from provision.artifacts.home import Home
from provision.inventory import reading
from provision.inventory.provider import Machines
from provision.journal import Journal
from provision.machines import engines
from provision.machines.containers import Containers
from provision.machines.provider import Order, Provider
from provision.options import LIBVIRT, VAGRANT, VIRTUALBOX
from provision.settings import Settings
from provision.state import ClusterState
from provision.topology import ClusterId
from provision.vagrant import source
from provision.vagrant.order import Virtual
from provision.vagrant.provider import VirtualMachines

_PROGRAMS = {LIBVIRT: "virsh", VIRTUALBOX: "VBoxManage"}


class Providers:
    """The providers of one home folder; `journal` makes one by a cluster's name."""

    def __init__(self, settings: Settings, home: Home, journal: Callable[[str], Journal]) -> None:
        self._settings = settings
        self._home = home
        self._journal = journal

    def of(self, state: ClusterState) -> Provider:
        """The one that gave a remembered cluster its machines."""
        if state.inventory:
            return Machines(reading.parse(state.inventory, Path(state.id)), self._journal(state.id))
        if state.provider == VAGRANT:
            return source.remembered(state, self._home)
        return Containers(engines.choose(state.engine, accommodations.cgroup_version()), self._home.root)

    def here(self) -> Iterator[Provider]:
        """All that can have made machines on this host: each finds its own by their names or labels."""
        if self._settings.provider != VAGRANT or shutil.which("podman"):
            yield Containers(engines.choose(self._settings.engine, accommodations.cgroup_version()), self._home.root)
        for hypervisor, program in _PROGRAMS.items():
            if shutil.which(program):
                yield VirtualMachines(Virtual(hypervisor, ""), self._home)

    def order(self, state: ClusterState) -> Order:
        """What was asked of the provider."""
        inventory = reading.parse(state.inventory, Path(state.id)) if state.inventory else None
        subnet = IPv4Network(state.subnet) if state.subnet else None
        return Order(ClusterId.parse(state.id), self._home.clusters / state.id, subnet, state.online, inventory)
