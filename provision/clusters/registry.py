"""The clusters that exist on this host: found, remembered, kept, locked and removed.

`ClusterRegistry.remove` is the one way to remove a cluster, and the guard before everything that does: a cluster goes
only if no other process works on it, its state can be read, and it is not kept, unless its owner wants just that. What
removes the machines is the provider's `remove`: of containers `providers/container/containers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from provision.clusters.locks import ClusterLocks
from provision.clusters.state import States
from provision.config.cluster_state import PAUSED, READY, ClusterState, Unreadable
from provision.providers.provider import Provider
from provision.util.errors import BadInput


class ClusterRegistry:
    """Those of one home folder; `states` is what is remembered of it, and `providers`, by name, find what is not."""

    def __init__(self, states: States, providers: Mapping[str, Provider], locks: ClusterLocks) -> None:
        self.states = states
        self._providers = providers
        self._locks = locks

    def ids(self) -> list[str]:
        """The ids of all clusters of which anything exists, remembered or not."""
        return sorted(set(self.states.ids()).union(*(each.existing() for each in self._providers.values())))

    def made_here(self) -> list[str]:
        """The ids of the clusters whose machines are surely this host's own; your machines are reset one by one."""
        yours = {state.id for state in self.states if not self._provider(state).makes}
        return [cluster for cluster in self.ids() if cluster not in yours | self.states.unreadable().keys()]

    def is_made_here(self, cluster: str) -> bool:
        """Whether a cluster's machines are, or may be, this host's own."""
        state = self.states.read(cluster)
        return not state or self._provider(state).makes

    def strangers(self) -> list[str]:
        """The names of machines that look like a cluster's, and that may be another user's."""
        return [name for each in self._providers.values() for name in each.strangers()]

    def ready(self) -> list[str]:
        """The ids of the clusters that are ready to be used."""
        return [state.id for state in self.states if state.status == READY]

    def abandoned(self) -> list[str]:
        """The clusters that were to be removed by a process that is gone."""
        return [cluster for cluster in self.ids() if self.is_abandoned(cluster)]

    def is_abandoned(self, cluster: str) -> bool:
        """Whether a cluster is neither kept nor worked on; a lock tells, since process ids come again.

        One of which nothing is remembered is: its process ended before it wrote a state, or while it removed the rest.
        """
        try:
            state = self.states.read(cluster)
        except Unreadable:
            return False
        return not (state and state.kept) and self.is_free(cluster)

    def is_free(self, cluster: str) -> bool:
        """Whether no process works on a cluster."""
        return self._locks.is_free(cluster)

    def lock(self, cluster: str) -> None:
        """Make sure that no other process works on a cluster until this one ends; raises BadInput when one does."""
        self._locks.take(cluster)

    def expect_free(self, cluster: str) -> None:
        """Raise BadInput when another process works on a cluster; locks nothing."""
        self._locks.expect_free(cluster)

    def expect_removable(self, cluster: str) -> None:
        """Raise what `remove` would raise before it removes anything; locks nothing."""
        self.expect_free(cluster)
        state = self.states.read(cluster)
        if state and state.kept:
            raise _kept(state)

    def expect_ready(self, cluster: str) -> ClusterState:
        """The state of a cluster that is ready to be used; raises BadInput where there is none."""
        state = self.states.read(cluster)
        if state and state.status == PAUSED:
            raise BadInput(f"{cluster} is paused", fix=f"./run resume {cluster}")
        if state is None or state.status != READY:
            raise BadInput(f"there is no ready cluster {cluster}", fix=f"./run up {cluster}")
        return state

    def keep(self, cluster: str) -> None:
        """Let the cluster outlive this process."""
        if state := self.states.read(cluster):
            self.states.write(state.but(kept=True))

    def hand_over(self, cluster: str) -> None:
        """Let another process work on a cluster, which stays until it is removed."""
        self.keep(cluster)
        self._locks.give_back(cluster)

    def halt(self, cluster: str) -> None:
        """Switch a cluster's virtual machines off; raises BadInput for machines of another kind."""
        state = self.states.read(cluster)
        if not state:
            raise BadInput(f"nothing is remembered of {cluster}", fix=f"./run clean {cluster}  # removes what is left")
        self._provider(state).halt(state)

    def remove(self, cluster: str, *, kept_too: bool = False) -> None:
        """Remove every trace of a cluster; fine where there is none. `kept_too` is for what its owner wants removed.

        Raises BadInput where another process works on it or it is kept, Unreadable where its state is, and before that
        nothing is removed.
        """
        self.lock(cluster)
        state = self.states.read(cluster)
        if state and state.kept and not kept_too:
            raise _kept(state)
        providers = [self._provider(state)] if state else list(self._providers.values())
        if state and state.kept:  # should this process be killed from here on, the next `clean` goes on
            with suppress(OSError):  # a full disk is what things are removed for
                self.states.write(state.but(kept=False))
        for provider in providers:
            provider.remove(cluster, state)
        self.states.forget(cluster)

    def remove_after(self, error: BaseException, cluster: str, *, kept_too: bool = False) -> None:
        """Remove a cluster because of an error, which matters more than what goes wrong now: that is noted on it."""
        try:
            self.remove(cluster, kept_too=kept_too)
        except Exception as problem:
            error.add_note(f"{cluster} is left behind: {problem}\nTry: ./run clean {cluster}")

    @contextmanager
    def removed_at_the_end(self, cluster: str) -> Iterator[None]:
        """Remove a cluster that this process has made, kept or not, when the block ends; an error in it comes first."""
        try:
            yield
        except BaseException as error:
            self.remove_after(error, cluster, kept_too=True)
            raise
        self.remove(cluster, kept_too=True)

    def forget(self, cluster: str) -> None:
        """Remove what this host has of a cluster on your machines, which stay as they are.

        Raises BadInput where the machines were made here, or another process works on it, and Unreadable.
        """
        self.lock(cluster)
        state = self.states.read(cluster)
        if not state or self._provider(state).makes:
            raise BadInput(
                f"{cluster} was made on this host, and nothing would find its machines once it is forgotten",
                fix=f"./run clean {cluster}  # removes them; --forget is for clusters on machines of an inventory",
            )
        self.states.forget(cluster)

    def _provider(self, state: ClusterState) -> Provider:
        return self._providers[state.provider]


def _kept(state: ClusterState) -> BadInput:
    if state.status == PAUSED:
        return BadInput(
            f"{state.id} exists and is kept (process {state.owner} made it), and is paused",
            fix=f"./run resume {state.id}  # then --ha-reuse yes tests it as it is; or ./run clean {state.id}",
        )
    return BadInput(
        f"{state.id} exists and is kept (process {state.owner} made it)",
        fix=f"./run clean {state.id}  # removes it; --ha-reuse yes tests it as it is",
    )
