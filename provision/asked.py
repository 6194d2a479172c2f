"""Which clusters are asked for: releases, ids, and the machines of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from provision import sources
from provision.artifacts import catalog
from provision.artifacts.catalog import Release
from provision.artifacts.home import Home
from provision.errors import BadInput
from provision.inventory.model import Inventory
from provision.journal import Journal, Listener
from provision.redaction import Redactor
from provision.settings import Settings
from provision.topology import ClusterId, MachineSpec
from provision.versions import Wanted


class Asked:
    """What the settings mean on this host. `listeners` hear of everything that is done for it."""

    def __init__(self, settings: Settings, listeners: Sequence[Listener] = (), home: Home | None = None) -> None:
        self.settings = settings
        self.home = home or Home.default()
        self._listeners = tuple(listeners)

    def release(self, wanted: Wanted | None) -> Release:
        """The exact release behind what was asked for; None asks for the newest stable minor that can be had."""
        return catalog.resolve(wanted, self.settings.artifacts, self.home)

    @cached_property
    def versions(self) -> list[str]:
        """The versions that the settings ask for, as in cluster ids; raises BadInput where there is no such release."""
        if inventory := self.settings.machines:
            return [self._version_of(inventory)]
        releases = {str(wanted): self.release(wanted) for wanted in self.settings.wanted}
        return list(releases) or [self.release(None).version.series]

    def _version_of(self, inventory: Inventory) -> str:
        if said := self.settings.kubernetes or inventory.kubernetes:
            return str(Wanted.parse(said))
        if self.settings.looks_only or inventory.prepare == "none":
            return sources.version_there(self.settings, self._journal(inventory.name))
        return self.release(None).version.series

    def cluster_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies that are asked for; raises BadInput where an inventory has another."""
        asked, inventory = self.settings.cluster_ids, self.settings.machines
        if inventory and inventory.topology not in topologies:
            raise BadInput(
                f"{self.settings.inventory} has machines for {inventory.topology} etcd",
                remedy=f"say {inventory.topology}",
            )
        return [each for topology in topologies for version in self.versions for each in asked(topology, version)]

    def mutable_ids(self, *topologies: str) -> list[ClusterId]:
        """The clusters of these topologies that scenarios may change."""
        asked = self.settings.mutable_ids
        return [each for topology in topologies for version in self.versions for each in asked(topology, version)]

    def specs(self, cluster: ClusterId) -> tuple[MachineSpec, ...]:
        """The machines of a cluster that the settings ask for."""
        inventory = self.settings.machines
        return inventory.specs if inventory else cluster.machines

    def _journal(self, name: str) -> Journal:
        return Journal(name, Redactor(), self._listeners)
