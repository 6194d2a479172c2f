"""Clusters that are only remembered, and the one provider that would remove their machines."""

from __future__ import annotations

from provision.config.cluster_state import ClusterState

ID, OTHER = "stacked-uploaded-1.37", "stacked-uploaded-1.36"
STATE = ClusterState(ID, "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", engine="podman")
INVENTORY = STATE.but(provider="inventory", inventory={"endpoint": "x:1"}, subnet="")


class FakeProvider:
    """Notes what it removes; `fails` is raised instead."""

    def __init__(self, *machines: str) -> None:
        self.machines = set(machines)
        self.removed: list[str] = []
        self.fails: Exception | None = None

    def existing(self) -> set[str]:
        return self.machines

    def remove(self, cluster: str) -> None:
        if self.fails:
            raise self.fails
        self.removed.append(cluster)
        self.machines.discard(cluster)
