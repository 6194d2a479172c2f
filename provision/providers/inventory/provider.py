"""Machines that are yours: none is made, and nothing but the procedure's own work is ever undone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence

from provision import artifacts
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.config.facts import Facts
from provision.config.inventory.model import Inventory
from provision.config.options import INVENTORY, ROUTES
from provision.config.topology import Role
from provision.config.versions import Version, Wanted
from provision.providers.finding import Finding
from provision.providers.inventory import facts, findings, identity, in_use, install, machines, preview
from provision.providers.inventory.facts import Survey
from provision.providers.inventory.install import Supplies
from provision.providers.inventory.preparation import Preparation, Touched, undo
from provision.providers.provider import Machines, Provider
from provision.recording.journal import Journal
from provision.util.concurrency import together
from provision.util.errors import BadInput, Problem


class YourMachines(Provider):
    """The provider `inventory`. A state's `material` is how its machines are prepared."""

    makes = False
    step = "prepare the machines"

    def findings(self, machines: int) -> Iterator[Finding]:
        del machines  # as many as the inventory has
        return findings.all_findings(self._host.settings)

    def memory(self, machines: int) -> int:
        del machines  # they have their own
        return 0

    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        del wanted, subnet  # machines that do not answer cannot say which version is wanted
        return preview.lines(self._host, self._inventory, text)

    @property
    def _inventory(self) -> Inventory:
        """The one that the settings name."""
        assert self._host.settings.your_machines, "provider inventory has one"
        return self._host.settings.your_machines

    def plan(self, cluster: ClusterId, others: Sequence[ClusterState], journal: Journal) -> ClusterState:
        """Raises BadInput where machines are not ready, or are in use."""
        del others
        inventory, settings = self._inventory, self._host.settings
        prepared, reset = inventory.prepare == "none", settings.in_use == "reset"
        with machines.read_for_a_while(inventory, journal) as reached:
            found = facts.surveys(inventory, reached)
        in_use.check(inventory, found, prepared=prepared, carried=findings.carried(settings, inventory), reset=reset)
        version = facts.common_version(found) if prepared else self._host.release(cluster.version).version
        needed = facts.workarounds(found, version, swap=prepared)
        supplies = None if prepared else self._supplies(inventory, cluster, needed)
        state = self._state(cluster, version, inventory, found, needed)
        return state.but(
            online=settings.online == "yes", network=settings.network, own_dns=False,
            material=Preparation(
                inventory, {each.machine.name: each for each in found}, supplies, reset,
                network=settings.network == ROUTES and not (supplies and supplies.images),
            ),
        )  # fmt: skip

    def inspect(self, cluster: ClusterId, journal: Journal) -> tuple[ClusterState, Machines]:
        reached = machines.read_only(self._inventory, journal)
        try:
            inventory = identity.recognised(self._inventory, reached).or_refused()
            if inventory != self._inventory:
                machines.close(reached)
                reached = machines.read_only(inventory, journal)
            found = facts.surveys(inventory, reached)
            if strangers := [each.machine.name for each in found if not each.is_root]:
                raise BadInput(f"sudo asks for a password, or is refused, on {', '.join(strangers)}")
            version = _installed(cluster, found)
            workarounds = facts.workarounds(found, version, swap=True)
            return self._state(cluster, version, inventory, found, workarounds), reached
        except BaseException:
            machines.close(reached)
            raise

    def _state(
        self, cluster: ClusterId, version: Version, inventory: Inventory, found: Sequence[Survey],
        workarounds: dict[str, str],
    ) -> ClusterState:  # fmt: skip
        return ClusterState(
            str(cluster), str(version), os.getpid(), time.time(), provider=INVENTORY,
            inventory=dict(inventory.content), workarounds=workarounds,
            configuration=self._host.settings.stored_configuration,
            endpoint_address=facts.endpoint_address(found),
        )  # fmt: skip

    def _supplies(self, inventory: Inventory, cluster: ClusterId, workarounds: Collection[str]) -> Supplies:
        release, settings = self._host.release(cluster.version), self._host.settings
        journal, pause = self._host.journal("artifacts"), Facts(release.version).pause
        if release.own and inventory.prepare != "artifacts":
            raise BadInput(
                f"your own programs get to machines from this host, and inventory {inventory.name} has another way",
                fix='prepare = "artifacts"',
            )
        if inventory.prepare == "packages":
            site = settings.packages or install.OFFICIAL_PACKAGES
            return Supplies(release.version, pause, workarounds=workarounds, packages=site)
        if not release.own and findings.pulled_there(settings):
            programs = artifacts.programs(release, self._host.home, journal)
            return Supplies(release.version, pause, programs, workarounds=workarounds)
        programs, images = artifacts.carried(
            release, self._host.engine, self._host.home, journal, inventory.balancer
        )  # fmt: skip
        return Supplies(release.version, images.pause, programs, images.archives, workarounds)

    def _create(self, state: ClusterState, journal: Journal) -> Machines:
        preparation, touched = state.material, self._touched(state)
        assert isinstance(preparation, Preparation), "plan comes first"
        touched.begin()
        reached = self.attach(state, journal)
        preparation.apply(reached, touched)
        touched.add(reached)  # from here on the procedure may be at all of them
        return reached

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        return machines.reach(_of(state), journal)

    def inside(self, state: ClusterState, journal: Journal) -> Machines:
        return self.attach(state, journal)

    def entry(self, state: ClusterState) -> str:
        return f"./run ssh {state.id} {state.first}"

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        if not state:  # nothing says which machines those are
            return
        reached, touched = self.attach(state, self._host.journal(cluster)), self._touched(state)
        names = touched.among(reached)
        try:
            together(lambda name: undo(_of(state), reached[name]), names)
        except Problem as problem:
            problem.fix = f"./run clean {cluster} --forget  # leaves the machines as they are"
            raise
        finally:
            machines.close(reached)
        touched.begin()

    def existing(self) -> set[str]:
        return set()

    def _touched(self, state: ClusterState) -> Touched:
        return Touched(self._host.home.clusters / state.id)


def _of(state: ClusterState) -> Inventory:
    """The inventory of a cluster, as it was when that was made."""
    assert state.your_machines, f"{state.id} is not on machines of an inventory"
    return state.your_machines


def _installed(cluster: ClusterId, found: Sequence[Survey]) -> Version:
    """The newest release on the control planes; raises BadInput where the id is about another one."""
    versions = sorted(facts.version_of(each) for each in found if each.machine.role is Role.CONTROL_PLANE)
    if not Wanted.parse(cluster.version).accepts(versions[-1]):
        others = ", ".join(dict.fromkeys(map(str, versions)))
        raise BadInput(f"{cluster} has kubeadm {others}", fix="leave the version out")
    return versions[-1]
