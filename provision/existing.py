"""The clusters that exist on this host: found, remembered, kept, claimed and removed, whoever made them."""

from __future__ import annotations

from provision.claims import Claims
from provision.errors import BadInput, Problem
from provision.options import INVENTORY
from provision.providers import Providers
from provision.state import READY, States
from provision.vagrant.provider import VirtualMachines


class Existing:
    """What there is of one home folder; `states` is what is remembered of it, `providers` finds what is not."""

    def __init__(self, states: States, providers: Providers, claims: Claims) -> None:
        self.states = states
        self._providers = providers
        self._claims = claims

    def ids(self) -> list[str]:
        """The ids of all clusters of which anything exists, remembered or not."""
        return sorted(set(self.states.ids()).union(*(each.existing() for each in self._providers.here())))

    def made_here(self) -> list[str]:
        """The ids of the clusters whose machines are this host's own; somebody's machines are reset one by one."""
        elsewhere = {state.id for state in self.states if state.provider == INVENTORY}
        return [cluster for cluster in self.ids() if cluster not in elsewhere]

    def ready(self) -> list[str]:
        """The ids of the clusters that are ready to be used."""
        return [state.id for state in self.states if state.status == READY]

    def abandoned(self) -> list[str]:
        """The clusters that were to be removed by a process that is gone."""
        return [cluster for cluster in self.ids() if self.is_abandoned(cluster)]

    def is_abandoned(self, cluster: str) -> bool:
        """Whether a cluster is neither kept nor worked on; a lock tells, since process ids come again."""
        state = self.states.read(cluster)
        return not (state and state.kept) and self._claims.is_free(cluster)

    def claim(self, cluster: str) -> None:
        """Make sure that no other process works on a cluster until this one ends; raises BadInput when one does."""
        self._claims.take(cluster)

    def refuse_kept(self, cluster: str) -> None:
        """Raises BadInput where a cluster exists that somebody wanted to stay."""
        state = self.states.read(cluster)
        if state and state.kept:
            raise BadInput(
                f"{cluster} exists and is kept (process {state.owner} made it)",
                remedy=f"./run clean {cluster}  # removes it; --ha-reuse yes tests it as it is",
            )

    def keep(self, cluster: str) -> None:
        """Let the cluster outlive this process."""
        if state := self.states.read(cluster):
            self.states.write(state.but(kept=True))

    def hand_over(self, cluster: str) -> None:
        """Let another process work on a cluster, which stays until somebody removes it."""
        self.keep(cluster)
        self._claims.give_back(cluster)

    def halt(self, cluster: str) -> None:
        """Switch a cluster's virtual machines off; raises BadInput for machines of another kind."""
        state = self.states.read(cluster)
        provider = self._providers.of(state) if state else None
        if not state or not isinstance(provider, VirtualMachines):
            raise BadInput(
                f"{cluster} has no virtual machines", remedy=f"./run clean {cluster}  # removes its machines"
            )
        provider.halt(self._providers.order(state))

    def remove(self, cluster: str) -> None:
        """Remove every trace of a cluster; fine where there is none."""
        state = self.states.read(cluster)
        try:
            for provider in [self._providers.of(state)] if state else self._providers.here():
                provider.remove(cluster)
        except Problem as problem:
            if state and state.provider == INVENTORY:
                problem.remedy = f"./run clean {cluster} --forget  # leaves the machines as they are"
            raise
        self.states.forget(cluster)
