"""Rules of load balancers: each is loud on one broken thing, and quiet where a healthy one is unlike the usual one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.balancer import Balancer, Server
from checks.facts.fact import Fact, unread
from checks.facts.machine import Interface, Process, Unit
from checks.findings import Severity
from tests.balancer_facts import (
    ALONE,
    HAPROXY,
    KUBE_VIP,
    NAMES,
    SERVERS,
    each_server,
    found,
    on_control_planes,
    only,
    pair,
    report,
    undecided,
    with_balancer,
)
from tests.healthy import healthy, with_machine, without_login
from tests.healthy.values import NOW, address


@pytest.mark.parametrize("checked", ["tcp", "ssl", "passive"])
def test_a_check_of_the_port_is_a_notice(checked: str) -> None:
    finding = only(each_server(checked=checked))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-001", Severity.NOTICE, ("lb1",))


@pytest.mark.parametrize("side", ["client_timeout", "server_timeout"])
def test_short_timeouts_are_a_notice(side: str) -> None:
    finding = only(with_balancer(**{side: 5.0}))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-LB-002", Severity.NOTICE, ("lb1",))


def test_no_timeout_is_not_found() -> None:
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


def test_sticky_balancing_and_a_check_that_is_not_understood_are_not_found() -> None:
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


def test_a_server_that_is_not_a_control_plane_is_a_notice() -> None:
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


def test_a_balancer_that_was_put_away_is_not_judged() -> None:
    facts = on_control_planes(*NAMES)
    old = replace(HAPROXY, servers=SERVERS[:1])
    off = {"haproxy": Unit("haproxy", "inactive", "disabled")}
    assert found(with_machine(facts, "cp1", balancers=(KUBE_VIP, old), units=off)) == {}


def test_a_unit_that_is_wanted_in_another_way_starts_with_its_machine() -> None:
    units = {"haproxy": Unit("haproxy", "active", "disabled", ("multi-user.target",))}
    assert found(with_machine(healthy(), "lb1", units=units)) == {}
