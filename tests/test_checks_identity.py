"""Identity and clocks: each rule sees one broken thing, and healthy clusters of other kinds stay quiet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.facts.machine import Clock, Interface, Reached, flags_of
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.disturbed import cut_off_everywhere
from tests.healthy.judging import found, report, undecided
from tests.healthy.values import address


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-ID")


def with_identity(facts: Facts, name: str, **more: Any) -> Facts:
    return with_machine(facts, name, identity=replace(facts.machine(name).identity.get(), **more))


def with_node(facts: Facts, name: str, **status: Any) -> Facts:
    return with_api(facts, nodes=tuple(
        {**each, "status": {**each["status"], **status}} if each["metadata"]["name"] == name else each
        for each in facts.api.nodes.get()
    ))  # fmt: skip


# -- what has to differ


@pytest.mark.parametrize("container", ["", "podman"])
def test_a_shared_machine_id_is_a_warning_in_containers_too(container: str) -> None:
    facts = with_identity(healthy(container=container), "cp3", machine_id="machine id of cp1")
    assert all_of(facts) == [("KHA-ID-001", "warning", ("cp1", "cp3"))]
    assert report(facts, "KHA-ID").findings[0].fix.endswith("  # on cp3")


def test_a_shared_machine_id_is_seen_without_a_login() -> None:
    info = {"machineID": "machine id of cp1", "kubeletVersion": "v1.37.2"}
    facts = without_login(with_node(healthy(), "w2", nodeInfo=info))
    assert all_of(facts) == [("KHA-ID-001", "warning", ("cp1", "w2"))]


def test_a_shared_product_uuid_is_a_warning_but_not_in_containers() -> None:
    facts = with_identity(healthy(), "w2", product_uuid="UUID of w1")
    assert all_of(facts) == [("KHA-ID-004", "warning", ("w1", "w2"))]
    inside = healthy(container="podman")
    for name in ("w1", "w2"):
        inside = with_identity(inside, name, product_uuid="uuid of the host")
    assert all_of(inside) == []


def test_a_product_uuid_that_boards_have_from_the_factory_is_a_notice() -> None:
    facts = healthy()
    for name in ("w1", "w2"):
        facts = with_identity(facts, name, product_uuid="03000200-0400-0500-0006-000700080009")
    assert all_of(facts) == [("KHA-ID-004", "notice", ("w1", "w2"))]


def test_a_shared_mac_is_a_warning_but_not_in_containers() -> None:
    def same(facts: Facts) -> Facts:
        for name in ("w1", "w2"):
            interfaces = (Interface("eth0", 1500, True, (address(name),), "02:00:00:00:00:aa"),)
            facts = with_machine(facts, name, interfaces=interfaces)
        return facts

    assert all_of(same(healthy())) == [("KHA-ID-005", "warning", ("w1", "w2"))]
    assert all_of(same(healthy(container="podman"))) == []  # as with ipvlan


def test_equal_macs_of_interfaces_that_are_not_the_machines_are_healthy() -> None:
    bridge = Interface("cali1", 1500, True, ("169.254.1.1",), "ee:ee:ee:ee:ee:ee")
    facts = with_each(healthy(), lambda each: {"interfaces": (*each.interfaces.get(), bridge)})
    assert all_of(facts) == []


# -- the name of a node


def test_another_host_name_than_the_nodes_is_critical() -> None:
    facts = with_identity(healthy(), "w3", host_name="w2")
    assert all_of(facts) == [("KHA-ID-002", "critical", ("w3",))]
    assert report(facts, "KHA-ID").findings[0].fix == "sudo hostnamectl set-hostname w3  # on w3"


@pytest.mark.parametrize(("host_name", "override"), [("W3", ""), ("ip-10-0-0-23.internal", "w3"), ("w2", "W3")])
def test_the_kubelets_flag_takes_the_place_of_the_host_name(host_name: str, override: str) -> None:
    facts = with_identity(healthy(), "w3", host_name=host_name)
    flags = {"hostname-override": override} if override else {}
    kubelet = replace(facts.machine("w3").kubelet.get(), flags=flags)
    assert all_of(with_machine(facts, "w3", kubelet=kubelet)) == []


def test_a_flag_with_another_name_is_critical() -> None:
    facts = healthy()
    kubelet = replace(facts.machine("w3").kubelet.get(), flags={"hostname-override": "w4"})
    assert all_of(with_machine(facts, "w3", kubelet=kubelet)) == [("KHA-ID-002", "critical", ("w3",))]


def test_a_balancer_and_an_etcd_machine_may_have_any_host_name() -> None:
    facts = with_identity(healthy("external"), "etcd1", host_name="storage-1")
    assert all_of(with_identity(facts, "lb1", host_name="proxy")) == []


# -- the address of a node


def internal(*addresses: str) -> list[dict[str, str]]:
    return [{"type": "InternalIP", "address": each} for each in addresses]


def at(facts: Facts, name: str, address: str) -> Facts:
    """A node that reports this address, at which all machines try its kubelet."""
    facts = with_node(facts, name, addresses=internal(address))
    url = f"https://{address}:10250/healthz"
    for machine in facts.machines:
        tried = (each.what == "kubelet" and each.target == name for each in machine.reached.get())
        requests = zip(machine.reached.get(), tried, strict=True)
        moved = tuple(replace(each, url=url) if hit else each for each, hit in requests)
        facts = with_machine(facts, machine.name, reached=moved)
    return facts


def unreached(facts: Facts, name: str) -> Facts:
    """No control plane reaches a kubelet."""
    return cut_off_everywhere(facts, "kubelet", name)


@pytest.mark.parametrize("interface", ["lo", ""])
def test_an_address_that_other_machines_do_not_reach_is_critical(interface: str) -> None:
    facts = unreached(at(healthy(), "w1", "192.0.2.15"), "w1")
    if interface:
        found_on = (*facts.machine("w1").interfaces.get(), Interface("lo", 65536, True, ("192.0.2.15",)))
        facts = with_machine(facts, "w1", interfaces=found_on)
    assert all_of(facts) == [("KHA-ID-003", "critical", ("w1",))]


@pytest.mark.parametrize("interface", ["lo", "dummy0", ""])
def test_an_address_of_any_interface_or_none_is_healthy_where_it_is_reached(interface: str) -> None:
    facts = at(healthy(), "w1", "192.0.2.15")
    if interface:
        routed = (*facts.machine("w1").interfaces.get(), Interface(interface, 1500, True, ("192.0.2.15",)))
        facts = with_machine(facts, "w1", interfaces=routed)
    assert all_of(facts) == []
    by_a_machine = (Reached("kubelet", "w1", "https://192.0.2.15:10250/healthz", 401, 0.01),)
    assert all_of(with_machine(unreached(facts, "w1"), "cp1", reached=by_a_machine)) == []


def test_whether_an_address_is_reached_is_not_known_where_no_machine_tried() -> None:
    facts = with_node(healthy(), "w1", addresses=internal("192.0.2.15"))
    assert (all_of(facts), ("KHA-ID-003", "w1") in undecided(facts, "KHA-ID")) == ([], True)


def test_a_firewall_is_not_a_wrong_address() -> None:
    assert all_of(unreached(healthy(), "w1")) == []


def test_one_address_of_two_nodes_is_critical_and_seen_without_a_login() -> None:
    facts = with_node(healthy(), "w1", addresses=internal("10.0.2.15"))
    facts = without_login(with_node(facts, "w2", addresses=internal("10.0.2.15")))
    assert all_of(facts) == [("KHA-ID-003", "critical", ("w1", "w2"))]


def test_two_families_and_public_addresses_are_healthy() -> None:
    more = [*internal(address("w1"), "fd00::21"), {"type": "ExternalIP", "address": "203.0.113.7"}]
    assert all_of(with_node(healthy(), "w1", addresses=more)) == []


# -- clocks


@pytest.mark.parametrize(("ahead", "severity"), [(600.0, "warning"), (-1.5, "warning"), (0.8, "notice"), (0.3, "")])
def test_a_clock_that_is_apart_from_the_others_is_named(ahead: float, severity: str) -> None:
    facts = with_machine(healthy(), "cp3", clock=Clock(ahead, 0.02, True))
    assert all_of(facts) == ([("KHA-ID-006", severity, ("cp3",))] if severity else [])


def test_what_is_within_the_doubt_of_a_slow_connection_is_healthy() -> None:
    assert all_of(with_machine(healthy(), "cp3", clock=Clock(1.2, 1.1, True))) == []


def test_this_hosts_own_clock_may_be_wrong() -> None:
    assert all_of(with_each(healthy(), lambda each: {"clock": Clock(-300.0, 0.02, True)})) == []


def test_clocks_of_two_machines_name_both() -> None:
    facts = healthy(control_planes=2, workers=0, balancers=0)
    facts = with_machine(facts, "cp2", clock=Clock(5.0, 0.02, True))
    assert all_of(facts) == [("KHA-ID-006", "warning", ("cp1", "cp2"))]


def test_clocks_of_containers_are_their_hosts() -> None:
    facts = with_machine(healthy(container="podman"), "cp3", clock=Clock(5.0, 0.01, False))
    assert all_of(facts) == []


def test_clocks_that_nothing_keeps_are_one_notice() -> None:
    facts = with_each(healthy(), lambda each: {"clock": Clock(0.0, 0.02, False)} if each.is_node else {})
    assert all_of(facts) == [("KHA-ID-007", "notice", ("cp1", "cp2", "cp3", "w1", "w2", "w3"))]
    assert all_of(with_each(facts, lambda each: {"clock": Clock(0.0, 0.02, None)})) == []


def test_without_a_login_names_and_clocks_are_undecided_and_not_found_healthy() -> None:
    bare = without_login(healthy())
    assert all_of(bare) == []
    kinds = {id for id, _ in undecided(bare, "KHA-ID")}
    assert kinds == {f"KHA-ID-00{n}" for n in (2, 3, 4, 5, 6, 7)}


def test_a_flag_may_have_its_value_behind_a_space() -> None:
    assert flags_of(("kubelet", "--hostname-override", "w3", "--v", "--a=b", "-c=d")) == {
        "hostname-override": "w3", "v": "true", "a": "b", "c": "d",
    }  # fmt: skip
