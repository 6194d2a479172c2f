"""Everything that was collected of one cluster: what its API says, what each API server says, and its machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from checks.facts.certificates import Certificate
from checks.facts.fact import Fact, unread
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, MachineFacts

Object = Mapping[str, Any]
"""An object of the API as it is there, without managedFields, environment variables and secret data."""


def _unread() -> Any:
    return unread("was not collected")


@dataclass(frozen=True)
class ApiServer:
    """What one API server answered by its own address, or what the endpoint answered: then `machine` is empty.

    `ready` is /readyz?verbose: each check that fails with its line; empty where all is well. `seen_from` is `here`, or
    the machine from which it was requested, where this host cannot reach it. `accepts` is whether this host connected,
    whatever followed.
    """

    address: str
    machine: str
    ready: Fact[tuple[str, ...]] = field(default_factory=_unread)
    version: Fact[str] = field(default_factory=_unread)
    certificate: Fact[Certificate] = field(default_factory=_unread)
    seen_from: str = "here"
    accepts: bool = False


@dataclass(frozen=True)
class Token:
    """A bootstrap token without its secret part. `ends` is None for one that never ends."""

    id: str
    ends: datetime | None
    usages: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Api:
    """Objects of the API. Each is missing where the API is down, or the permission is."""

    nodes: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    pods: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    deployments: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    daemon_sets: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    services: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    endpoint_slices: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    leases: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    requests: Fact[tuple[Object, ...]] = field(default_factory=_unread)
    tokens: Fact[tuple[Token, ...]] = field(default_factory=_unread)
    cluster_configuration: Fact[Object] = field(default_factory=_unread)
    kubelet_configuration: Fact[Object] = field(default_factory=_unread)
    kube_proxy_configuration: Fact[Object] = field(default_factory=_unread)
    kube_proxy_server: Fact[str] = field(default_factory=_unread)
    cluster_info_server: Fact[str] = field(default_factory=_unread)
    core_file: Fact[str] = field(default_factory=_unread)


@dataclass(frozen=True)
class Facts:
    """One cluster at one time. `endpoint` is `name:port`, empty where nothing says it; `access` is what was given:
    kubeconfig, ssh or inventory. `seconds` is how long it took to collect, `notes` what a reader should know of how.
    What ends within `expires_within` ends soon; the option gives it. `as_documented` is the strict expectation: the
    cluster was made just now as the documentation has it, and rules allow nothing that only one with a past may have.
    `api_read` is when the objects of the API had been read, which is before the end of all, `taken`.
    """

    taken: datetime
    endpoint: str
    access: tuple[str, ...]
    machines: tuple[MachineFacts, ...] = ()
    api: Api = field(default_factory=Api)
    through_endpoint: ApiServer | None = None
    servers: tuple[ApiServer, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    expires_within: timedelta = timedelta(days=30)
    as_documented: bool = False
    api_read: datetime | None = None

    def machine(self, name: str) -> MachineFacts:
        """The machine of a name; raises KeyError."""
        return {each.name: each for each in self.machines}[name]

    def of(self, role: str) -> tuple[MachineFacts, ...]:
        """The machines with a role."""
        return tuple(each for each in self.machines if each.is_a(role))

    @property
    def control_planes(self) -> tuple[MachineFacts, ...]:
        """The machines that run an API server."""
        return self.of(CONTROL_PLANE)

    @property
    def balancers(self) -> tuple[MachineFacts, ...]:
        """The machines that are load balancers and nothing else."""
        return self.of(BALANCER)

    @property
    def external_etcd(self) -> bool:
        """Whether etcd has machines of its own, or is somewhere else altogether."""
        configuration = self.api.cluster_configuration
        if configuration.known and "external" in configuration.get().get("etcd", {}):
            return True
        return any(each.is_a(ETCD) and not each.is_a(CONTROL_PLANE) for each in self.machines)

    @property
    def members(self) -> tuple[MachineFacts, ...]:
        """The machines on which a member of etcd belongs."""
        return self.of(ETCD) if self.external_etcd else self.control_planes

    @property
    def nodes(self) -> tuple[MachineFacts, ...]:
        """The machines that are nodes."""
        return tuple(each for each in self.machines if each.is_node)

    def owner(self, address: str) -> MachineFacts | None:
        """The machine that has an address, by its own interfaces or by what the API says of it."""
        return next((each for each in self.machines if address in _addresses(each)), None)


def _addresses(machine: MachineFacts) -> Iterator[str]:
    yield machine.address
    for interface in machine.interfaces.value or ():
        yield from interface.addresses
