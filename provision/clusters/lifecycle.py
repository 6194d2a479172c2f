"""Makes the clusters of this host: has a provider plan one, remembers that, and has the machines made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path

from provision import artifacts
from provision.cluster import Cluster
from provision.clusters import made_from, unstarted
from provision.clusters.bring_up import Building
from provision.clusters.frozen_copies import FrozenCopies
from provision.clusters.locks import ClusterLocks
from provision.clusters.registry import ClusterRegistry
from provision.clusters.selection import Resolved, Selection, releases
from provision.clusters.state import States
from provision.clusters.unstarted import Unstarted
from provision.config import limits
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import BROKEN, PAUSED, READY, ClusterState
from provision.config.settings import Settings
from provision.kubeadm import configuration, validation
from provision.kubeadm.commands import certificate_key
from provision.machines.machine import Machine
from provision.procedure import dry_run, last_state, procedure_of
from provision.procedure.step import State
from provision.providers import subnets, table
from provision.providers.host import Host
from provision.providers.provider import Machines, Provider
from provision.recording.journal import Journal, Listener
from provision.util import file_locks
from provision.util.concurrency import together
from provision.util.errors import BadInput, CommandFailed, Unreachable
from provision.util.home import Home
from provision.util.redaction import Redactor

_CHOOSE = 60
"""Seconds for another process to choose a network and remember it: a few commands of the container engine."""


class Clusters:
    """Makes and attaches to clusters: `selection` has those that the settings choose, `registry` those that exist.

    `listeners` hear of all that happens. `evidence` is the folder for what machines that do not start have to say.
    `providers` make the machines, by the names that `--ha-provider` gives them; None stands for all that there are.
    """

    def __init__(
        self,
        settings: Settings,
        listeners: Sequence[Listener] = (),
        home: Home | None = None,
        resolved: Sequence[Resolved] | None = None,
        evidence: Path = unstarted.FOLDER,
        redact: Redactor | None = None,
        providers: Mapping[str, Callable[[Host], Provider]] | None = None,
    ) -> None:
        self.settings = settings
        self.host = Host(settings, home, listeners, redact, releases(resolved))
        self.selection = Selection(self.host, resolved)
        self._evidence = evidence
        self._states = States(self.host.home.clusters)
        made = {name: make(self.host) for name, make in (providers or table.PROVIDERS).items()}
        self._providers: Mapping[str, Provider] = made
        self.registry = ClusterRegistry(self._states, made, ClusterLocks(self.host.home.locks))

    @property
    def provider(self) -> Provider:
        """The one that the settings choose."""
        return self._providers[self.settings.provider]

    def start(self, cluster: ClusterId) -> Building:
        """Make a cluster's machines, artifacts included. What an ended process left of the cluster is removed.

        Raises BadInput when the cluster exists and is kept, or is another process's, Unreadable when its state is.
        """
        name, provider = str(cluster), self.provider
        self._refuse_to_make(cluster)
        self.registry.lock(name)
        before = self._states.read(name)
        again = self.settings.reuse == "machines" and before is not None and self.provider_of(before).snapshots
        if not again and (before or provider.makes):  # of your machines nothing is found that is not remembered
            self.registry.remove(name)
        journal = self.host.journal(str(cluster.moments[0]))
        state = self.planned(cluster)
        if before and again:
            state = state.but(subnet=before.subnet, kept=before.kept)
            if not provider.serves_again(state):
                self.registry.remove(name)
        state = self._remember(state)
        failed = Unstarted(state, journal, self.settings.keep, self._evidence)
        try:
            with journal.step(provider.step):
                machines = provider.create(state, journal, failed)
        except BaseException as error:
            if failed.stay(error):
                self._states.write(state.but(kept=True, status=BROKEN, broken_at=provider.step))
                entry = provider.entry(state)
                error.add_note(f"{name} is kept: {entry}; remove it with ./run clean {name}")
            else:
                self.registry.remove_after(error, name)
            raise
        return self._building(Cluster(state, machines, journal))

    def _refuse_to_make(self, cluster: ClusterId) -> None:
        own = self.settings.own_configuration
        if cluster.parts.configuration != (own.digest if own else ""):
            given = f"that of {own.name} is cfg-{own.digest}" if own else "none is given"
            raise BadInput(f"{cluster} names another configuration: {given}", fix="--ha-configuration=FILE, or none")
        if self.settings.read_only:
            raise BadInput(f"{cluster} is only checked", fix="--ha-mode build, to build it on these machines")
        if self.settings.chosen and not (cluster.mutable or cluster.faults):
            raise BadInput(
                f"{cluster} is not made: --ha-cluster, or HA_CLUSTER, chooses a cluster that exists",
                fix=f"./run up {cluster}  # without it",
            )

    def _configured(self, state: ClusterState, journal: Journal) -> ClusterState:
        """With what kubeadm gets beside a user's own configuration; raises BadInput where that cannot work.

        The real kubeadm judges it where this host makes the machines; where it does not, the machines' own does.
        """
        if not state.own_configuration:
            return state
        journal.redact.learn(*state.own_configuration.secrets)
        addressed = state if state.subnet or not self.provider.makes else state.but(subnet=self.subnet(state.id))
        cluster = dry_run.planned(addressed, journal)
        merges = [str(each) for each in configuration.merges(cluster)]
        if self.provider.makes:
            release = self.host.release(cluster.id.kubeadm or cluster.id.origin or cluster.id.version)
            validation.by(artifacts.kubeadm(release, self.host.home, journal), cluster, journal.redact)
        return state.but(merges=[journal.redact(each) for each in merges], archives=self._served(state, journal))

    def _served(self, state: ClusterState, journal: Journal) -> list[str]:
        """The archives of images for a registry beside the machines, where the configuration names one there."""
        if not state.served_repository:
            return []
        release = self.host.release(state.cluster_id.origin or state.cluster_id.version)
        images = artifacts.carried(release, self.host.engine, self.host.home, journal)[1]
        return [str(each) for each in images.archives]

    def planned(self, cluster: ClusterId) -> ClusterState:
        """What a cluster would be made from now, with what machines are made of; has no network yet.

        Raises BadInput, HostLacks and Unreachable.
        """
        journal = self.host.journal(str(cluster.moments[0]))
        state = self._configured(self._planned(cluster, journal), journal)
        machines = self.provider.made_of(state)
        return state.but(made_from=made_from.fingerprints(state, machines, self.settings.control_plane_joins))

    def _planned(self, cluster: ClusterId, journal: Journal) -> ClusterState:
        """What the provider plans. That no network is free is found out before what takes minutes."""
        if self.provider.makes and not self._states.read(str(cluster)):
            self.subnet(str(cluster))
        return self.provider.plan(cluster, list(self._states), journal)

    def _remember(self, state: ClusterState) -> ClusterState:
        """Write a cluster down, with a network that no other has: none is chosen before this is written."""
        journal = self.host.journal(state.id)
        with file_locks.held(self.host.home.locks / "subnets.lock", journal, "choose a free network", _CHOOSE):
            if self.provider.makes and not state.subnet:
                state = state.but(subnet=self.subnet(state.id))
            self._states.write(state)
        return state

    def reserve(self, cluster: ClusterId) -> ClusterState:
        """Remember a cluster whose machines something else makes: no other one gets its name or its addresses.

        What an ended process left of it is removed. Raises BadInput when the cluster is another process's.
        """
        name = str(cluster)
        self.registry.lock(name)
        self.registry.remove(name)
        return self._remember(self._planned(cluster, self.host.journal(name)))

    def subnet(self, cluster: str) -> str:
        """The addresses that a cluster would get now, as a state has them; raises HostLacks when none are free."""
        family = ClusterId.parse(cluster).family
        known = [*self._states, *(each.state for each in FrozenCopies(self.host.home))]
        remembered = [network for state in known if state.subnet for network in state.networks]
        return subnets.choose(self.settings.addresses, cluster, [*subnets.taken(family), *remembered], family)

    def preview(self, text: str) -> Iterator[str]:
        """What would be made of a topology or a cluster id, in lines. Makes nothing."""
        return self.provider.preview(text, partial(self.selection.named, text), self.subnet)

    def attach(self, cluster: str) -> Building:
        """A cluster that is ready to be used; raises BadInput where there is none.

        Raises Unreachable where one of its machines does not answer, as after a reboot.
        """
        state = self.registry.expect_ready(cluster)
        attached = self._attached(state)
        _expect_answers(cluster, attached.cluster.machines.values())
        return attached

    def attach_as_it_is(self, cluster: str) -> Building:
        """A cluster that exists, also one that is not ready or does not answer; BadInput where none can be."""
        state = self._states.read(cluster)
        return self._attached(state if state and state.status != PAUSED else self.registry.expect_ready(cluster))

    def _attached(self, state: ClusterState) -> Building:
        journal = self.host.journal(state.id)
        return self.resumed(state, self.provider_of(state).attach(state, journal), journal)

    def resumed(self, state: ClusterState, machines: Machines, journal: Journal) -> Building:
        """A cluster through its whole procedure, of which everything is known that was written down."""
        made = Cluster(state, machines, journal, deepcopy(state.observations))
        if own := made.own_configuration:
            journal.redact.learn(*own.secrets)
        if printed := made.observations.secrets.printed_joins:
            journal.redact.learn(printed.token, printed.certificate_key, certificate_key(made))
        return self._building(made, last_state(made.id))

    def inspect(self, cluster: ClusterId) -> Building:
        """A cluster that was not made here, on which nothing runs but what only reads. Remembers nothing."""
        journal = self.host.journal(str(cluster))
        with journal.step("read what the machines are"):
            state, machines = self.provider.inspect(cluster, journal)
        return Building(Cluster(state, machines, journal), (), lambda _: None, State.READY)

    def _building(self, cluster: Cluster, reached: State = State.MACHINES) -> Building:
        state = cluster.state
        steps = procedure_of(cluster.id, self.settings.control_plane_joins, own_dns=state.own_dns)
        return Building(cluster, steps, self._write_progress, reached)

    def _write_progress(self, building: Building) -> None:
        """Remember how far a cluster has come. Whether it is kept may have been written meanwhile."""
        cluster = building.cluster
        now = self._states.read(cluster.state.id) or cluster.state
        status = BROKEN if building.broken_at else READY if building.done else cluster.state.status
        seen, version = cluster.observations, cluster.state.version
        self._states.write(now.but(status=status, broken_at=building.broken_at, version=version, observations=seen))

    def provider_of(self, state: ClusterState) -> Provider:
        """The provider that gave a remembered cluster its machines."""
        return self._providers[state.provider]


def _expect_answers(cluster: str, machines: Iterable[Machine]) -> None:
    """Raise Unreachable where a machine of a cluster that should be ready does not answer, or cannot run anything."""
    try:
        together(lambda machine: machine.succeed("true", timeout=limits.ANSWER), machines)
    except (Unreachable, CommandFailed) as problem:
        gone = f"{cluster} was ready, but {problem.what}"
        fix = f"./run clean {cluster}"
        raise Unreachable(gone, answer=problem.answer, fix=fix, machine=problem.machine) from None
