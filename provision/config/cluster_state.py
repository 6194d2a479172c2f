"""A cluster, from what was chosen for it to what it has become. Pure.

This is the one object that travels: a provider's `plan` decides it, it is written before anything is touched, the
provider makes machines from it, and a `Cluster` holds it together with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from provision.config.addresses import Address, Family, Network, family_of, networks
from provision.config.balancers import Balancer
from provision.config.cluster_id import ClusterId
from provision.config.configuration.own import Kind, OwnConfiguration
from provision.config.inventory import parse
from provision.config.inventory.model import Inventory
from provision.config.topology import VIRTUAL, MachineSpec, Role
from provision.observations import Observations
from provision.util.errors import Problem

BUILDING, READY, BROKEN, PAUSED = "building", "ready", "broken", "paused"

DOMAIN = "kubeadm-ha.test"
"""A name that can never exist outside: RFC 6761 reserves .test."""

ENDPOINT_NAME = f"cluster-endpoint.{DOMAIN}"
"""The page's prerequisite: a load balancer with a name that resolves to DNS."""

REGISTRY = f"registry.{DOMAIN}"
"""Where the release's images are served, for a configuration whose imageRepository is there."""


@dataclass(frozen=True)
class Endpoint:
    """The load balancer as the cluster knows it: a name in DNS, the address behind it, a TCP port."""

    name: str
    address: str
    port: int = 6443

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True)
class Virtual:
    """How a cluster's virtual machines are made.

    `driver` is libvirt's: `kvm`, or `qemu` for emulation. `box` is a name that Vagrant knows; `kernel` and `initrd` are
    files of this host, for the box that is made here. `memory` is in MiB.
    """

    hypervisor: str
    box: str
    driver: str = "kvm"
    kernel: str = ""
    initrd: str = ""
    cpus: int = 2
    memory: int = 2048

    @property
    def local(self) -> bool:
        """Whether the box was made here, and holds everything that a node needs."""
        return bool(self.kernel)


