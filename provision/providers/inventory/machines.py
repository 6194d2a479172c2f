"""Your machines, as an inventory names them: to work on, or to be read alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.config.inventory.model import Host, Inventory
from provision.config.login import Login
from provision.config.topology import MachineSpec
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.readonly.machine import ReadOnlyMachine
from provision.recording.journal import Journal


def reach(inventory: Inventory, journal: Journal) -> dict[str, Machine]:
    """The machines of an inventory, by name, load balancer first."""
    return {spec.name: _machine(inventory.host(spec.name), spec, journal) for spec in inventory.specs}


def read_only(inventory: Inventory, journal: Journal) -> dict[str, Machine]:
    """The same machines, on which nothing runs but what is known to only read."""
    return {name: ReadOnlyMachine(machine) for name, machine in reach(inventory, journal).items()}


@contextmanager
def read_for_a_while(inventory: Inventory, journal: Journal) -> Iterator[dict[str, Machine]]:
    """The same; their connections end with the block."""
    machines = read_only(inventory, journal)
    try:
        yield machines
    finally:
        close(machines)


def close(machines: dict[str, Machine]) -> None:
    """End the connections to machines."""
    for machine in machines.values():
        machine.close()


def _machine(host: Host, spec: MachineSpec, journal: Journal) -> SshMachine:
    login = Login(
        host.user, host.key, Path(host.known_hosts), host.port, connect=host.connect, jump=host.jump, sudo=host.sudo
    )
    return SshMachine(spec, host.address, login, journal)
