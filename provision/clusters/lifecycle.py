"""Makes the clusters of this host: brings artifacts, machines, addresses and what is remembered together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path

from provision.artifacts import Artifacts, engines, provide
from provision.artifacts.catalog import Release
from provision.artifacts.engines import Engine
from provision.artifacts.home import Home
from provision.cluster import Cluster
from provision.clusters import unstarted
from provision.clusters.bring_up import Building
from provision.clusters.locks import Claims
from provision.clusters.registry import Existing
from provision.clusters.remembered import cluster_of, expect_answers
from provision.clusters.selection import Asked, Resolved
from provision.clusters.state import States
from provision.config.cluster_state import BROKEN, READY, ClusterState
from provision.config.facts import Facts
from provision.config.options import CONTAINER, VAGRANT
from provision.config.settings import Settings
from provision.config.topology import ClusterId
from provision.config.versions import Version, Wanted
from provision.errors import BadInput
from provision.kubeadm.commands import certificate_key, printed_joins
from provision.node import host_workarounds
from provision.node.files import container_files
from provision.node.host_workarounds import HostFacts
from provision.procedure import last_state, procedure_of
from provision.procedure.step import State
from provision.providers import requests
from provision.providers.container import subnets
from provision.providers.directory import Providers
from provision.providers.inventory import provider as inventories
from provision.providers.protocol import Provider
from provision.providers.vagrant import source
from provision.recording.journal import Journal, Listener
from provision.recording.redaction import Redactor
from provision.util import file_locks

_START, _PREPARE = "start the machines", "prepare the machines"

_CHOOSE = 60
"""Seconds for another process to choose a network and remember it: a few commands of the container engine."""


class Clusters(Asked):
    """Makes and attaches to clusters; `existing` has those that there are. `listeners` hear of all that happens.

    `evidence` is the folder for what machines that do not start have to say.
    """

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        home: Home | None = None,
        resolved: Sequence[Resolved] | None = None,
        evidence: Path = unstarted.FOLDER,
        redact: Redactor | None = None,
    ) -> None:
        super().__init__(settings, listeners, home, resolved, redact)
        self.evidence = evidence
        self.providers = Providers(self.settings, self.home, self._journal)
        self._states = States(self.home.clusters)
        self.existing = Existing(self._states, self.providers, Claims(self.home.locks))

    def workarounds(self, *versions: Version) -> dict[str, str]:
        """What this host makes necessary for any of these versions of Kubernetes: name → reason."""
        found = (each for version in versions for each in host_workarounds.needed(self._host_facts, Facts(version)))
        return {each.name: each.because(self._host_facts) for each in found}

    def beside(self, cluster: ClusterId) -> dict[str, Release]:
        """The releases that a cluster has beside the one that it begins with, by their names in its id."""
        return {name: self.release(Wanted.parse(name)) for name in cluster.beside}

    @cached_property
    def _host_facts(self) -> HostFacts:
        self.home.root.mkdir(parents=True, exist_ok=True)
        return host_workarounds.probe(self.home.root)

    @cached_property
    def engine(self) -> Engine:
        """The container engine in use; raises HostLacks where there is none."""
        return engines.choose(self.settings.engine, host_workarounds.cgroup_version())

    def artifacts(self, release: Release) -> Artifacts:
        """Everything that containers of this release are made from, made where it is missing."""
        files = container_files(self.workarounds(release.version))
        return provide(release, self.engine, files, self.home, self._journal("artifacts"))

    def start(self, cluster: ClusterId) -> Building:
        """Make a cluster's machines, artifacts included. What an ended process left of the cluster is removed.

        Raises BadInput when the cluster exists and is kept, or is another process's, Unreadable when its state is.
        """
        name = str(cluster)
        if self.settings.looks_only:
            raise BadInput(f"{name} is only to be looked at", fix="--ha-mode build, to build it on these machines")
        if self.settings.chosen and not cluster.mutable:
            raise BadInput(
                f"{name} is not made: --ha-cluster, or HA_CLUSTER, chooses a cluster that exists",
                fix=f"./run up {name}  # without it",
            )
        self.existing.claim(name)
        before = self._states.read(name)
        again = self.settings.reuse == "machines" and before is not None and before.provider == VAGRANT
        if not again:
            self.existing.remove(name)
        journal = self._journal(str(cluster.moments[0]))
        state, provider = self._source(cluster, journal)
        if before and again:
            state = state.but(subnet=before.subnet, kept=before.kept)
            if not provider.serves_again(self.providers.order(state)):
                self.existing.remove(name)
        state = self._reserve(state)
        try:
            with journal.step(_PREPARE if state.inventory else _START):
                machines = provider.create(self.providers.order(state), journal)
        except BaseException as error:
            self._give_up(state, provider, journal, error)
            raise
        return self._building(state, cluster_of(state, self.providers.order(state), machines, journal))

    def _reserve(self, state: ClusterState) -> ClusterState:
        """Remember a cluster, with a network that no other has: nobody chooses one before this is written."""
        journal = self._journal(state.id)
        with file_locks.held(self.home.locks / "subnets.lock", journal, "choose a free network", _CHOOSE):
            if not state.inventory and not state.subnet:
                state = state.but(subnet=str(self.subnet(state.id)))
            self._states.write(state)
        return state

    def _give_up(self, state: ClusterState, provider: Provider, journal: Journal, error: BaseException) -> None:
        """Find out why machines could not be made, then keep or remove them. What goes wrong is noted on the error."""
        order, failed = self.providers.order(state), isinstance(error, Exception)
        try:
            if failed:
                unstarted.look_into(lambda: cluster_of(state, order, provider.inside(order, journal), journal),
                                    self.evidence, error)  # fmt: skip
        finally:
            if state.kept or self.settings.keep == "always" or (self.settings.keep == "failure" and failed):
                step = _PREPARE if state.inventory else _START
                self._states.write(state.but(kept=True, status=BROKEN, broken_at=step))
                error.add_note(f"{state.id} is kept: {provider.entry(order)}; remove it with ./run clean {state.id}")
            else:
                self.existing.remove_after(error, state.id)

    def look_at(self, cluster: ClusterId) -> Building:
        """Somebody's own cluster, on which nothing runs but what only reads. Remembers nothing."""
        journal = self._journal(str(cluster))
        assert self.settings.machines
        machines = inventories.look_at(self.settings.machines, journal)
        try:
            with journal.step("look at the machines"):
                state = requests.existing(self.settings, cluster, machines)
        except BaseException:
            for machine in machines.values():
                machine.close()
            raise
        made = cluster_of(state, self.providers.order(state), machines, journal)
        return Building(made, (), lambda _: None, State.READY)

    def _source(self, cluster: ClusterId, journal: Journal) -> tuple[ClusterState, Provider]:
        def release() -> Release:
            return self.release(Wanted.parse(cluster.version))

        def host() -> requests.Host:
            return requests.Host(self.settings, self.home, self.engine, self._journal)

        if self.settings.machines:
            return requests.own_machines(
                host, self.settings, cluster, release, journal, self._states.folder(str(cluster))
            )
        if not self._states.read(str(cluster)):
            self.subnet(str(cluster))  # that none is free is found out now, which one it is when everything is there
        if self.settings.provider == VAGRANT:
            return source.virtual_machines(
                self.settings, self.home, lambda: self.engine, cluster, release(), self._journal("artifacts")
            )
        others = sum(len(ClusterId.parse(state.id).machines) for state in self._states if state.provider == CONTAINER)
        made = self.release(Wanted.parse(cluster.origin or cluster.version))
        beside = self.beside(cluster)
        reasons = self.workarounds(made.version, *(each.version for each in beside.values()))
        return requests.containers(host(), cluster, made, reasons, others, beside)

    def attach(self, cluster: str, *, any_status: bool = False) -> Building:
        """A cluster that exists and is ready, or whatever it is; raises BadInput where there is none.

        Raises Unreachable when one that should be ready has a machine that does not answer, as after a reboot.
        """
        found = self._states.read(cluster) if any_status else None
        state = found or self.existing.expect_ready(cluster)
        journal = self._journal(cluster)
        machines = self.providers.of(state).attach(self.providers.order(state), journal)
        if not any_status:
            expect_answers(cluster, machines.values())
        made = cluster_of(state, self.providers.order(state), machines, journal)
        if made.observations.secrets.printed_joins:
            printed = printed_joins(made)
            journal.redact.learn(printed.token, printed.certificate_key, certificate_key(made))
        return self._building(state, made, last_state(made.id))

    def _building(self, state: ClusterState, cluster: Cluster, reached: State = State.MACHINES) -> Building:
        def changed(building: Building) -> None:
            status = BROKEN if building.broken_at else READY if building.done else state.status
            now = self._states.read(state.id) or state
            seen, version = cluster.observations, str(cluster.version)
            self._states.write(now.but(status=status, broken_at=building.broken_at, version=version, observations=seen))

        steps = procedure_of(cluster.id, self.settings.control_plane_joins, own_dns=state.own_dns)
        return Building(cluster, steps, changed, reached)

    def reserve(self, cluster: ClusterId) -> ClusterState:
        """Remember a cluster whose machines something else makes: no other one gets its name or its addresses.

        What an ended process left of it is removed. Raises BadInput when the cluster is another process's.
        """
        name = str(cluster)
        self.existing.claim(name)
        self.existing.remove(name)
        state, _ = self._source(cluster, self._journal(name))
        return self._reserve(state)

    def subnet(self, cluster: str) -> IPv4Network:
        """The addresses that a cluster would get now; raises HostLacks when none are free."""
        remembered = [IPv4Network(state.subnet) for state in self._states if state.subnet]
        return subnets.choose(self.settings.addresses, cluster, [*subnets.taken(), *remembered])