@dataclass(frozen=True)
class ClusterState:
    """One cluster. Its fields are plain data, as they are written; its properties are what they mean.

    `version` is the release that it has now, `owner` the process that made it, `created` seconds since the epoch.
    `subnet` is empty until a network is chosen, and has two with a comma between them where addresses are of both
    families. It stays empty for your machines: `inventory` is what their file says,
    `endpoint_address` their load balancer's address. `virtual` are the fields of `Virtual`. `beside` are the
    releases that its id names beside the first: version and folder of programs. Without `own_dns` the machines know the
    endpoint's name by themselves. `workarounds` are name → reason, `network` one of `provision.config.options`.
    `configuration` is a user's own, as `OwnConfiguration.stored` has it, and `merges` what kubeadm gets beside it;
    `archives` are files of this host with the images that a registry beside the machines serves.

    `made_from` are fingerprints of all that it was made from, by what each is of; none where an older version made it.
    `frozen_as` is the name of the frozen copy that it was made as, or was made again from; "" where there is none.

    `restarts` is how often the containers of system pods were restarted when it was thawed, by pod: that much is not to
    be held against it.

    `other_versions` are those of programs that are a user's own, or beside them, and not of the cluster's version.

    `material` is the provider's own: what `create` makes machines from. It is not written, and no other cluster is
    different for it.
    """

    id: str
    version: str
    owner: int
    created: float
    provider: str = "container"
    subnet: str = ""
    engine: str = ""
    inventory: dict[str, Any] = field(default_factory=dict)
    endpoint_address: str = ""
    virtual: dict[str, Any] = field(default_factory=dict)
    own_dns: bool = True
    beside: dict[str, dict[str, str]] = field(default_factory=dict)
    status: str = BUILDING
    broken_at: str = ""
    kept: bool = False
    online: bool = False
    network: str = ""
    configuration: dict[str, Any] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    workarounds: dict[str, str] = field(default_factory=dict)
    substitutions: list[str] = field(default_factory=list)
    observations: Observations = field(default_factory=Observations)
    made_from: dict[str, str] = field(default_factory=dict)
    frozen_as: str = ""
    restarts: dict[str, int] = field(default_factory=dict)
    other_versions: dict[str, str] = field(default_factory=dict)
    material: object = field(default=None, compare=False, repr=False)

    @property
    def thawed(self) -> bool:
        """Whether its machines were made again from a frozen copy: what was only in memory, as journals, is new."""
        return bool(self.restarts)

    def but(self, **changes: Any) -> ClusterState:
        """The same state with changes."""
        return replace(self, **changes)

    @cached_property
    def cluster_id(self) -> ClusterId:
        """The id, with everything that it says."""
        return ClusterId.parse(self.id)

    @cached_property
    def your_machines(self) -> Inventory | None:
        """Your machines; None where machines are made. Raises BadInput for an inventory that is not valid any more."""
        return parse.parse(self.inventory, Path(self.id)) if self.inventory else None

    @cached_property
    def how_virtual(self) -> Virtual:
        """How virtual machines are made. Raises TypeError where another version wrote it."""
        return Virtual(**self.virtual)

    @property
    def served_repository(self) -> str:
        """The repository, without its host, that is served beside the machines; empty where none is."""
        own = self.own_configuration
        host, _, path = str(own.field(Kind.CLUSTER, "imageRepository") or "" if own else "").partition("/")
        return path if host == REGISTRY else ""

    @property
    def specs(self) -> tuple[MachineSpec, ...]:
        """The machines, load balancer first."""
        return self.your_machines.specs if self.your_machines else self.cluster_id.machines

    def names(self, role: Role) -> list[str]:
        """The names of the machines of a role."""
        return [spec.name for spec in self.specs if spec.role is role]

    @property
    def first(self) -> str:
        """The first control plane's name."""
        return self.names(Role.CONTROL_PLANE)[0]

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks of machines that are made, one of each family, the first one first."""
        assert self.subnet, f"{self.id} has no network yet"
        return networks(self.subnet)

    @property
    def cidr(self) -> IPv4Network:
        """The network of machines that have IPv4 addresses alone."""
        return IPv4Network(self.subnet)

    @property
    def family(self) -> Family:
        """The family of the machines' addresses, from these themselves."""
        if self.your_machines:
            return family_of(host.address for host in self.your_machines.hosts)
        return family_of(self.subnet.split(","))

    @property
    def addresses(self) -> Mapping[str, str]:
        """Each machine's first address by name, fixed for its life: a control plane does not survive a new one."""
        if self.your_machines:
            return {host.name: host.address for host in self.your_machines.hosts}
        first = self.networks[0]
        return {spec.name: str(first[spec.host]) for spec in self.specs}

    def addresses_of(self, name: str) -> tuple[Address, ...]:
        """Every address of a machine that is made, the first one first."""
        host = next(spec.host for spec in self.specs if spec.name == name)
        return tuple(network[host] for network in self.networks)

    @property
    def balancer(self) -> Balancer:
        """The kind of load balancer."""
        return self.cluster_id.balancer

    @property
    def balancer_address(self) -> str:
        """The address of the load balancer: one of its own, or that of the machine that it is."""
        if self.endpoint_address:
            return self.endpoint_address
        return str(self.networks[0][VIRTUAL]) if self.balancer.virtual else self._first_of(Role.LOAD_BALANCER)

    @property
    def name_server_address(self) -> str:
        """The address of the machine that serves names, and that the default route of the others leads to."""
        return self.addresses[self.name_server]

    @property
    def name_server(self) -> str:
        """The name of that machine."""
        return self.names(Role.NAME_SERVER if self.balancer.virtual else Role.LOAD_BALANCER)[0]

    def _first_of(self, role: Role) -> str:
        return self.addresses[self.names(role)[0]]

    @property
    def endpoint(self) -> Endpoint:
        """What the cluster is reached at."""
        given = self.your_machines.endpoint if self.your_machines else ""
        own = self.own_configuration.endpoint if self.own_configuration else ""
        name, _, port = (given or own or f"{ENDPOINT_NAME}:{self.balancer.port}").rpartition(":")
        return Endpoint(name, self.balancer_address, int(port))

    @cached_property
    def own_configuration(self) -> OwnConfiguration | None:
        """The user's own configuration of kubeadm; None where the cluster is made as documented."""
        return OwnConfiguration(**self.configuration) if self.configuration else None

    @property
    def host_address(self) -> str:
        """This host's own address in the cluster's network; empty where it has none of its own there."""
        return "" if self.your_machines else str(self.networks[0][1])


class Unreadable(Problem):
    """A cluster's folder that this version does not understand. Such a cluster is named, and left alone."""

    def __init__(self, cluster: str, reason: str, *, fix: str) -> None:
        super().__init__(f"{cluster}: its state cannot be read, so it is left alone", answer=reason, fix=fix)
