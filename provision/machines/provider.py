"""What every source of machines can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Protocol

from provision.journal import Journal
from provision.machines.machine import Machine
from provision.topology import ClusterId


@dataclass(frozen=True)
class Order:
    """What is to be made: a cluster's machines in a network of their own. `folder` is the cluster's own on the host."""

    id: ClusterId
    subnet: IPv4Network
    folder: Path
    online: bool = False

    @property
    def addresses(self) -> Mapping[str, str]:
        """Each machine's address by name, fixed for its life: a control plane does not survive a new one."""
        return {spec.name: str(self.subnet[spec.host]) for spec in self.id.machines}

    @property
    def host_address(self) -> str:
        """This host's own address in the cluster's network."""
        return str(self.subnet[1])


class Provider(Protocol):
    """Makes and removes machines. Everything it makes is labelled, so that it can be removed without any record."""

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        """Make all machines of a cluster and return them ready for commands, by name. On failure nothing is left."""

    def attach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        """The machines of a cluster that exists."""

    def remove(self, cluster: str) -> None:
        """Remove every trace of a cluster's machines; fine where there is none."""

    def existing(self) -> set[str]:
        """The ids of all clusters of which a machine or a network exists."""
