"""A cluster: what is known of it, its machines, and what was seen while it came to be."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision.config import limits
from provision.config.addresses import Family
from provision.config.balancers import Balancer
from provision.config.cluster_id import ClusterId
from provision.config.cluster_state import ClusterState, Endpoint
from provision.config.configuration.own import OwnConfiguration
from provision.config.facts import Facts
from provision.config.topology import OUTSIDE, Role
from provision.config.versions import Version
from provision.machines.machine import Machine
from provision.node.host_workarounds import EMULATED, EMULATION
from provision.observations import Observations
from provision.readonly.machine import ReadOnlyMachine
from provision.recording.journal import Journal
from provision.util.concurrency import NotYet, wait_until
from provision.util.result import Result

ADMIN = "KUBECONFIG=/etc/kubernetes/admin.conf"
"""The page's kubectl lines need it and the page sets none."""


FAST_KEYS = "ecdsa-p256"
"""Keys that take little time."""

NO_CACHE = "KUBECACHEDIR=/dev/null"
"""Keeps kubectl from leaving a folder in root's home."""


@dataclass(frozen=True)
class Programs:
    """A release that machines are given programs of, and the folder of these on this host."""

    version: Version
    folder: Path


@dataclass(repr=False)
class Cluster:
    """Everything a step or a scenario needs.

    `observations` are what steps saw, for scenarios to judge. `observed` are facts of a release that is newer than all
    that is known, as the cluster shows them. In a `dry_run` commands are only noted, and no answer means anything: a
    step that would judge one checks this first.
    """

    state: ClusterState
    machines: Mapping[str, Machine]
    journal: Journal
    observations: Observations = field(default_factory=Observations)
    dry_run: bool = False
    observed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> ClusterId:
        """The id, with everything that it says."""
        return self.state.cluster_id

    @property
    def version(self) -> Version:
        """The release that the cluster has now."""
        return Version.parse(self.state.version)

    @property
    def endpoint(self) -> Endpoint:
        """What the cluster is reached at."""
        return self.state.endpoint

    @property
    def host_address(self) -> str:
        """This host's own address in the cluster's network; empty where it has none of its own there."""
        return self.state.host_address

    @property
    def host_addresses(self) -> tuple[str, ...]:
        """The same of each family."""
        return tuple(str(each[1]) for each in self.state.networks) if self.host_address else ()

    @property
    def family(self) -> Family:
        """The family of the machines' addresses."""
        return self.state.family

    def addresses_of(self, machine: Machine) -> tuple[str, ...]:
        """Every address of a machine, the first one first."""
        if self.state.your_machines:
            return (machine.address,)
        return tuple(str(each) for each in self.state.addresses_of(machine.name))

    @property
    def endpoint_addresses(self) -> tuple[str, ...]:
        """Every address behind the endpoint's name, the first one first."""
        one = self.state.your_machines or self.balancer.virtual
        return (self.endpoint.address,) if one else self.addresses_of(self.carriers[0])

    @property
    def workarounds(self) -> frozenset[str]:
        """Names from `provision.node.host_workarounds`."""
        return frozenset(self.state.workarounds)

    @property
    def network(self) -> str:
        """The pod network, one of `provision.config.options`."""
        return self.state.network

    @property
    def own_configuration(self) -> OwnConfiguration | None:
        """A user's own configuration of kubeadm; None where the cluster is made as documented."""
        return self.state.own_configuration

    @property
    def beside(self) -> Mapping[str, Programs]:
        """The releases that the id names beside the first, as it names them."""
        return {
            name: Programs(Version.parse(each["version"]), Path(each["folder"]))
            for name, each in self.state.beside.items()
        }

    def upgraded_to(self, version: Version) -> None:
        """From here on the cluster is of this version; by which one it was built is an observation."""
        self.observations.built_with = str(self.version)
        self.state = self.state.but(version=str(version))

    @property
    def kubeadm_version(self) -> Version:
        """The version of kubeadm, which may be a minor ahead of the cluster's."""
        return self.beside[self.id.kubeadm].version if self.id.kubeadm else self.version_of("kubeadm")

    def kubelet_version(self, machine: Machine) -> Version:
        """The version of a node's kubelet, which on a worker may be behind the cluster's."""
        names = {each.name: name for each, name in zip(self.workers, self.id.kubelets, strict=False)}
        return self.beside[names[machine.name]].version if machine.name in names else self.version_of("kubelet")

    def version_of(self, program: str) -> Version:
        """The version of a program of Kubernetes: not the cluster's where programs are a user's own."""
        return Version.parse(self.state.other_versions.get(program, self.state.version))

    @property
    def facts(self) -> Facts:
        """What is true of this cluster's version of kubeadm."""
        return Facts(self.kubeadm_version, self.observed)

    @property
    def original_facts(self) -> Facts:
        """What was true of the version that the cluster was built with, and that an upgrade leaves as it is."""
        built = self.observations.built_with
        return Facts(Version.parse(built)) if built else self.facts

    def with_role(self, *roles: Role) -> list[Machine]:
        """The machines with one of these roles that have a part in the procedure, in the order of the topology."""
        return [each for each in self.machines.values() if each.role in roles and not each.spec.late]

    @property
    def balancer(self) -> Balancer:
        """The kind of load balancer."""
        return self.state.balancer

    @property
    def carriers(self) -> list[Machine]:
        """The machines that carry the load balancer; none where your machines are without one."""
        return self.with_role(Role.LOAD_BALANCER) if self.balancer.machines else self.control_planes

    @property
    def outside(self) -> list[Machine]:
        """The machines on which nothing of Kubernetes runs; the first one serves names, where machines are made."""
        return self.with_role(*OUTSIDE)

    @property
    def control_planes(self) -> list[Machine]:
        """All control planes, the first one first."""
        return self.with_role(Role.CONTROL_PLANE)

    @property
    def workers(self) -> list[Machine]:
        """All workers."""
        return self.with_role(Role.WORKER)

    @property
    def etcd_machines(self) -> list[Machine]:
        """The machines of an external etcd cluster; none where etcd is stacked."""
        return self.with_role(Role.ETCD)

    @property
    def etcd_members(self) -> list[Machine]:
        """The machines that carry etcd, wherever that is."""
        return self.etcd_machines or self.control_planes

    @property
    def nodes(self) -> list[Machine]:
        """The machines that are, or become, Kubernetes nodes."""
        return self.with_role(Role.CONTROL_PLANE, Role.WORKER)

    @property
    def emulated(self) -> bool:
        """Whether the machines' processors are emulated, so that kubeadm's own time limits are too short."""
        return EMULATION in self.workarounds

    @property
    def patience(self) -> int:
        """What every time limit of a command is multiplied by: more than 1 where processors are emulated."""
        return EMULATED if self.emulated else 1

    def limit(self, seconds: int) -> str:
        """kubectl's option for how long it waits; `seconds` where processors are not emulated."""
        return f"--timeout={seconds * self.patience}s"

    @property
    def read_only(self) -> bool:
        """Whether the cluster exists without us, and nothing runs on it but what only reads."""
        return any(isinstance(each, ReadOnlyMachine) for each in self.machines.values())

    @property
    def keys(self) -> str:
        """The algorithm of the keys that kubeadm makes; on emulated processors, clients give up before RSA is done."""
        return FAST_KEYS if self.emulated else self.id.keys

    def late(self, role: Role) -> Machine:
        """The first machine that has this role and no part in the procedure."""
        return self.late_ones(role)[0]

    def late_ones(self, role: Role) -> list[Machine]:
        """The machines that have this role and no part in the procedure, where a cluster may be changed."""
        return [each for each in self.machines.values() if each.role is role and each.spec.late]

    def wait_until(self, check: Callable[[], NotYet | None], timeout: float, what: str, every: float = 0.2) -> None:
        """`util.concurrency.wait_until`, with `timeout` times the patience. A dry run notes one check."""
        if self.dry_run:
            check()
        else:
            wait_until(check, timeout * self.patience, what, every)

    def kubectl(
        self, *arguments: str, timeout: float = limits.KUBECTL, stdin: bytes = b"", secret: bool = False
    ) -> str:
        """Run kubectl as administrator on the first control plane; raises CommandFailed."""
        return self.control_planes[0].succeed(self._kubectl(arguments), timeout=timeout, stdin=stdin, secret=secret)

    def try_kubectl(self, *arguments: str, timeout: float = limits.KUBECTL, secret: bool = False) -> Result:
        """Like `kubectl`, whatever it answers."""
        return self.control_planes[0].run(self._kubectl(arguments), timeout=timeout, secret=secret)

    def kubectl_wait(self, *arguments: str, limit: int) -> None:
        """`kubectl wait`, for up to `limit` seconds; raises CommandFailed with what kubectl waited for."""
        self.kubectl("wait", *arguments, self.limit(limit), timeout=limit + limits.KUBECTL_ENDS)

    def get(self, *arguments: str, secret: bool = False) -> Any:
        """`kubectl get … -o json`, parsed."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json", secret=secret))

    def __repr__(self) -> str:
        """Without observations, which hold secrets: pytest shows what a failed test was given."""
        return f"<{self.id}>"

    def _kubectl(self, arguments: tuple[str, ...]) -> str:
        settings = f"{ADMIN} {NO_CACHE}" if self.read_only else ADMIN
        return f"sudo {settings} kubectl {shlex.join(arguments)}"
