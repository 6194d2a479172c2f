"""The clusters of this host: brings artifacts, machines, addresses and what is remembered together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from ipaddress import IPv4Network

from provision import accommodations, sources
from provision.accommodations import HostFacts
from provision.artifacts import Artifacts, provide
from provision.artifacts.catalog import Release
from provision.artifacts.home import Home
from provision.asked import Asked, Resolved
from provision.assembling import cluster_of, expect_answers
from provision.building import Building
from provision.claims import Claims
from provision.cluster import Cluster
from provision.errors import BadInput, Problem
from provision.inventory import provider as inventories
from provision.journal import Journal, Listener
from provision.kubeadm.commands import printed_joins
from provision.kubeadm.facts import Facts
from provision.machines import engines, subnets
from provision.machines.engines import Engine
from provision.machines.provider import Provider
from provision.options import CONTAINER, INVENTORY, VAGRANT
from provision.preparation import container
from provision.procedure import procedure_of
from provision.procedure.step import State
from provision.providers import Providers
from provision.settings import Settings
from provision.state import BROKEN, READY, ClusterState, States
from provision.topology import ClusterId
from provision.vagrant import source
from provision.vagrant.provider import VirtualMachines
from provision.versions import Version, Wanted


class Clusters(Asked):
    """Makes, finds and removes the clusters of this host. `listeners` hear of all that happens to any of them."""

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        home: Home | None = None,
        resolved: Sequence[Resolved] | None = None,
    ) -> None:
        super().__init__(settings, listeners, home, resolved)
        self.states = States(self.home.clusters)
        self.providers = Providers(self.settings, self.home, self._journal)
        self._claims = Claims(self.home.locks)

    def accommodations(self, version: Version) -> dict[str, str]:
        """What this host makes necessary for a version of Kubernetes: name → reason."""
        return {each.name: each.reason for each in accommodations.needed(self._host_facts, Facts(version))}

    @cached_property
    def _host_facts(self) -> HostFacts:
        self.home.root.mkdir(parents=True, exist_ok=True)
        return accommodations.probe(self.home.root)

    @cached_property
    def engine(self) -> Engine:
        """The container engine in use; raises HostLacks where there is none."""
        return engines.choose(self.settings.engine, accommodations.cgroup_version())

    def artifacts(self, release: Release) -> Artifacts:
        """Everything that containers of this release are made from, made where it is missing."""
        files = container.files(self.accommodations(release.version))
        return provide(release, self.engine, files, self.home, self._journal("artifacts"))

    def start(self, cluster: ClusterId) -> Building:
        """Make a cluster's machines, artifacts included. What an ended process left of the cluster is removed.

        Raises BadInput when the cluster exists and is kept, or is another process's.
        """
        name = str(cluster)
        if self.settings.looks_only:
            raise BadInput(f"{name} is only to be looked at", remedy="--ha-mode build, to build it on these machines")
        self.claim(name)
        if self.settings.reuse != "machines":
            self._refuse_kept(name)
        if not self._machines_serve_again(name):
            self.remove(name)
        journal = self._journal(name)
        state, provider = self._source(cluster, journal)
        self.states.write(state)
        try:
            with journal.step("prepare the machines" if state.inventory else "start the machines"):
                machines = provider.create(self.providers.order(state), journal)
        except BaseException:
            self.remove(name)
            raise
        return self._building(state, cluster_of(state, self.providers.order(state), machines, journal))

    def look_at(self, cluster: ClusterId) -> Building:
        """Somebody's own cluster, on which nothing runs but what only reads. Remembers nothing."""
        journal = self._journal(str(cluster))
        with journal.step("look at the machines"):
            state = sources.existing(self.settings, cluster, journal)
        order = self.providers.order(state)
        assert order.inventory
        made = cluster_of(state, order, inventories.look_at(order.inventory, journal), journal)
        return Building(made, (), lambda _: None, State.READY)

    def _source(self, cluster: ClusterId, journal: Journal) -> tuple[ClusterState, Provider]:
        def release() -> Release:
            return self.release(Wanted.parse(cluster.version))

        def host() -> sources.Host:
            return sources.Host(self.settings, self.home, self.engine, self._journal)

        if self.settings.machines:
            return sources.own_machines(host, self.settings, cluster, release, journal)
        remembered = self.states.read(str(cluster))
        subnet = IPv4Network(remembered.subnet) if remembered else self.subnet(str(cluster))
        if self.settings.provider == VAGRANT:
            return source.virtual_machines(
                self.settings, self.home, lambda: self.engine, cluster, release(), subnet, self._journal("artifacts")
            )
        others = sum(len(ClusterId.parse(state.id).machines) for state in self.states if state.provider == CONTAINER)
        target = release() if cluster.origin else None
        made = self.release(Wanted.parse(cluster.origin)) if target else release()
        reasons = self.accommodations(made.version) | (self.accommodations(target.version) if target else {})
        return sources.containers(host(), cluster, made, reasons, subnet, others, target)

    def attach(self, cluster: str, *, any_status: bool = False) -> Building:
        """A cluster that exists and is ready, or whatever it is; raises BadInput where there is none.

        Raises Unreachable when one that should be ready has a machine that does not answer, as after a reboot.
        """
        state = self.states.read(cluster)
        if state is None or not (any_status or state.status == READY):
            raise BadInput(f"there is no ready cluster {cluster}", remedy=f"./run up {cluster}")
        journal = self._journal(cluster)
        machines = self.providers.of(state).attach(self.providers.order(state), journal)
        if not any_status:
            expect_answers(cluster, machines.values())
        made = cluster_of(state, self.providers.order(state), machines, journal)
        if "printed_joins" in state.observations:
            printed = printed_joins(made)
            journal.redact.learn(printed.token, printed.certificate_key)
        return self._building(state, made, State.READY)

    def claim(self, cluster: str) -> None:
        """Make sure that no other process works on a cluster until this one ends; raises BadInput when one does."""
        self._claims.take(cluster)

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
        provider = self.providers.of(state) if state else None
        if not state or not isinstance(provider, VirtualMachines):
            raise BadInput(f"{cluster} has no virtual machines", remedy=f"./run clean {cluster} removes its machines")
        provider.halt(self.providers.order(state))

    def remove(self, cluster: str) -> None:
        """Remove every trace of a cluster; fine where there is none."""
        state = self.states.read(cluster)
        try:
            for provider in [self.providers.of(state)] if state else self.providers.here():
                provider.remove(cluster)
        except Problem as problem:
            if state and state.provider == INVENTORY:
                problem.remedy = f"./run clean {cluster} --forget leaves the machines as they are"
            raise
        self.states.forget(cluster)

    def existing(self) -> list[str]:
        """The ids of all clusters of which anything exists, remembered or not."""
        return sorted(set(self.states.ids()).union(*(each.existing() for each in self.providers.here())))

    def made_here(self) -> list[str]:
        """The ids of the clusters whose machines are this host's own; somebody's machines are reset one by one."""
        elsewhere = {state.id for state in self.states if state.provider == INVENTORY}
        return [cluster for cluster in self.existing() if cluster not in elsewhere]

    def ready(self) -> list[str]:
        """The ids of the clusters that are ready to be used."""
        return [state.id for state in self.states if state.status == READY]

    def abandoned(self) -> list[str]:
        """The clusters that were to be removed by a process that is gone."""
        return [cluster for cluster in self.existing() if self.is_abandoned(cluster)]

    def is_abandoned(self, cluster: str) -> bool:
        """Whether a cluster is neither kept nor worked on; a lock tells, since process ids come again."""
        state = self.states.read(cluster)
        return not (state and state.kept) and self._claims.is_free(cluster)

    def _refuse_kept(self, cluster: str) -> None:
        state = self.states.read(cluster)
        if state and state.kept:
            raise BadInput(
                f"{cluster} exists and is kept (process {state.owner} made it)",
                remedy=f"./run clean {cluster} to remove it, or --ha-reuse yes to test it as it is",
            )

    def _machines_serve_again(self, cluster: str) -> bool:
        """Whether a cluster's machines can be made what they were; those of other providers are made anew at once."""
        state = self.states.read(cluster)
        return self.settings.reuse == "machines" and state is not None and state.provider == VAGRANT

    def _building(self, state: ClusterState, cluster: Cluster, reached: State = State.MACHINES) -> Building:
        def changed(building: Building) -> None:
            status = BROKEN if building.broken_at else READY if building.reached is State.READY else state.status
            now = self.states.read(state.id) or state
            seen, version = dict(cluster.observations), str(cluster.version)
            self.states.write(now.but(status=status, broken_at=building.broken_at, version=version, observations=seen))

        steps = procedure_of(cluster.id, self.settings.control_plane_joins, own_dns=state.own_dns)
        return Building(cluster, steps, changed, reached)

    def subnet(self, cluster: str) -> IPv4Network:
        """The addresses that a cluster would get now; raises HostLacks when none are free."""
        remembered = [IPv4Network(state.subnet) for state in self.states if state.subnet]
        return subnets.choose(self.settings.addresses, cluster, [*subnets.taken(), *remembered])
