"""Facts of healthy clusters, written by hand, for tests of rules: one thing is changed, and one rule has to see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from checks.facts.cluster import Facts
from checks.facts.fact import Fact
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER, MachineFacts
from tests.healthy.machines import machine_of
from tests.healthy.objects import api_of, server_of
from tests.healthy.values import ENDPOINT, NOW, address, known


def healthy(
    topology: str = "stacked", control_planes: int = 3, workers: int = 3, balancers: int = 1, container: str = ""
) -> Facts:
    """A cluster as kubeadm makes it, a month old, with two CoreDNS pods on two machines."""
    names = [f"cp{n}" for n in range(1, control_planes + 1)]
    others = [f"w{n}" for n in range(1, workers + 1)]
    etcds = [f"etcd{n}" for n in range(1, 4)] if topology == "external" else names
    members = {name: address(name) for name in etcds}
    roles: dict[str, tuple[str, ...]] = {f"lb{n}": (BALANCER,) for n in range(1, balancers + 1)}
    roles |= {name: (ETCD,) for name in etcds if name not in names}
    roles |= dict.fromkeys(names, (CONTROL_PLANE,) if topology == "external" else (CONTROL_PLANE, ETCD))
    roles |= dict.fromkeys(others, (WORKER,))
    machines = tuple(machine_of(name, mine, names, others, members, container) for name, mine in roles.items())
    servers = tuple(server_of(name) for name in names)
    through = replace(servers[0], address=ENDPOINT, machine="")
    api = api_of(names, others, members, topology)
    return Facts(NOW, ENDPOINT, ("ssh",), machines, api, through, servers, 5.0)


def with_machine(facts: Facts, name: str, **answers: Any) -> Facts:
    """The facts with other answers of one machine: values, or facts."""
    given: dict[str, Any] = {key: value if isinstance(value, Fact) else known(value) for key, value in answers.items()}
    machines = tuple(replace(each, **given) if each.name == name else each for each in facts.machines)
    return replace(facts, machines=machines)


def with_each(facts: Facts, change: Callable[[MachineFacts], Mapping[str, Any]]) -> Facts:
    """The facts with other answers of every machine."""
    for each in facts.machines:
        facts = with_machine(facts, each.name, **change(each))
    return facts


def with_api(facts: Facts, **answers: Any) -> Facts:
    """The facts with other objects of the API: values, or facts."""
    given = {key: value if isinstance(value, Fact) else known(value) for key, value in answers.items()}
    return replace(facts, api=replace(facts.api, **given))


def without_login(facts: Facts) -> Facts:
    """The same cluster as it is seen by kubeconfig alone: nothing of any machine."""
    bare = tuple(MachineFacts(each.name, each.roles, each.address) for each in facts.machines if each.is_node)
    return replace(facts, machines=bare, access=("kubeconfig",))
