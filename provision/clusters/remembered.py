"""From what is remembered and the machines there are to a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

from provision.cluster import Cluster, Endpoint, Programs
from provision.config.cluster_state import ClusterState
from provision.config.topology import Role
from provision.config.versions import Version
from provision.errors import CommandFailed, Unreachable
from provision.loadbalancer.dns import ENDPOINT_NAME
from provision.machines.machine import Machine
from provision.providers.protocol import Order
from provision.recording.journal import Journal
from provision.util.concurrency import together


def expect_answers(cluster: str, machines: Iterable[Machine]) -> None:
    """Raise Unreachable where a machine of a cluster that should be ready does not answer, or cannot run anything."""
    try:
        together(lambda machine: machine.succeed("true", timeout=10), machines)
    except (Unreachable, CommandFailed) as problem:
        gone = f"{cluster} was ready, but {problem.what}"
        fix = f"./run clean {cluster}"
        raise Unreachable(gone, answer=problem.answer, fix=fix, machine=problem.machine) from None


def cluster_of(state: ClusterState, order: Order, machines: dict[str, Machine], journal: Journal) -> Cluster:
    """The cluster that is remembered, with these machines."""
    balancer = next((spec.name for spec in order.specs if spec.role is Role.LOAD_BALANCER), "")
    address = state.endpoint_address or order.addresses[balancer]
    name, port = order.inventory.endpoint.split(":") if order.inventory else (ENDPOINT_NAME, "6443")
    return Cluster(
        id=order.id,
        version=Version.parse(state.version),
        endpoint=Endpoint(name, address, int(port)),
        machines=machines,
        journal=journal,
        host_address=order.host_address,
        workarounds=frozenset(state.workarounds),
        network=state.network,
        beside={
            name: Programs(Version.parse(each["version"]), Path(each["folder"])) for name, each in state.beside.items()
        },
        observations=deepcopy(state.observations),
    )
