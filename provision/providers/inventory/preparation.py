"""Your machines made ready for the procedure: what of that is to be undone is remembered before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.config.inventory.model import Inventory
from provision.config.topology import Role
from provision.machines.machine import Machine
from provision.network import image
from provision.providers.inventory import host_keys, in_use, install, reset
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.install import Supplies
from provision.util.concurrency import together

_FOLDER = "touched"


class Touched:
    """On which machines something was done that is to be undone; survives the process.

    A file for each machine, in the `cluster`'s own folder; no such folder where an older version made the cluster.
    Without a `cluster`, as where something is only planned, nothing is remembered.
    """

    def __init__(self, cluster: Path | None) -> None:
        self._folder = cluster / _FOLDER if cluster else None

    def begin(self) -> None:
        """Nothing was done yet, or everything is undone."""
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.iterdir():
                path.unlink()

    def add(self, names: Iterable[str]) -> None:
        """Something is about to be done on these machines."""
        if self._folder:
            for name in names:
                (self._folder / name).touch()

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of the machines on which something was done; all of them where that was not remembered."""
        folder = self._folder if self._folder and self._folder.is_dir() else None
        return {name for name in names if not folder or (folder / name).exists()}


@dataclass(frozen=True)
class Preparation:
    """What is done with the machines of an inventory before the procedure.

    `surveys` are what was found on them; `supplies` what plain ones are given, None where they have everything.
    `reset` means that what is in use may go, and `network` that nodes make the image of our pod network themselves.
    """

    inventory: Inventory
    surveys: Mapping[str, Survey]
    supplies: Supplies | None
    reset: bool
    network: bool = False

    def apply(self, machines: Mapping[str, Machine], touched: Touched) -> None:
        """Reset the machines that are in use, where they may be, and give all what the procedure expects of them."""
        if self.reset:
            together(lambda machine: undo(self.inventory, machine), filter(self._in_use, machines.values()))
        together(lambda machine: self._prepare(machine, touched), machines.values())
        touched.add(host_keys.copies(self.inventory))
        host_keys.acquaint(self.inventory, machines)

    def _in_use(self, machine: Machine) -> bool:
        return any(in_use.in_use(self.inventory, self.surveys[machine.name]))

    def _prepare(self, machine: Machine, touched: Touched) -> None:
        if self.supplies:
            install.prepare(machine, self.surveys[machine.name], self.supplies)
        balancer = self.inventory.balancer
        carries = machine.role is (Role.LOAD_BALANCER if balancer.machines else Role.CONTROL_PLANE)
        makes = self.network and machine.role in (Role.CONTROL_PLANE, Role.WORKER)
        if carries or makes:
            touched.add([machine.name])
        if carries:
            reset.save(machine, balancer.programs)
        if makes:
            image.make(machine)


def undo(inventory: Inventory, machine: Machine) -> None:
    """Undo what the procedure did to a machine; raises CommandFailed."""
    reset.undo(machine, [host.address for host in inventory.hosts if host.role is Role.ETCD])
