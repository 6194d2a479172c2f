"""Which provider gave a cluster its machines, and all that may have left something on this host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import IPv4Network
from pathlib import Path

from provision.artifacts import engines
from provision.artifacts.engines import Engine
from provision.artifacts.home import Home
from provision.config.cluster_state import ClusterState
from provision.config.inventory import parse
from provision.config.options import LIBVIRT, VAGRANT, VIRTUALBOX
from provision.config.settings import Settings
from provision.config.topology import ClusterId
from provision.errors import HostLacks
from provision.node import host_workarounds
from provision.providers.container.containers import Containers
from provision.providers.inventory.provider import Machines
from provision.providers.protocol import Order, Provider
from provision.providers.vagrant import source
from provision.providers.vagrant.order import Virtual
from provision.providers.vagrant.provider import VirtualMachines
from provision.recording.journal import Journal

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
            inventory, folder = parse.parse(state.inventory, Path(state.id)), self._home.clusters / state.id
            return Machines(inventory, self._journal(state.id), folder=folder)
        if state.provider == VAGRANT:
            return source.remembered(state, self._home)
        return Containers(engines.choose(state.engine, host_workarounds.cgroup_version()), self._home.root)

    def here(self) -> Iterator[Provider]:
        """All that can have made machines on this host: each finds its own by their names or labels."""
        if engine := self.engine():
            yield Containers(engine, self._home.root)
        yield from self._hypervisors()

    def strangers(self) -> list[str]:
        """The virtual machines that look like a cluster's, and that may be another user's."""
        return [name for each in self._hypervisors() for name in each.strangers()]

    def _hypervisors(self) -> Iterator[VirtualMachines]:
        for hypervisor, program in _PROGRAMS.items():
            if shutil.which(program):
                yield VirtualMachines(Virtual(hypervisor, ""), self._home)

    def engine(self) -> Engine | None:
        """The container engine, where there is one: a host of virtual machines alone has none, and needs none."""
        with suppress(HostLacks):
            return engines.choose(self._settings.engine, host_workarounds.cgroup_version())
        return None

    def order(self, state: ClusterState) -> Order:
        """What was asked of the provider."""
        inventory = parse.parse(state.inventory, Path(state.id)) if state.inventory else None
        subnet = IPv4Network(state.subnet) if state.subnet else None
        return Order(ClusterId.parse(state.id), self._home.clusters / state.id, subnet, state.online, inventory)
