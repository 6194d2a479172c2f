"""Machines as containers: systemd, sshd and containerd in each, on a network of the cluster's own."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from provision import artifacts
from provision.artifacts import Artifacts, engines, own_release
from provision.artifacts.catalog import Release
from provision.artifacts.engines import HOME_LABEL, LABEL, Engine
from provision.config.balancers import HAPROXY, Balancer
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState
from provision.config.facts import Facts
from provision.config.login import Login
from provision.config.options import CONTAINER
from provision.config.topology import MachineSpec
from provision.config.versions import Version
from provision.machines import keys
from provision.machines.machine import Machine
from provision.machines.ssh import SshMachine
from provision.node import host_workarounds
from provision.node.files import container_files
from provision.node.host_workarounds import HostFacts
from provision.providers import preview
from provision.providers.container import layers, pausing, requirements, starting
from provision.providers.container.frozen import Frozen
from provision.providers.container.inside import InsideMachine
from provision.providers.container.removal import Removal, do, prefix, run
from provision.providers.finding import Finding
from provision.providers.provider import Machines, Power, Provider
from provision.recording.journal import Journal
from provision.util import local
from provision.util.concurrency import NotYet, together, wait_until

_BOOT_TIMEOUT = 90  # seconds; systemd and sshd are up within five where the host is not overloaded

_SWITCHES = {
    Power.OFF: ("running", "kill"),
    Power.ON: ("running", "start"),
    Power.PAUSED: ("running", "pause"),
    Power.RESUMED: ("paused", "unpause"),
}
"""The status of the containers that it is done to (to be started: the others), and the engine's command."""


