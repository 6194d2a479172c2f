"""Machines that are somebody's own: nothing is made, and nothing but the procedure's own work is ever undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from provision.config.inventory.model import Host, Inventory
from provision.config.login import Login
from provision.config.topology import MachineSpec, Role
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.providers.inventory import host_keys, in_use, install, reset
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.touched import Touched
from provision.providers.protocol import Order
from provision.readonly.machine import ReadOnlyMachine
from provision.recording.journal import Journal
from provision.util.concurrency import together


class Machines:
    """The provider `inventory`.

    `surveys` and `supplies` are needed only to create: what was found on the machines, and what plain ones are given.
    `reset` means that what is there may go; the cluster's own `folder` remembers what is to be undone.
    """

    def __init__(
        self, inventory: Inventory, journal: Journal, surveys: Sequence[Survey] = (),
        supplies: Supplies | None = None, *, folder: Path | None = None, reset: bool = False,
    ) -> None:  # fmt: skip
        self._inventory = inventory
        self._journal = journal
        self._surveys = {each.machine.name: each for each in surveys}
        self._supplies = supplies
        self._reset = reset
        self._touched = Touched(folder)

    def create(self, order: Order, journal: Journal) -> dict[str, Machine]:
        self._touched.begin()
        machines = self.attach(order, journal)
        self.make_ready(machines)
        self._touched.add(machines)  # from here on the procedure may be at all of them
        return machines

    def make_ready(self, machines: Mapping[str, Machine]) -> None:
        """Reset the machines that are in use, where that was said, and give all what the procedure expects of them."""
        if self._reset:
            together(self._undo, filter(self._in_use, machines.values()))
        together(self._prepare, machines.values())
        self._touched.add(host_keys.copies(self._inventory))
        host_keys.acquaint(self._inventory, machines)

    def _in_use(self, machine: Machine) -> bool:
        survey = self._surveys.get(machine.name)
        return survey is not None and any(in_use.in_use(self._inventory, survey))

    def _prepare(self, machine: Machine) -> None:
        if self._supplies:
            install.prepare(machine, self._surveys[machine.name], self._supplies)
        if machine.role is Role.LOAD_BALANCER:
            self._touched.add([machine.name])
            install.save(machine)

    def _undo(self, machine: Machine) -> None:
        reset.undo(machine, [host.address for host in self._inventory.hosts if host.role is Role.ETCD])

    def attach(self, _order: Order, journal: Journal) -> dict[str, Machine]:
        return reach(self._inventory, journal)

    def serves_again(self, _order: Order) -> bool:
        return False

    def inside(self, order: Order, journal: Journal) -> dict[str, Machine]:
        return self.attach(order, journal)

    def entry(self, order: Order) -> str:
        return f"./run ssh {order.id} {order.first}"

    def remove(self, _cluster: str) -> None:
        machines = reach(self._inventory, self._journal)
        touched = self._touched.among(machines)
        together(self._undo, (machine for machine in machines.values() if machine.name in touched))
        for machine in machines.values():
            machine.close()

    def existing(self) -> set[str]:
        return set()


def reach(inventory: Inventory, journal: Journal) -> dict[str, Machine]:
    """The machines of an inventory, by name, load balancer first."""
    return {spec.name: _machine(inventory.host(spec.name), spec, journal) for spec in inventory.specs}


def look_at(inventory: Inventory, journal: Journal) -> dict[str, Machine]:
    """The same machines, on which nothing runs but what is known to only read."""
    return {name: ReadOnlyMachine(machine) for name, machine in reach(inventory, journal).items()}


@contextmanager
def looking_at(inventory: Inventory, journal: Journal) -> Iterator[dict[str, Machine]]:
    """The same for a while; their connections end with it."""
    machines = look_at(inventory, journal)
    try:
        yield machines
    finally:
        for machine in machines.values():
            machine.close()


def _machine(host: Host, spec: MachineSpec, journal: Journal) -> SshMachine:
    login = Login(
        host.user, host.key, Path(host.known_hosts), host.port, connect=host.connect, jump=host.jump, sudo=host.sudo
    )
    return SshMachine(spec, host.address, login, journal)
