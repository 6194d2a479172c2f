"""How many machines of each role an inventory has: what that means, or keeps from being built. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from provision.config.balancers import API_SERVER_PORT, HAPROXY
from provision.config.inventory.endpoint import WHERE
from provision.config.inventory.model import Inventory
from provision.config.inventory.sentences import listed
from provision.config.topology import Role, etcd_remark

_LEAST = 3  # control planes, and etcd machines, that the page begins with


def meaning(inventory: Inventory) -> tuple[str, ...]:
    """What a reader should know of the counts, one sentence each."""
    counts = Counter(host.role for host in inventory.hosts)
    return tuple(_meaning(inventory, counts))


def _meaning(inventory: Inventory, counts: Counter[Role]) -> Iterator[str]:
    planes, members = counts[Role.CONTROL_PLANE], counts[Role.ETCD] or counts[Role.CONTROL_PLANE]
    if planes == 1:
        yield "the file: one control plane, without which there is no API server; the page asks for three or more"
    elif planes < _LEAST:
        yield f"the file: {planes} control planes; the page asks for three or more"
    if remark := etcd_remark(members):
        yield f"the file: {remark}"
    if counts[Role.LOAD_BALANCER] > 1:
        balancers = listed(host.name for host in inventory.hosts if host.role is Role.LOAD_BALANCER)
        yield f"the file: load balancers {balancers}; the endpoint is what its name resolves to"


def unsuited(inventory: Inventory) -> Iterator[str]:
    """What keeps a cluster from being built from it, one sentence each."""
    counts = Counter(host.role for host in inventory.hosts)
    for role in (Role.CONTROL_PLANE, Role.ETCD):
        if 0 < counts[role] < _LEAST:
            yield f"the file: {counts[role]} hosts with role {role}; the page asks for three or more"
    if counts[Role.ETCD] > _LEAST:
        yield f"the file: {counts[Role.ETCD]} hosts with role etcd; the page's script is for three"
    kind, balancers = inventory.balancer, counts[Role.LOAD_BALANCER]
    if kind == HAPROXY and not balancers:
        yield "the file: no host with role load-balancer, which the endpoint's name leads to and which is configured"
    if kind != HAPROXY and balancers != kind.machines:
        what = f"has {kind.machines} hosts with role load-balancer, and the file has {balancers}"
        yield f"the file: load_balancer {kind.name} {what}"
    elif balancers > kind.machines:
        yield "the file: more than one host with role load-balancer; the endpoint is one name"
    if not inventory.endpoint:
        yield f"the file: no endpoint; the load balancer's name and port: {WHERE}"
    elif not kind.machines and inventory.endpoint.endswith(f":{API_SERVER_PORT}"):
        beside = f"the API server of the same machine has {API_SERVER_PORT}; its usual port is {kind.port}"
        yield f"the file: load_balancer {kind.name} cannot have endpoint {inventory.endpoint}: {beside}"
