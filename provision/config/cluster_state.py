"""A cluster as it is remembered: what was chosen for it, and how far it came. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from provision.errors import Problem
from provision.observations import Observations

BUILDING, READY, BROKEN = "building", "ready", "broken"


@dataclass(frozen=True)
class ClusterState:
    """A cluster as remembered. `owner` is the process that made it, `created` seconds since the epoch.

    `inventory` is what the file said, where the machines are somebody's own; `endpoint_address` is their balancer's.
    `virtual` is how virtual machines were made. `beside` are the releases that its id names beside the first: version
    and folder of programs. Without `own_dns` the machines know the endpoint's name by themselves.
    """

    id: str
    version: str
    owner: int
    created: float
    provider: str = "container"
    subnet: str = ""
    engine: str = ""
    inventory: dict[str, Any] = field(default_factory=dict)
    endpoint_address: str = ""
    virtual: dict[str, Any] = field(default_factory=dict)
    own_dns: bool = True
    beside: dict[str, dict[str, str]] = field(default_factory=dict)
    status: str = BUILDING
    broken_at: str = ""
    kept: bool = False
    online: bool = False
    network: str = ""
    workarounds: dict[str, str] = field(default_factory=dict)
    substitutions: list[str] = field(default_factory=list)
    observations: Observations = field(default_factory=Observations)

    def but(self, **changes: Any) -> ClusterState:
        """The same state with changes."""
        return replace(self, **changes)


class Unreadable(Problem):
    """A cluster's folder that this version does not understand. Such a cluster is named, and left alone."""

    def __init__(self, cluster: str, reason: str, *, fix: str) -> None:
        super().__init__(f"{cluster}: its state cannot be read, so it is left alone", answer=reason, fix=fix)
