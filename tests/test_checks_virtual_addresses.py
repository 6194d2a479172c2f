"""Rules of virtual addresses: on one machine, and movable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.facts.cluster import Facts
from checks.facts.fact import unread
from checks.facts.machine import Unit
from checks.findings import Severity
from tests.balancer_facts import (
    HAPROXY,
    KEEPALIVED,
    KUBE_VIP,
    NAMES,
    VIRTUAL,
    found,
    held,
    on_control_planes,
    only,
    pair,
    report,
    undecided,
)
from tests.healthy import healthy, with_each, with_machine


@pytest.mark.parametrize("facts", [pair(), on_control_planes(*NAMES), on_control_planes("cp1", "cp2")])
def test_a_virtual_address_on_one_of_several_machines_is_healthy(facts: Facts) -> None:
    assert report(facts).findings == ()
    assert undecided(facts) == set()


@pytest.mark.parametrize("facts", [pair(holds=()), on_control_planes(*NAMES, holds=())])
def test_a_virtual_address_on_no_machine_is_found(facts: Facts) -> None:
    assert (only(facts).id, only(facts).severity) == ("KHA-LB-010", Severity.CRITICAL)


def test_a_virtual_address_that_an_unread_machine_may_hold_is_undecided() -> None:
    facts = with_machine(pair(holds=()), "lb2", interfaces=unread("no login"))
    assert found(facts) == {}
    assert "KHA-LB-010" in undecided(facts)


def test_a_virtual_address_on_two_machines_is_found() -> None:
    assert found(pair(holds=("lb1", "lb2"))) == {"KHA-LB-011": ("lb1", "lb2")}


def test_addresses_that_every_machine_announces_are_healthy() -> None:
    facts = on_control_planes(*NAMES, holds=NAMES)
    spread = (replace(KUBE_VIP, everywhere=True),)
    assert found(with_each(facts, lambda each: {"balancers": spread} if each in facts.control_planes else {})) == {}


def test_router_ids_that_differ_explain_two_holders() -> None:
    facts = with_machine(pair(holds=("lb1", "lb2")), "lb2", balancers=(HAPROXY, replace(KEEPALIVED, router_id="52")))
    assert found(facts) == {"KHA-LB-013": ("lb1", "lb2")}


def test_a_virtual_address_that_cannot_move_is_found() -> None:
    assert found(on_control_planes("cp1", holds=("cp1",))) == {"KHA-LB-012": ("cp1",)}
    stopped = {"haproxy": Unit("haproxy", "active", "enabled"), "keepalived": Unit("keepalived", "inactive", "enabled")}
    finding = only(with_machine(pair(), "lb2", units=stopped))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-007", Severity.WARNING, ("lb2",))


def test_it_is_undecided_where_another_machine_was_not_read() -> None:
    facts = with_machine(on_control_planes("cp1", holds=("cp1",)), "cp3", balancers=unread("no login"))
    assert found(facts) == {}
    assert "KHA-LB-012" in undecided(facts)


def test_virtual_addresses_that_are_not_the_endpoints_are_not_judged() -> None:
    balancers = (HAPROXY, replace(KEEPALIVED, virtual_addresses=("10.0.0.200",)))
    units = {each: Unit(each, "active", "enabled") for each in ("haproxy", "keepalived")}
    facts = with_machine(healthy(), "lb1", balancers=balancers, units=units)
    assert found(facts) == {}


@pytest.mark.parametrize(
    ("listens", "value", "ids"),
    [
        (f"{VIRTUAL}:6443", "0", {"KHA-LB-015"}),
        (f"{VIRTUAL}:6443", "1", set()),
        (f"{VIRTUAL}:6443 transparent", "0", set()),
        ("*:6443", "0", set()),
    ],
)
def test_a_balancer_that_may_not_listen_on_the_standby_is_found(listens: str, value: str, ids: set[str]) -> None:
    bound = (replace(HAPROXY, listens=(listens,)), KEEPALIVED)
    facts = with_machine(pair(), "lb2", balancers=bound, sysctls={"net.ipv4.ip_nonlocal_bind": value})
    assert set(found(facts)) == ids


def test_the_load_balancer_that_waits_is_not_known_without_an_inventory() -> None:
    facts = healthy()
    unit = {each: Unit(each, "active", "enabled") for each in ("haproxy", "keepalived")}
    facts = held(with_machine(facts, "lb1", balancers=(HAPROXY, KEEPALIVED), units=unit), "lb1")
    assert found(facts) == {}
    assert {each.id: each.needs for each in report(facts).undecided} == {
        "KHA-LB-012": "an inventory that names every load balancer"
    }
