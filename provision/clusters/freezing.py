"""Clusters that come back in seconds: frozen on disk and thawed, or paused in memory and resumed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.clusters import made_from
from provision.clusters.bring_up import Building
from provision.clusters.frozen_copies import Copy, FrozenCopies
from provision.clusters.lifecycle import Clusters
from provision.clusters.state import RECORD
from provision.config.cluster_state import BUILDING, PAUSED, READY, ClusterState
from provision.errors import BadInput, HostLacks
from provision.kubeadm import restarted
from provision.providers import subnets
from provision.util.durations import duration

_THAW = "thaw the machines"

_FRESH = 90 * 60
"""Seconds after which a paused cluster is not what a fresh one is: uploaded certificates are removed after two hours,
with the token that owns them (kubeadm's `DefaultCertTokenDuration`), and a run on the cluster takes its time, too."""


class Freezer:
    """Freezes, thaws, pauses and resumes the clusters of a host; `copies` are those that are frozen."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._registry = clusters.registry
        self.copies = FrozenCopies(clusters.host.home)

    def freeze(self, cluster: str, name: str) -> Copy:
        """Copy what a ready cluster has on disk, as at one moment; it stands still meanwhile, and goes on afterwards.

        Raises BadInput where it is not ready, or was made from what is different by now.
        """
        self._registry.lock(cluster)
        state = self._registry.expect_ready(cluster)
        planned = self._same(state, f"{cluster} cannot be made again", f"./run clean {cluster}\n./run up {cluster}")
        frozen = state.but(material=planned.material, frozen_as=name, kept=True)
        provider = self._clusters.provider_of(state)
        self.copies.expect_new(name)
        self.copies.sweep()
        with self._standing_still(state), self.copies.made(name, frozen) as folder:
            provider.freeze(frozen, folder)
            _copy_record(self._registry.states.folder(cluster), folder)
        self._registry.states.write(state.but(frozen_as=name))
        return self.copies.read(name)

    def thaw(self, name: str) -> Building:
        """Make a frozen cluster's machines again, and wait until everything on them is as it was.

        A cluster that was frozen under this name, or thawed from it, is removed before. Raises BadInput where another
        cluster of that id exists, or where it would be made from something else now.
        """
        self.copies.read(name)  # only a valid name has a lock
        with self.copies.held(name):
            return self._thaw(self.copies.read(name))

    def _thaw(self, copy: Copy) -> Building:
        name, cluster = copy.name, copy.state.id
        self._registry.lock(cluster)
        self._expect_replaceable(copy)
        anew = f"./run frozen remove {name}\n./run up {cluster}\n./run freeze {cluster} {name}"
        planned = self._same(copy.state, f"{name} is not thawed", anew)
        self._registry.remove(cluster, kept_too=True)
        self._expect_networks(copy.state)
        # Should this process be killed from here on, what is there of it is abandoned, and `clean` removes it.
        state = copy.state.but(owner=os.getpid(), status=BUILDING, kept=False, material=planned.material)
        self._registry.states.write(state)
        _copy_record(copy.folder, self._registry.states.folder(cluster))
        journal = self._clusters.host.journal(cluster)
        since = time.time()
        try:
            with journal.step(_THAW):
                machines = self._clusters.provider_of(state).thaw(state, copy.folder, journal)
            building = self._clusters.resumed(state, machines, journal)
            with journal.step("wait until everything is as it was"):
                restarts = restarted.wait_until_as_before(building.cluster, since)
        except BaseException as error:
            self._registry.remove_after(error, cluster, kept_too=True)
            raise
        building.cluster.state = state.but(status=READY, kept=True, restarts=restarts)
        self._registry.states.write(building.cluster.state)
        return building

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
        self._same(state, f"{cluster} is paused, and not taken", anew)
        if (age := time.time() - state.created) > _FRESH:
            raise BadInput(
                f"{cluster} is paused, and not taken: it was made {duration(age)} ago, and what was uploaded ends",
                fix=anew,
            )

    @contextmanager
    def _standing_still(self, state: ClusterState) -> Iterator[None]:
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

    def _same(self, state: ClusterState, refused: str, anew: str) -> ClusterState:
        """What the cluster would be made from now; raises BadInput where that is not what it was made from."""
        planned = self._clusters.planned(state.cluster_id)
        if not state.made_from:
            raise BadInput(f"{refused}: it is not known what it was made from", fix=anew)
        if different := made_from.differences(state.made_from, planned.made_from):
            raise BadInput(
                f"{refused}: it was made from what is different now: {', '.join(different)}",
                fix=f"the options that it was made with, or make it anew:\n{anew}",
            )
        return planned

    def _expect_replaceable(self, copy: Copy) -> None:
        state = self._registry.states.read(copy.state.id)
        if state and state.frozen_as != copy.name:
            known = f"it was frozen or thawed as {state.frozen_as} since then"
            why = known if state.frozen_as else f"it is not the one that was frozen as {copy.name}"
            raise BadInput(
                f"{state.id} exists, and {why}",
                fix=f"./run clean {state.id}  # removes it",
            )

    def _expect_networks(self, state: ClusterState) -> None:
        """Raise HostLacks where another has the addresses, which are in all certificates."""
        others = [each for other in self._registry.states if other.subnet for each in other.networks]
        if there := subnets.overlapping(state.networks, [*others, *subnets.taken(state.family)]):
            raise HostLacks(
                f"{state.id} needs its addresses {state.subnet}, and {there} is in use on this host",
                fix="./run status  # shows whether another cluster has them; that one has to go first",
            )


def _copy_record(source: Path, target: Path) -> None:
    """What was done to a cluster by hand stays with it."""
    if (source / RECORD).exists():
        shutil.copy2(source / RECORD, target / RECORD)
