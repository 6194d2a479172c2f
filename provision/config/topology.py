"""Which machines make a cluster: roles, how many there are of each, their names and addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import yaml


class Role(StrEnum):
    """What a machine is for."""

    NAME_SERVER = "name-server"
    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"
    ETCD = "etcd"


OUTSIDE = frozenset({Role.NAME_SERVER, Role.LOAD_BALANCER})
"""The roles of machines on which nothing of Kubernetes runs."""


@dataclass(frozen=True)
class MachineSpec:
    """One machine to be made. `host` is the last octet of its address in the cluster's /24.

    A `late` machine is made with the others, and has no part in the procedure: scenarios join it, or try to.
    """

    name: str
    role: Role
    host: int
    late: bool = False


def etcd_remark(members: int) -> str:
    """What people should know of so many members of etcd; empty where they survive the loss of one.

    A majority has to be left: https://etcd.io/docs/v3.6/faq/#what-is-failure-tolerance
    """
    names = {1: "one etcd member survives", 2: "two etcd members survive"}
    return f"{names[members]} no loss; use three" if members in names else ""


@dataclass(frozen=True)
class _Row:
    """The machines of one role: what they are called, and the last octet of the first one's address."""

    name: str
    first: int
    alone: bool = False

    def machines(self, role: Role, count: int) -> tuple[MachineSpec, ...]:
        names = [self.name] if self.alone and count == 1 else [f"{self.name}{number}" for number in range(1, count + 1)]
        return tuple(MachineSpec(name, role, self.first + number) for number, name in enumerate(names))


_FILE = yaml.safe_load(Path(__file__).with_name("topology.yaml").read_text())
_ROWS = {Role(role): _Row(**row) for role, row in _FILE["roles"].items()}

TOPOLOGIES: dict[str, dict[Role, int]] = {
    name: {Role(role): count for role, count in counts.items()} for name, counts in _FILE["topologies"].items()
}
"""The page's prerequisites: how many machines there are of each role; etcd has machines of its own, or none."""

VIRTUAL: int = _FILE["virtual"]
"""The last octet of the address that a cluster's balancer has beside those of the machines that carry it."""

COUNTED = {Role.CONTROL_PLANE: "cp", Role.WORKER: "w"}
"""The roles of which there may be more or fewer, and what stands after their number in a cluster's id: `5cp`, `1w`."""


def machines(role: Role, count: int) -> tuple[MachineSpec, ...]:
    """So many machines of a role."""
    return _ROWS[role].machines(role, count)


def late_machines(role: Role, row: tuple[MachineSpec, ...], count: int) -> tuple[MachineSpec, ...]:
    """So many behind the machines of a role, which have no part in the procedure."""
    every = machines(role, len(row) + count)
    return tuple(replace(each, late=True) for each in every[len(row) :])
