"""Rules of load balancers: each is loud on one broken thing, and quiet where a healthy one is unlike the usual one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.balancer import Balancer, Server
from checks.facts.cluster import Facts
from checks.facts.fact import Fact, unread
from checks.facts.machine import Interface, MachineFacts, Process, Unit
from checks.findings import Finding, Report, Severity
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy, with_each, with_machine, without_login
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


@pytest.mark.parametrize("checked", ["tcp", "ssl", "passive"])
def test_a_check_of_the_port_is_a_notice(checked: str) -> None:
    finding = only(each_server(checked=checked))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-001", Severity.NOTICE, ("lb1",))


@pytest.mark.parametrize("side", ["client_timeout", "server_timeout"])
def test_short_timeouts_are_a_notice(side: str) -> None:
    finding = only(with_balancer(**{side: 5.0}))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-002", Severity.NOTICE, ("lb1",))


def test_no_timeout_is_no_finding() -> None:
    assert found(with_balancer(client_timeout=None, server_timeout=None)) == {}


def test_a_balancer_that_takes_all_api_servers_for_down_is_found() -> None:
    finding = only(each_server(up=False, last_check="L7STS 404"))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-003", Severity.CRITICAL, ("lb1",))
    assert any("L7STS 404" in line for line in finding.evidence)


def test_a_balancer_is_right_where_no_api_server_answers() -> None:
    facts = each_server(up=False)
    down = tuple(replace(each, ready=unread("connection refused")) for each in facts.servers)
    assert found(replace(facts, servers=down)) == {}


def test_one_api_server_that_is_ready_and_counts_as_down_is_found() -> None:
    facts = with_balancer(servers=(*SERVERS[:2], replace(SERVERS[2], up=False)))
    assert found(facts) == {"KHA-LB-008": ("lb1", "cp3")}
    failing: Fact[Any] = Fact("GET /readyz", ("[-]etcd failed: reason withheld",))
    other = tuple(replace(each, ready=failing) if each.machine == "cp3" else each for each in facts.servers)
    assert found(replace(facts, servers=other)) == {}


def test_a_unit_that_does_not_start_with_its_machine_is_found_and_the_fix_can_be_typed() -> None:
    facts = with_machine(healthy(), "lb1", units={"haproxy": Unit("haproxy", "active", "disabled")})
    finding = only(facts)
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-004", Severity.CRITICAL, ("lb1",))
    assert finding.fix == "sudo systemctl enable haproxy  # on lb1"


def test_it_is_a_warning_where_another_takes_over() -> None:
    units = {"haproxy": Unit("haproxy", "active", "disabled"), "keepalived": Unit("keepalived", "active", "enabled")}
    assert only(with_machine(pair(), "lb2", units=units)).severity is Severity.WARNING


@pytest.mark.parametrize(
    "servers",
    [SERVERS[:2], (*SERVERS[:2], replace(SERVERS[2], address=address("cp1")))],
    ids=["one is missing", "one is there twice"],
)
def test_a_control_plane_to_which_nothing_is_forwarded_is_found(servers: tuple[Server, ...]) -> None:
    finding = only(with_balancer(servers=servers))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-005", Severity.WARNING, ("lb1",))
    assert "cp3" in finding.what


@pytest.mark.parametrize(
    "values",
    [
        {"name": "k8s-master"},
        {"name": "k8s-master", "backup": True},
        {"address": "cp3.example.org"},
        {"address": "master-3.example.org", "resolved": ("10.0.0.13",)},
    ],
)
def test_servers_are_known_by_their_addresses(values: dict[str, Any]) -> None:
    assert found(with_balancer(servers=(*SERVERS[:2], replace(SERVERS[2], **values)))) == {}


def test_a_server_at_another_address_of_its_machine_is_known() -> None:
    interfaces = (Interface("eth0", 1500, True, (address("cp3"),)), Interface("eth1", 1500, True, ("10.9.9.3",)))
    facts = with_balancer(servers=(*SERVERS[:2], replace(SERVERS[2], address="10.9.9.3")))
    assert found(with_machine(facts, "cp3", interfaces=interfaces)) == {}
    assert undecided(with_machine(facts, "cp3", interfaces=unread("no login"))) >= {"KHA-LB-005", "KHA-LB-009"}


def test_a_name_that_nothing_resolved_is_undecided() -> None:
    facts = with_balancer(servers=(*SERVERS[:2], replace(SERVERS[2], address="master-3.example.org")))
    assert found(facts) == {}
    assert undecided(facts) == {"KHA-LB-005", "KHA-LB-009"}


def test_a_balancer_that_does_not_check_is_found() -> None:
    finding = only(each_server(checked="none", up=None))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-006", Severity.WARNING, ("lb1",))


def test_sticky_balancing_and_a_check_that_is_not_understood_are_no_finding() -> None:
    assert found(with_balancer(sticky=True)) == {}
    assert found(each_server(checked="", up=None)) == {}


@pytest.mark.parametrize("balancers", [(HAPROXY,), ()], ids=["its file was read", "its file is gone"])
def test_a_balancer_that_does_not_run_is_found(balancers: tuple[Balancer, ...]) -> None:
    facts = with_machine(healthy(), "lb1", balancers=balancers, units={"haproxy": Unit("haproxy", "failed", "enabled")})
    finding = only(facts)
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-007", Severity.CRITICAL, ("lb1",))


def test_an_unknown_balancer_is_undecided() -> None:
    facts = with_machine(healthy(), "lb1", balancers=(), units={})
    assert found(facts) == {}
    assert undecided(facts) == {"KHA-LB-007"}


def test_a_server_that_is_no_control_plane_is_a_notice() -> None:
    gone = replace(SERVERS[0], name="cp9", address="10.0.0.19", up=False)
    finding = only(with_balancer(servers=(*SERVERS, gone)))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-009", Severity.NOTICE, ("lb1",))


def test_the_only_load_balancer_is_a_notice() -> None:
    (finding,) = report(healthy()).findings
    assert (finding.id, finding.severity, finding.machines) == (ALONE, Severity.NOTICE, ("lb1",))


def test_an_endpoint_on_no_machine_is_undecided_and_says_what_is_needed() -> None:
    verdicts = report(healthy(balancers=0))
    assert verdicts.findings == ()
    assert {each.id: each.needs for each in verdicts.undecided} == {
        ALONE: "a login on the load balancer: an inventory that names it"
    }


def test_by_kubeconfig_alone_nothing_is_claimed() -> None:
    verdicts = report(without_login(healthy()))
    assert verdicts.findings == ()
    assert {each.id for each in verdicts.undecided} == {f"KHA-LB-0{n}" for n in (10, 11, 12, 13, 14)}


def test_nginx_and_local_balancers_of_nodes_are_healthy() -> None:
    local = Balancer("nginx", "/etc/kubernetes/manifests/nginx-proxy.yaml", servers=SERVERS)
    processes = (Process("nginx", 4000, NOW),)
    facts = with_machine(healthy(), "w1", balancers=(local,), processes=processes)
    assert found(facts) == {}
    own = replace(local, servers=(replace(SERVERS[0], address="127.0.0.1"), *SERVERS[1:]))
    assert found(with_machine(healthy(), "cp1", balancers=(own,), processes=processes)) == {}


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


def test_a_balancer_that_was_put_away_is_not_judged() -> None:
    facts = on_control_planes(*NAMES)
    old = replace(HAPROXY, servers=SERVERS[:1])
    off = {"haproxy": Unit("haproxy", "inactive", "disabled")}
    assert found(with_machine(facts, "cp1", balancers=(KUBE_VIP, old), units=off)) == {}


def test_a_unit_that_is_wanted_in_another_way_starts_with_its_machine() -> None:
    units = {"haproxy": Unit("haproxy", "active", "disabled", ("multi-user.target",))}
    assert found(with_machine(healthy(), "lb1", units=units)) == {}
