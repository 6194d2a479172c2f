"""Clusters that come back in seconds: frozen on disk, and thawed."""

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
from provision.clusters.pausing import Pauser
from provision.clusters.state import RECORD
from provision.config.cluster_state import BUILDING, READY, ClusterState
from provision.kubeadm import restarted
from provision.providers import subnets
from provision.util import local
from provision.util.errors import BadInput, HostLacks

_THAW = "thaw the machines"


class Freezer:
    """Freezes and thaws the clusters of a host; `copies` are those that are frozen."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._registry = clusters.registry
        self._pauser = Pauser(clusters)
        self.copies = FrozenCopies(clusters.host.home)

    def freeze(self, cluster: str, name: str, *, kept: bool = True) -> Copy:
        """Copy what a ready cluster has on disk, as at one moment; it stands still meanwhile, and goes on afterwards.

        The copy outlives this process where it is `kept`; otherwise `clean` removes it once this process is gone.
        Raises BadInput where it is not ready, where a node or a pod of kube-system is not, and where it was made from
        what is different by now.
        """
        self._registry.lock(cluster)
        state = self._registry.expect_ready(cluster)
        planned = self._clusters.planned(state.cluster_id)
        anew = f"./run clean {cluster}\n./run up {cluster}"
        made_from.expect_the_same(state, planned, f"{cluster} cannot be made again", anew)
        self._expect_whole(cluster)
        frozen = state.but(material=planned.material, frozen_as=name, kept=kept, owner=os.getpid())
        provider = self._clusters.provider_of(state)
        self.copies.expect_new(name)
        self.copies.sweep()
        with self.copies.made(name, frozen) as folder:  # whole when all that may fail is done
            # What is copied goes first where that fails: on a disk that is full it is not written that machines go on.
            with self._pauser.standing_still(state), _removed_where_it_fails(folder):
                provider.freeze(frozen, folder)
                _copy_record(self._registry.states.folder(cluster), folder)
            self._registry.states.write(state.but(frozen_as=name))
        return self.copies.read(name)

    def is_abandoned(self, copy: Copy) -> bool:
        """Whether a run has made a copy for itself and is gone: it has the lock of the copy's cluster until it ends."""
        return not copy.state.kept and self._registry.is_free(copy.state.id)

    def abandoned(self) -> list[str]:
        """The ids of the clusters of which there are abandoned copies."""
        return sorted({copy.state.id for copy in self.copies if self.is_abandoned(copy)})

    def remove_abandoned(self, cluster: str) -> list[str]:
        """Remove the copies of a cluster that runs have made for themselves, this process among them; their names.

        Raises BadInput where another process works on the cluster.
        """
        self._registry.lock(cluster)  # the runs that made them had it: they are gone, and none begins meanwhile
        names = [copy.name for copy in self.copies if copy.state.id == cluster and not copy.state.kept]
        for name in names:
            self.copies.remove(name)
        return names

    def newest(self, cluster: str) -> Copy | None:
        """The kept frozen cluster of an id that was frozen last."""
        of_this = (each for each in self.copies if each.state.id == cluster and each.state.kept)
        return max(of_this, key=lambda each: each.frozen, default=None)

    def expect_usable(self, copy: Copy) -> None:
        """Raise BadInput where a frozen cluster cannot take the place of one that would be made now."""
        self._expect_the_same(copy)
        made_from.expect_young(copy.state, f"{copy.name} is not thawed", _anew(copy))

    def thaw(self, name: str, *, kept: bool = True) -> Building:
        """Make a frozen cluster's machines again, and wait until everything on them is as it was.

        A cluster that was frozen under this name, or thawed from it, is removed before. Raises BadInput where another
        cluster of that id exists, or where it would be made from something else now. It outlives this process where it
        is `kept`.
        """
        self.copies.read(name)  # only a valid name has a lock
        with self.copies.held(name):
            return self._thaw(self.copies.read(name), kept)

    def _thaw(self, copy: Copy, kept: bool) -> Building:
        cluster = copy.state.id
        self._registry.lock(cluster)
        self._expect_replaceable(copy)
        planned = self._expect_the_same(copy)
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
        building.cluster.state = state.but(status=READY, kept=kept, restarts=restarts)
        self._registry.states.write(building.cluster.state)
        return building

    def _expect_the_same(self, copy: Copy) -> ClusterState:
        planned = self._clusters.planned(copy.state.cluster_id)
        made_from.expect_the_same(copy.state, planned, f"{copy.name} is not thawed", _anew(copy))
        return planned

    def _expect_whole(self, cluster: str) -> None:
        """Raise BadInput where a thaw would wait in vain for what is not ready now, either."""
        if missing := restarted.not_ready(self._clusters.attach(cluster).cluster):
            raise BadInput(
                f"{cluster} is not frozen, since not everything on it is ready: {missing}",
                fix=f"./run check {cluster}  # says what is wrong",
            )

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


def _anew(copy: Copy) -> str:
    """What to type for another one."""
    cluster = copy.state.id
    return f"./run frozen remove {copy.name}\n./run up {cluster}\n./run freeze {cluster} {copy.name}"


@contextmanager
def _removed_where_it_fails(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        local.remove_tree(folder)
        raise


def _copy_record(source: Path, target: Path) -> None:
    """What was done to a cluster by hand stays with it."""
    if (source / RECORD).exists():
        shutil.copy2(source / RECORD, target / RECORD)