class Containers(Provider):
    """The provider `container`. A state's `material` is the image and the image store that its machines get.

    Containers and networks of another home folder are neither found nor removed.
    """

    pauses = True

    def findings(self, machines: int) -> Iterator[Finding]:
        return requirements.all_findings(self._host.settings, machines)

    def memory(self, machines: int) -> int:
        return requirements.memory(machines)

    def preview(
        self, text: str, wanted: Callable[[], Sequence[ClusterId]], subnet: Callable[[str], str]
    ) -> Iterator[str]:
        del text
        for cluster in wanted():
            state = self._chosen(cluster).but(subnet=subnet(str(cluster)))
            yield from preview.lines(
                state, self._host.release(cluster.version), self._host.journal(state.id), how=state.engine,
                memory=self.memory(len(cluster.machines)), joins=self._host.settings.control_plane_joins,
            )  # fmt: skip

    def plan(self, cluster: ClusterId, others: Sequence[ClusterState], journal: Journal) -> ClusterState:
        del journal  # the artifacts have one of their own
        there = sum(len(each.specs) for each in others if each.provider == CONTAINER)
        wanted = replace(self._host.settings, addresses_family=cluster.family.value)
        if str(cluster) not in {each.id for each in others}:  # what exists has its memory, and all else
            requirements.check(wanted, len(cluster.machines), there)
        state, beside = self._chosen(cluster), self._host.beside(cluster)
        made = self.artifacts(
            self._first(cluster), state.workarounds, tuple(beside.values()), balancer=cluster.balancer
        )  # fmt: skip
        programs = {
            name: state.beside[name] | {"folder": str(made.programs[each.version])} for name, each in beside.items()
        }
        return state.but(beside=programs, substitutions=list(made.substitutions), material=made)

    def _first(self, cluster: ClusterId) -> Release:
        """The release that a cluster begins with."""
        return self._host.release(cluster.origin or cluster.version)

    def _chosen(self, cluster: ClusterId) -> ClusterState:
        """What is chosen, before anything is made: programs have no folders yet."""
        settings, first, beside = self._host.settings, self._first(cluster).version, self._host.beside(cluster)
        return ClusterState(
            str(cluster), str(first), os.getpid(), time.time(), engine=self._host.engine.name,
            online=settings.online == "yes", network=settings.network, configuration=settings.stored_configuration,
            workarounds=self.workarounds(first, *(each.version for each in beside.values())),
            other_versions=own_release.different(self._first(cluster)),
            beside={
                name: {"version": str(each.version), "folder": f"<programs of {each.version}>"}
                for name, each in beside.items()
            },
        )  # fmt: skip

    def workarounds(self, *versions: Version) -> dict[str, str]:
        """What this host makes necessary for any of these versions of Kubernetes: name → reason."""
        found = (each for version in versions for each in host_workarounds.needed(self._host_facts, Facts(version)))
        return {each.name: each.because(self._host_facts) for each in found}

    @cached_property
    def _host_facts(self) -> HostFacts:
        self._host.home.root.mkdir(parents=True, exist_ok=True)
        return host_workarounds.probe(self._host.home.root)

    def artifacts(
        self, release: Release, workarounds: Mapping[str, str], beside: Sequence[Release] = (),
        *, balancer: Balancer = HAPROXY,
    ) -> Artifacts:  # fmt: skip
        """Everything that containers of a release are made from, made where it is missing."""
        files, journal = container_files(workarounds), self._host.journal("artifacts")
        return artifacts.provide(release, self._host.engine, files, self._host.home, journal, beside, balancer)

    def api(self, release: Release) -> Path:
        """The description of a release's API, made where it is missing."""
        return artifacts.api(release, self._host.home, self._host.journal("artifacts"))

    def _create(self, state: ClusterState, journal: Journal) -> Machines:
        made, folder, engine = state.material, self._folder(state), self._engine(state)
        assert isinstance(made, Artifacts), "plan comes first"
        everything = {spec.name: ",".join(map(str, state.addresses_of(spec.name))) for spec in state.specs}
        keys.write_keys(folder / "ssh", everything)
        # sshd trusts no list of keys that belongs to another user than root and the one who logs in.
        local.run(["chown", "0:0", str(folder / "ssh" / keys.AUTHORIZED_KEYS)], root=True)
        # Not --dns: docker would put its own resolver in front, at an address that pods cannot reach.
        resolver = folder / starting.RESOLVER
        resolver.write_text(f"nameserver {state.name_server_address}\n")
        resolver.chmod(0o644)
        name = self._network(state)
        machines = self._machines(state, journal)
        together(lambda spec: self._start(state, spec, name, made), state.specs)
        _join_network(state, engine, name)
        together(_wait_until_up, machines.values())
        return dict(machines)

    def _network(self, state: ClusterState) -> str:
        """Make a cluster's network; its name."""
        # podman forgets no address of a container that was killed while it started, but under the network's name.
        name, labels = f"{prefix(state.id)}_{secrets.token_hex(3)}", self.labels(state.id)
        local.run(self._engine(state).network_create(name, state.subnet, labels, online=state.online), root=True)
        return name

    def made_of(self, state: ClusterState) -> dict[str, str]:
        made = state.material
        assert isinstance(made, Artifacts), "plan comes first"
        return {"image": made.image, "image store": made.store.parent.name}

    def pause(self, state: ClusterState) -> None:
        pausing.pause(self._engine(state), lambda: self._without(state, self._with_status(state, "paused")))

    def resume(self, state: ClusterState) -> None:
        if paused := self._with_status(state, "paused"):  # where pausing was interrupted, these are not all
            run(self._engine(state), "unpause", *paused)

    def switch(self, state: ClusterState, machines: Sequence[str], power: Power) -> None:
        status, command = _SWITCHES[power]
        which = self._with_status(state, status)
        wanted = [each for each in self._names(state, machines) if (each in which) is not (power is Power.ON)]
        if wanted:
            run(self._engine(state), command, *wanted)
        if power is Power.ON and wanted:  # a bridge goes with the last machine on it
            for network in run(
                self._engine(state), "network", "ls", "--format={{.Name}}", *self._filters(state)
            ).split():
                _join_network(state, self._engine(state), network)

    def switched_by(self, state: ClusterState, machines: Sequence[str], power: Power) -> str:
        return f"sudo {self._engine(state).name} {_SWITCHES[power][1]} {' '.join(self._names(state, machines))}"

    def _without(self, state: ClusterState, others: Sequence[str]) -> list[str]:
        return [each for each in self._names(state) if each not in others]

    def _with_status(self, state: ClusterState, status: str) -> list[str]:
        """The names of a cluster's containers that the engine says this of."""
        show = (f"--filter=status={status}", *self._filters(state), "--format={{.Names}}")
        return run(self._engine(state), "ps", "-a", *show).split()

    def _filters(self, state: ClusterState) -> tuple[str, ...]:
        return tuple(f"--filter=label={each}" for each in self.labels(state.id))

    def freeze(self, state: ClusterState, folder: Path) -> None:
        made = state.material
        assert isinstance(made, Artifacts), "plan comes first"
        self._frozen(state, folder, made).write(self._folder(state))

    def thaw(self, state: ClusterState, folder: Path, journal: Journal) -> Machines:
        made, engine = state.material, self._engine(state)
        assert isinstance(made, Artifacts), "plan comes first"
        network = self._network(state)

        def create(spec: MachineSpec) -> None:
            run(engine, "create", *self._arguments(state, spec, network, made.image))

        self._frozen(state, folder, made).restore(self._folder(state), create)
        run(engine, "start", *self._names(state))
        _join_network(state, engine, network)
        machines = self._machines(state, journal)
        together(_wait_until_up, machines.values())
        return dict(machines)

    def _frozen(self, state: ClusterState, folder: Path, made: Artifacts) -> Frozen:
        containers = dict(zip((spec.name for spec in state.specs), self._names(state), strict=True))
        return Frozen(self._engine(state), containers, state.specs, folder, made.store)

    def _names(self, state: ClusterState, machines: Sequence[str] | None = None) -> list[str]:
        """The names of the containers of these machines; by default, of all."""
        names = [spec.name for spec in state.specs] if machines is None else machines
        return [f"{prefix(state.id)}-{name}" for name in names]

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        return dict(self._machines(state, journal))

    def inside(self, state: ClusterState, journal: Journal) -> Machines:
        del journal  # what is found this way is evidence, and no part of the record
        engine, home = self._engine(state), self._host.home.root
        return {
            spec.name: InsideMachine(spec, state.addresses[spec.name], engine, f"{prefix(state.id)}-{spec.name}", home)
            for spec in state.specs
        }

    def entry(self, state: ClusterState) -> str:
        return f"sudo {self._engine(state).name} exec -it {prefix(state.id)}-{state.first} bash"

    def remove(self, cluster: str, state: ClusterState | None) -> None:
        engine = self._engine(state) if state else self._host.installed_engine
        if engine:
            Removal(engine, cluster, self.labels(cluster)).run()

    def existing(self) -> set[str]:
        engine = self._host.installed_engine
        if not engine:
            return set()
        show = ("--filter", f"label={HOME_LABEL}={self._host.home.root}", "--format")
        machines = run(engine, "ps", "-a", *show, engine.label_format()).split()
        networks = run(engine, "network", "ls", *show, "{{.Name}}").split()
        return set(machines) | {name.removeprefix(prefix("")).partition("_")[0] for name in networks}

    def labels(self, cluster: str) -> tuple[str, ...]:
        """What machines and network of a cluster are known by, as `name=value`."""
        return (f"{LABEL}={cluster}", f"{HOME_LABEL}={self._host.home.root}")

    def _folder(self, state: ClusterState) -> Path:
        return self._host.home.clusters / state.id

    def _engine(self, state: ClusterState) -> Engine:
        """The engine that a cluster's machines are in; raises HostLacks where that is not installed any more."""
        return engines.choose(state.engine, host_workarounds.cgroup_version())

    def _start(self, state: ClusterState, spec: MachineSpec, network: str, made: Artifacts) -> None:
        disks = self._folder(state) / "disks" / spec.name
        if starting.has_disks(spec):
            layers.clone_store(made.store, disks / "containerd")
            local.run(["mkdir", "-p", *(str(disks / path) for path in starting.STORE_PATHS[1:])], root=True)
        run(self._engine(state), "run", "--detach", *self._arguments(state, spec, network, made.image))

    def _arguments(self, state: ClusterState, spec: MachineSpec, network: str, image: str) -> Iterator[str]:
        folder, labels = self._folder(state), self.labels(state.id)
        return starting.arguments(self._engine(state), state, spec, folder, network, labels, image)

    def _machines(self, state: ClusterState, journal: Journal) -> dict[str, SshMachine]:
        ssh = self._folder(state) / "ssh"
        login = Login("ubuntu", ssh / keys.LOGIN_KEY, ssh / keys.KNOWN_HOSTS, source=state.host_address)
        return {spec.name: SshMachine(spec, state.addresses[spec.name], login, journal) for spec in state.specs}


def _join_network(state: ClusterState, engine: Engine, network: str) -> None:
    """Give this host its address in the cluster's network: podman's internal networks leave it out."""
    bridge = local.run(engine.bridge(network), root=True).stdout.strip()
    if passage := engine.passage(bridge, opened=True):
        do(passage)  # where that chain is missing, docker filters nothing
    for each in state.networks:
        # An IPv6 address that is being checked for duplicates cannot be used for a second.
        at_once = ["nodad"] if each.version == 6 else []
        local.run(["ip", "address", "replace", f"{each[1]}/{each.prefixlen}", "dev", bridge, *at_once], root=True)


def _wait_until_up(machine: SshMachine) -> None:
    machine.wait_until_reachable(_BOOT_TIMEOUT)
    wait_until(lambda: _still_starting(machine), _BOOT_TIMEOUT, f"{machine.name} has started", every=0.1)


def _still_starting(machine: Machine) -> NotYet | None:
    """Why a machine is not up. Read again and again: `--wait` misses the end of a slow start now and then."""
    state = machine.run("systemctl is-system-running").stdout.strip()
    return None if state in ("running", "degraded") else NotYet(f"systemd says {state or 'nothing'}")
