"""The sentence at the top of a report: what a cluster survives, in one situation after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.facts.balancer import Balancer
from checks.facts.cluster import ApiServer, Facts
from checks.facts.etcd import EtcdView, Member
from checks.facts.fact import Fact, unread
from checks.facts.machine import Interface, MachineFacts, Process, Reached
from checks.findings import Finding, Severity, Verdict
from checks.judging import judged
from checks.rules.rule import rules
from checks.survival import survives
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.values import NOW

VIRTUAL = "10.0.0.100"
REFUSED: Fact[Any] = unread("connection refused")


def sentence(facts: Facts) -> str:
    """By the rules of etcd and load balancers; those of other kinds have their own tests."""
    return judged(facts, [each for each in rules() if each.id.startswith(("KHA-ETCD-", "KHA-LB-"))]).survives


def off(facts: Facts, *names: str) -> Facts:
    """These machines are switched off."""
    bare = {each.name: MachineFacts(each.name, each.roles, each.address, "no route") for each in facts.machines}
    facts = replace(facts, machines=tuple(bare[each.name] if each.name in names else each for each in facts.machines))

    def seen(each: Reached) -> Reached:
        return replace(each, code=0, error="timed out") if each.target in names else each

    facts = with_each(facts, lambda each: {"reached": tuple(map(seen, each.reached.value or ()))})
    return without_servers(facts, *names)


def without_servers(facts: Facts, *names: str) -> Facts:
    """The API servers of these machines do not answer."""

    def change(each: ApiServer) -> ApiServer:
        return replace(each, ready=REFUSED, version=REFUSED) if each.machine in names else each

    def seen(each: Reached) -> Reached:
        lost = each.what == "api-server" and each.target in names
        return replace(each, code=0, error="connection refused") if lost else each

    facts = with_each(facts, lambda each: {"reached": tuple(map(seen, each.reached.value or ()))})
    return replace(facts, servers=tuple(map(change, facts.servers)))


def without_endpoint(facts: Facts) -> Facts:
    """The endpoint does not answer."""
    through = replace(facts.through_endpoint or ApiServer("", ""), ready=REFUSED, version=REFUSED)
    facts = replace(facts, through_endpoint=through)

    def seen(each: Reached) -> Reached:
        return replace(each, code=0, error="connection refused") if each.what == "endpoint" else each

    return with_each(facts, lambda each: {"reached": tuple(map(seen, each.reached.value or ()))})


def without_majority() -> Facts:
    facts = off(healthy(), "cp2", "cp3")
    status = facts.machine("cp1").etcd_status.get()
    return with_machine(without_servers(facts, "cp1"), "cp1", etcd=REFUSED, etcd_status=replace(status, leader="0"))


def movable() -> Facts:
    """kube-vip on three control planes."""
    facts = healthy(balancers=0)
    mover = Balancer("kube-vip", "/etc/kubernetes/manifests/kube-vip.yaml", virtual_addresses=(VIRTUAL,))
    for name in ("cp1", "cp2", "cp3"):
        processes = (*facts.machine(name).processes.get(), Process("kube-vip", 4000, NOW))
        facts = with_machine(facts, name, balancers=(mover,), processes=processes)
    own = Interface("eth0", 1500, True, (facts.machine("cp2").address, VIRTUAL))
    facts = with_machine(facts, "cp2", interfaces=(own,))
    return with_each(facts, lambda _: {"resolved": (VIRTUAL,)})


def at_one_control_plane() -> Facts:
    return with_each(healthy(balancers=0), lambda _: {"resolved": ("10.0.0.11",)})


def with_a_ghost() -> Facts:
    members = (*healthy().machine("cp1").etcd.get().members, Member("99", "", ("https://192.0.2.9:2380",), ()))
    return with_each(healthy(), lambda each: {"etcd": EtcdView(members)} if each.etcd.known else {})


def without_a_login_on(name: str) -> Facts:
    """Nothing shows what becomes of it: no other machine sends it anything, and the API shows neither."""
    facts = healthy("external")
    bare = MachineFacts(name, facts.machine(name).roles, facts.machine(name).address, "permission denied")
    facts = replace(facts, machines=tuple(bare if each.name == name else each for each in facts.machines))
    return with_each(facts, lambda each: {"reached": ()})


SITUATIONS: dict[str, tuple[Callable[[], Facts], str]] = {
    "as documented": (
        healthy,
        "The cluster survives the loss of any one control plane, but not of lb1, the only load balancer.",
    ),
    "external etcd": (
        lambda: healthy("external"),
        "The cluster survives the loss of any two control planes or any one machine of etcd, but not of lb1, the only "
        "load balancer.",
    ),
    "five control planes": (
        lambda: healthy(control_planes=5),
        "The cluster survives the loss of any two control planes, but not of lb1, the only load balancer.",
    ),
    "a virtual address": (movable, "The cluster survives the loss of any one machine."),
    "an appliance": (
        lambda: healthy(balancers=0),
        "The cluster survives the loss of any one control plane; what becomes of the endpoint needs a login on the "
        "load balancer: an inventory that names it.",
    ),
    "the endpoint is a control plane's": (
        at_one_control_plane,
        "The loss of cp1 ends the API: the endpoint k8s.example.org:6443 is its address alone.",
    ),
    "one control plane": (
        lambda: healthy(control_planes=1),
        "The loss of cp1 ends the API: it is the only control plane.",
    ),
    "two control planes": (
        lambda: healthy(control_planes=2),
        "The loss of cp1 or cp2 ends the API: etcd has two members and needs both.",
    ),
    "one of three is off": (
        lambda: off(healthy(), "cp3"),
        "The loss of cp1 or cp2 ends the API: of etcd's three members cp3 does not answer.",
    ),
    "one external member is off": (
        lambda: off(healthy("external"), "etcd2"),
        "The loss of etcd1 or etcd3 ends the API: of etcd's three members etcd2 does not answer.",
    ),
    "a voter never started": (
        with_a_ghost,
        "The loss of cp1, cp2 or cp3 ends the API: of etcd's four members https://192.0.2.9:2380 does not answer.",
    ),
    "one API server is left": (
        lambda: without_servers(healthy(), "cp2", "cp3"),
        "The loss of cp1 ends the API: no other API server answers.",
    ),
    "one API server does not answer": (
        lambda: without_servers(healthy(), "cp3"),
        "The cluster survives the loss of any one control plane, but not of lb1, the only load balancer.",
    ),
    "etcd has no majority": (
        without_majority,
        "The API does not answer now: etcd has lost its majority: of 3 members cp2, cp3 do not answer.",
    ),
    "no API server answers": (
        lambda: without_servers(healthy(), "cp1", "cp2", "cp3"),
        "The API does not answer now: no API server does.",
    ),
    "the endpoint alone does not answer": (
        lambda: without_endpoint(healthy()),
        "The endpoint k8s.example.org:6443 does not answer now.",
    ),
    "by kubeconfig": (
        lambda: without_login(healthy()),
        "By kubeconfig alone: all three API servers answer; what etcd survives and what becomes of the endpoint "
        "needs --ssh USER, or an inventory.",
    ),
    "by kubeconfig, one API server down": (
        lambda: without_servers(without_login(healthy()), "cp3"),
        "By kubeconfig alone: two of three API servers answer; what etcd survives and what becomes of the endpoint "
        "needs --ssh USER, or an inventory.",
    ),
    "a member of which nothing is known": (
        lambda: without_a_login_on("etcd2"),
        "All three API servers answer; whether etcd's member on etcd2 answers is not known.",
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_sentence_says_what_the_cluster_survives(name: str) -> None:
    facts, expected = SITUATIONS[name]
    assert sentence(facts()) == expected


def finding(id: str, severity: Severity, what: str, accepted: str = "") -> Verdict:
    found = Finding(id, severity, "", what, (), "cluster", "", "", "", (), accepted)
    return Verdict(id, "", "cluster", (found,))


ONE = finding("KHA-ONE-002", Severity.WARNING, "kube-proxy connects to cp1 alone.")


def test_what_findings_say_against_it_is_in_the_sentence() -> None:
    assert survives(healthy(), [ONE]) == (
        "High availability is impaired, kube-proxy connects to cp1 alone (KHA-ONE-002); otherwise the cluster survives "
        "the loss of any one control plane, but not of lb1, the only load balancer."
    )
    worse = finding("KHA-CERT-001", Severity.CRITICAL, "A certificate of cp2 has expired.")
    assert survives(healthy(), [ONE, worse]).startswith(
        "High availability is impaired, a certificate of cp2 has expired (KHA-CERT-001) and one more finding; otherwise"
    )


def test_notices_and_accepted_findings_are_not() -> None:
    notice = finding("KHA-CONC-001", Severity.NOTICE, "Both pods of CoreDNS are on w1.")
    accepted = finding("KHA-ONE-002", Severity.WARNING, "kube-proxy connects to cp1 alone.", "2026-05-01: until June")
    assert survives(healthy(), [notice, accepted]) == survives(healthy(), [])


def test_the_cause_of_an_api_that_is_down_is_in_the_sentence() -> None:
    cause = finding("KHA-CERT-001", Severity.CRITICAL, "The certificates of all API servers have expired.")
    facts = without_servers(healthy(), "cp1", "cp2", "cp3")
    assert survives(facts, [cause]) == (
        "The API does not answer now: the certificates of all API servers have expired (KHA-CERT-001)."
    )


def test_an_api_server_that_this_host_does_not_reach_and_others_do_answers() -> None:
    facts = replace(
        healthy(), servers=tuple(replace(each, ready=REFUSED, version=REFUSED) for each in healthy().servers)
    )
    assert survives(facts, []) == survives(healthy(), [])


def test_api_servers_that_are_not_reached_by_kubeconfig_alone_are_not_called_silent() -> None:
    facts = without_login(healthy())
    closed = tuple(replace(each, ready=REFUSED, version=REFUSED, certificate=REFUSED) for each in facts.servers)
    sentence = survives(replace(facts, servers=closed), [])
    assert "does not answer" not in sentence
    assert "whether the API server of cp1, cp2 or cp3 answers is not known" in sentence


def test_a_missing_permission_is_not_silence() -> None:
    hidden: Fact[Any] = unread("forbidden", "get /readyz")
    servers = tuple(replace(each, ready=hidden, version=hidden) for each in healthy().servers)
    facts = with_api(replace(without_login(healthy()), servers=servers), pods=hidden)
    assert "does not answer" not in survives(facts, [])
    assert "whether the API server of cp1, cp2 or cp3 answers is not known" in survives(facts, [])


def test_an_api_server_that_hides_its_health_answers() -> None:
    hidden: Fact[Any] = unread("the health of API servers is hidden from users without a login (anonymous-auth)")
    servers = tuple(replace(each, ready=hidden, version=hidden) for each in healthy().servers)
    facts = with_each(replace(healthy(), servers=servers), lambda _: {"reached": ()})
    assert survives(facts, []) == survives(healthy(), [])


def test_a_virtual_address_whose_second_machine_is_not_known_does_not_count() -> None:
    mover = Balancer("keepalived", "keepalived.service", virtual_addresses=(VIRTUAL,))
    own = Interface("eth0", 1500, True, ("10.0.0.1", VIRTUAL))
    running = (Process("keepalived", 4000, NOW),)
    facts = with_each(healthy(), lambda _: {"resolved": (VIRTUAL,)})
    facts = with_machine(facts, "lb1", balancers=(mover,), interfaces=(own,), processes=running)
    assert sentence(facts) == (
        "The cluster survives the loss of any one control plane; what becomes of the endpoint needs an inventory that "
        "names every load balancer."
    )
