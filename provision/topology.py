"""Which machines make a cluster, and what a cluster is called. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from provision.errors import BadInput


class Role(StrEnum):
    """What a machine is for."""

    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"
    ETCD = "etcd"


@dataclass(frozen=True)
class MachineSpec:
    """One machine to be made. `host` is the last octet of its address in the cluster's /24."""

    name: str
    role: Role
    host: int


def _row(prefix: str, role: Role, count: int, first: int) -> tuple[MachineSpec, ...]:
    return tuple(MachineSpec(f"{prefix}{n}", role, first + n) for n in range(1, count + 1))


TOPOLOGIES: dict[str, tuple[MachineSpec, ...]] = {
    "stacked": (
        MachineSpec("lb", Role.LOAD_BALANCER, 2),
        *_row("cp", Role.CONTROL_PLANE, 3, 10),
        *_row("w", Role.WORKER, 3, 20),
    ),
}
"""The page's prerequisites: three control planes, three workers, and a load balancer in front."""

_ID = re.compile(
    r"(?P<topology>[a-z]+)-(?P<certificates>[a-z]+)-(?P<version>1\.\d+(?:\.\d+)?)(?:-(?P<variant>[a-z0-9.-]+))?"
)


@dataclass(frozen=True, order=True)
class ClusterId:
    """`<topology>-<certificates>-<version>[-<variant>]`, as in `stacked-uploaded-1.37`. Stable for years."""

    topology: str
    certificates: str
    version: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> ClusterId:
        """The inverse of `str()`; raises BadInput."""
        match = _ID.fullmatch(text)
        if not match or match["topology"] not in TOPOLOGIES:
            raise BadInput(f"'{text}' is not a cluster id", remedy="ids look like stacked-uploaded-1.37")
        return cls(match["topology"], match["certificates"], match["version"], match["variant"] or "")

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """The machines of this cluster's topology, load balancer first."""
        return TOPOLOGIES[self.topology]

    def __str__(self) -> str:
        return "-".join(part for part in (self.topology, self.certificates, self.version, self.variant) if part)
