"""What every source of machines can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Protocol

from provision.config.inventory.model import Inventory
from provision.config.topology import ClusterId, MachineSpec, Role
from provision.machines.machine import Machine
from provision.recording.journal import Journal


@dataclass(frozen=True)
class Order:
    """What is to be made: a cluster's machines in a network of their own. `folder` is the cluster's own on the host.

    With an `inventory` the machines are there already, and have no `subnet`.
    """

    id: ClusterId
    folder: Path
    subnet: IPv4Network | None = None
    online: bool = False
    inventory: Inventory | None = None

    @property
    def specs(self) -> tuple[MachineSpec, ...]:
        """The machines, load balancer first."""
        return self.inventory.specs if self.inventory else self.id.machines

    @property
    def first(self) -> str:
        """The first control plane's name."""
        return next(spec.name for spec in self.specs if spec.role is Role.CONTROL_PLANE)

    @property
    def network(self) -> IPv4Network:
        """The network of machines that are made."""
        assert self.subnet
        return self.subnet

    @property
    def addresses(self) -> Mapping[str, str]:
        """Each machine's address by name, fixed for its life: a control plane does not survive a new one."""
        if self.inventory:
            return {host.name: host.address for host in self.inventory.hosts}
        return {spec.name: str(self.network[spec.host]) for spec in self.specs}

    @property
    def host_address(self) -> str:
        """This host's own address in the cluster's network; empty where that is nobody's business."""
        return "" if self.inventory else str(self.network[1])


class Provider(Protocol):
    """Makes and removes machines. Everything it makes is labelled, so that it can be removed without any record."""

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        """Make all machines of a cluster and return them ready for commands, by name. On failure the caller removes."""

    def attach(self, order: Order, journal: Journal) -> dict[str, Machine]:
        """The machines of a cluster that exists."""

    def serves_again(self, order: Order) -> bool:
        """Whether there are machines of this order that `create` makes what they were, instead of making others."""

    def inside(self, order: Order, journal: Journal) -> dict[str, Machine]:
        """The machines, for evidence where they did not start: by a way that needs no sshd, where there is one."""

    def entry(self, order: Order) -> str:
        """The command that enters the first control plane by that way."""

    def remove(self, cluster: str) -> None:
        """Remove every trace of a cluster's machines; fine where there is none."""

    def existing(self) -> set[str]:
        """The ids of all clusters of which a machine or a network exists."""
