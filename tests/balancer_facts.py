"""Facts of load balancers, and what their rules find in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.facts.balancer import Balancer, Server
from checks.facts.cluster import Facts
from checks.facts.machine import Interface, MachineFacts, Process, Unit
from checks.findings import Finding, Report
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy, with_each, with_machine
from tests.healthy.values import NOW, address

ALONE = "KHA-LB-014"
VIRTUAL = "10.0.0.100"
NAMES = ("cp1", "cp2", "cp3")
SERVERS = tuple(Server(each, address(each), 6443, "https", True, "L7OK") for each in NAMES)
HAPROXY = Balancer("haproxy", "haproxy.service", "/etc/haproxy/haproxy.cfg", ("*:6443",), SERVERS, 35.0, 35.0, "/livez")
KEEPALIVED = Balancer("keepalived", "keepalived.service", "/etc/keepalived/keepalived.conf",
                      virtual_addresses=(VIRTUAL,), router_id="51")  # fmt: skip
KUBE_VIP = Balancer("kube-vip", "/etc/kubernetes/manifests/kube-vip.yaml", virtual_addresses=(VIRTUAL,))


def report(facts: Facts) -> Report:
    """By the rules of load balancers alone."""
    return judged(facts, [each for each in rules() if each.id.startswith("KHA-LB-")])


def found(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Id of each finding → its machines; without that there is one load balancer."""
    return {each.id: each.machines for each in report(facts).findings if each.id != ALONE}


def only(facts: Facts) -> Finding:
    """The one finding, but for that there is one load balancer."""
    (finding,) = [each for each in report(facts).findings if each.id != ALONE]
    return finding


def undecided(facts: Facts) -> set[str]:
    return {each.id for each in report(facts).undecided}


def with_balancer(**values: Any) -> Facts:
    """lb1 with another HAProxy."""
    return with_machine(healthy(), "lb1", balancers=(replace(HAPROXY, **values),))


def each_server(**values: Any) -> Facts:
    return with_balancer(servers=tuple(replace(each, **values) for each in SERVERS))


def pair(*, holds: tuple[str, ...] = ("lb1",)) -> Facts:
    """Two load balancers with HAProxy and keepalived, and the machines that hold the virtual address."""
    facts = healthy(balancers=2)
    unit = {each: Unit(each, "active", "enabled") for each in ("haproxy", "keepalived")}
    for name in ("lb1", "lb2"):
        facts = with_machine(facts, name, balancers=(HAPROXY, KEEPALIVED), units=unit)
    return held(facts, *holds)


def on_control_planes(*names: str, holds: tuple[str, ...] = ("cp2",)) -> Facts:
    """kube-vip as static pods of control planes."""
    facts = healthy(balancers=0)
    for name in names:
        processes: Any = (*(facts.machine(name).processes.value or ()), Process("kube-vip", 4000, NOW))
        facts = with_machine(facts, name, balancers=(KUBE_VIP,), processes=processes)
    return held(facts, *holds)


def held(facts: Facts, *names: str) -> Facts:
    """The virtual address on these machines, as the endpoint's."""

    def change(machine: MachineFacts) -> dict[str, Any]:
        own = (machine.address, VIRTUAL) if machine.name in names else (machine.address,)
        return {"interfaces": (Interface("eth0", 1500, True, own),), "resolved": (VIRTUAL,)}

    return with_each(facts, change)
