"""Clusters that are only remembered, and the one provider that would remove their machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.machines.machine import Machine
from provision.providers.finding import Finding
from provision.providers.provider import Machines, Provider
from provision.recording.journal import Journal

ID, OTHER = "stacked-uploaded-1.37", "stacked-uploaded-1.36"
STATE = ClusterState(ID, "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", engine="podman")
INVENTORY = STATE.but(provider="inventory", inventory={"endpoint": "x:1"}, subnet="")


class Unready:
    """What a caller of `create` does about machines that could not be made ready: it notes them, and calls `then`."""

    def __init__(self, then: Callable[[], None] = lambda: None, *, stay: bool = False) -> None:
        self.examined: list[str] = []
        self._then = then
        self._stay = stay

    def examine(self, error: BaseException, machines: Callable[[], Mapping[str, Machine]]) -> None:
        self.examined = list(machines())
        self._then()

    def stay(self, error: BaseException) -> bool:
        return self._stay


class FakeProvider(Provider):
    """Makes nothing, and notes what it removes; `fails` is raised instead.

    `machines` are the clusters that it finds; without `finds`, it removes only what is remembered.
    """

    def __init__(self, *machines: str, makes: bool = True, finds: bool = True) -> None:
        self.machines = set(machines)
        self.removed: list[str] = []
        self.fails: BaseException | None = None
        self.makes = makes  # type: ignore[misc]  # a class says it of all its machines
        self._finds = finds

    def findings(self, machines: int) -> Iterator[Finding]:
        yield Finding(True, f"{machines} machines")

    def memory(self, machines: int) -> int:
        return machines

    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        yield text

    def plan(self, cluster: ClusterId, others: Sequence[ClusterState], journal: Journal) -> ClusterState:
        return STATE.but(id=str(cluster), subnet="")

    def _create(self, state: ClusterState, journal: Journal) -> Machines:
        raise NotImplementedError

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        raise NotImplementedError

    def inside(self, state: ClusterState, journal: Journal) -> Machines:
        raise NotImplementedError

    def entry(self, state: ClusterState) -> str:
        return f"enter {state.first}"

    def existing(self) -> set[str]:
        return self.machines

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        if not (state or self._finds):
            return
        if self.fails:
            raise self.fails
        self.removed.append(cluster)
        self.machines.discard(cluster)
