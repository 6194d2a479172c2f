"""Which machines make a cluster, and what a cluster is called. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from provision.errors import BadInput
from provision.versions import PATTERN


class Role(StrEnum):
    """What a machine is for."""

    LOAD_BALANCER = "load-balancer"
    CONTROL_PLANE = "control-plane"
    WORKER = "worker"
    ETCD = "etcd"


@dataclass(frozen=True)
class MachineSpec:
    """One machine to be made. `host` is the last octet of its address in the cluster's /24.

    A `late` machine is made with the others, and has no part in the procedure: scenarios join it, or try to.
    """

    name: str
    role: Role
    host: int
    late: bool = False


def _row(prefix: str, role: Role, count: int, first: int) -> tuple[MachineSpec, ...]:
    return tuple(MachineSpec(f"{prefix}{n}", role, first + n) for n in range(1, count + 1))


_BALANCER = MachineSpec("lb", Role.LOAD_BALANCER, 2)
_NODES = (*_row("cp", Role.CONTROL_PLANE, 3, 10), *_row("w", Role.WORKER, 3, 20))
_LATE = (
    MachineSpec("cp4", Role.CONTROL_PLANE, 14, late=True),
    MachineSpec("w4", Role.WORKER, 24, late=True),
)

TOPOLOGIES: dict[str, tuple[MachineSpec, ...]] = {
    "stacked": (_BALANCER, *_NODES),
    "external": (_BALANCER, *_row("etcd", Role.ETCD, 3, 30), *_NODES),
}
"""The page's prerequisites: three control planes, three workers, a load balancer, and etcd's own machines or none."""

CERTIFICATES = ("uploaded", "manual")
"""How the other control planes come by the shared certificates: `--upload-certs`, or copied by hand."""

MUTABLE = "mutable"
"""The end of the id of a cluster that scenarios may change; it has a fourth control plane and a fourth worker."""

_ID = re.compile(rf"(?P<topology>[a-z]+)-(?P<certificates>[a-z]+)-(?P<version>{PATTERN})(?:-(?P<variant>[a-z0-9.-]+))?")


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
        if not match or match["topology"] not in TOPOLOGIES or match["certificates"] not in CERTIFICATES:
            raise BadInput(f"'{text}' is not a cluster id", remedy="ids look like stacked-uploaded-1.37")
        return cls(match["topology"], match["certificates"], match["version"], match["variant"] or "")

    @property
    def machines(self) -> tuple[MachineSpec, ...]:
        """The machines of this cluster, load balancer first."""
        return TOPOLOGIES[self.topology] + (_LATE if self.mutable else ())

    @property
    def mutable(self) -> bool:
        """Whether scenarios may change this cluster."""
        return self.variant.split("-")[-1] == MUTABLE

    @property
    def stacked(self) -> bool:
        """Whether etcd's members are on the control planes."""
        return self.topology == "stacked"

    @property
    def uploads(self) -> bool:
        """Whether the shared certificates are distributed by `--upload-certs`."""
        return self.certificates == "uploaded"

    def __str__(self) -> str:
        return "-".join(part for part in (self.topology, self.certificates, self.version, self.variant) if part)
