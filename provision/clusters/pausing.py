"""Clusters that wait in memory: their machines get no processor until they are resumed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from provision.clusters import made_from
from provision.clusters.bring_up import Building
from provision.clusters.lifecycle import Clusters
from provision.config.cluster_state import PAUSED, READY, ClusterState
from provision.kubeadm import restarted
from provision.util.errors import BadInput


class Pauser:
    """Pauses and resumes the clusters of a host."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._registry = clusters.registry

    def pause(self, cluster: str) -> None:
        """Take a ready cluster's processors away; it keeps its memory. Raises BadInput where it is not ready."""
        self._registry.lock(cluster)
        state = self._registry.expect_ready(cluster)
        self._pause(state.but(kept=True))

    def resume(self, cluster: str) -> Building:
        """Let a paused cluster go on; returns when its nodes are heard of. Raises BadInput where it is not paused."""
        self._registry.lock(cluster)
        state = self._registry.states.read(cluster)
        if not state or state.status != PAUSED:
            raise BadInput(f"{cluster} is not paused", fix="./run status")
        since = time.time()
        self._let_go_on(state)
        building = self._clusters.attach(cluster)
        restarted.wait_until_heard_of(building.cluster, since)
        return building

    def is_paused(self, cluster: str) -> bool:
        """Whether a cluster waits to be resumed."""
        state = self._registry.states.read(cluster)
        return state is not None and state.status == PAUSED

    def expect_usable(self, cluster: str) -> None:
        """Raise BadInput where a paused cluster cannot take the place of one that would be made now."""
        state = self._registry.states.read(cluster)
        assert state, "it is paused"
        anew = f"./run clean {cluster}  # or, to use it as it is, --ha-reuse yes after\n./run resume {cluster}"
        planned = self._clusters.planned(state.cluster_id)
        made_from.expect_the_same(state, planned, f"{cluster} is paused, and not taken", anew)
        made_from.expect_young(state, f"{cluster} is paused, and not taken", anew)

    @contextmanager
    def standing_still(self, state: ClusterState) -> Iterator[None]:
        """Pause the machines for a while. Whatever happens, they go on; `resume` has them where this is killed."""
        self._pause(state)
        try:
            yield
        finally:
            self._let_go_on(state)

    def _pause(self, state: ClusterState) -> None:
        """Pause the machines, all or none: where one cannot be, the others go on, and the cluster stays ready."""
        self._registry.states.write(state.but(status=PAUSED))
        try:
            self._clusters.provider_of(state).pause(state)
        except BaseException as error:
            try:
                self._let_go_on(state)
            except Exception as problem:
                error.add_note(f"{state.id} is left paused: {problem}\nTry: ./run resume {state.id}")
            raise

    def _let_go_on(self, state: ClusterState) -> None:
        self._clusters.provider_of(state).resume(state)
        self._registry.states.write(state.but(status=READY))
