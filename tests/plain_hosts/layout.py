"""Which plain hosts there are, and what each is like: the odd things that a user's machines are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from provision.config.balancers import Balancer
from provision.config.topology import Role

ENDPOINT = "k8s-api.plain.test"
MIRROR = "mirror.plain.test"
PORT = 2222
"""Where sshd listens on all of them."""

BASTION = "bastion"
"""The jump host. It also offers the mirror, and is the others' default route, which leads no further."""

ADMIN, ROOT = "admin", "root"


@dataclass(frozen=True)
class PlainHost:
    """One machine. `user` is who may log in: root, where there is no sudo. `behind` the bastion ssh goes through it."""

    name: str
    role: Role | None
    address: IPv4Address
    user: str = ADMIN
    behind: bool = False


def endpoint_address(bastion: PlainHost) -> IPv4Address:
    """Where the endpoint is: a load balancer's own address, or one that its machines take turns to hold."""
    return bastion.address + 1


def hosts(network: IPv4Network, topology: str, balancer: Balancer) -> tuple[PlainHost, ...]:
    """The machines of a topology and a kind of load balancer, bastion first."""

    def host(name: str, role: Role | None, number: int, user: str = ADMIN, *, behind: bool = False) -> PlainHost:
        return PlainHost(name, role, network[number], user, behind)

    etcd = (
        host("etcd-1.rack-a", Role.ETCD, 31), host("etcd-2.rack-b", Role.ETCD, 32, behind=True),
        host("etcd-3.rack-c", Role.ETCD, 33),
    )  # fmt: skip
    balancers = {
        0: (), 1: (host("api-lb", Role.LOAD_BALANCER, 3),),
        2: (host("lb-1.rack-a", Role.LOAD_BALANCER, 4), host("lb-2.rack-b", Role.LOAD_BALANCER, 5, ROOT)),
    }  # fmt: skip
    return (
        host(BASTION, None, 2),
        *balancers[balancer.machines],
        host("cp-1.rack-a", Role.CONTROL_PLANE, 11),
        host("cp-2.rack-b", Role.CONTROL_PLANE, 12, ROOT),
        host("cp-3.rack-c", Role.CONTROL_PLANE, 13, behind=True),
        host("node-1", Role.WORKER, 21, behind=True),
        host("node-2.rack-b", Role.WORKER, 22),
        *(etcd if topology == "external" else ()),
    )


def inventory(
    machines: tuple[PlainHost, ...], name: str, prepare: str, certificates: str, balancer: Balancer, ssh: Path
) -> Iterator[str]:  # fmt: skip
    """The lines of an inventory of the machines; `ssh` is the folder of key and known_hosts."""
    bastion, *others = machines
    yield f'load_balancer = "{balancer.name}"\nendpoint = "{ENDPOINT}:{balancer.port}"'
    yield f'name = "{name}"\nprepare = "{prepare}"\ncertificates = "{certificates}"'
    yield f'[login]\nuser = "{ADMIN}"\nport = {PORT}\nkey = "{ssh}/id"\nknown_hosts = "{ssh}/known_hosts"'
    for host in others:
        yield f'[hosts."{host.name}"]\nrole = "{host.role}"\naddress = "{host.address}"'
        if host.user == ROOT:
            yield f'user = "{ROOT}"\nsudo = false'
        if host.behind:
            yield f'jump = "{ADMIN}@{bastion.address}:{PORT}"'
