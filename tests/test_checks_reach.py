"""Who reaches whom: kubelets, the API's Service, pods of other nodes, the endpoint; and packets' sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks import outcome
from checks.facts.cluster import Facts
from checks.facts.fact import unread
from checks.judging import judged
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.disturbed import cut_off, cut_off_everywhere, not_ready, powered_off, without_answer
from tests.healthy.values import known
from tests.healthy.verdicts import fixes, found, sentences, undecided


def test_a_kubelet_that_one_control_plane_does_not_reach_is_found() -> None:
    facts = cut_off(healthy(), "cp2", "kubelet", "w1")
    assert found(facts) == [("REACH-001", "warning", ("w1", "cp2"))]
    assert sentences(facts) == ["The kubelet of w1 is not reached by the API servers of cp2."]


def test_a_control_plane_that_reaches_no_kubelet_of_others_is_one_finding() -> None:
    facts = cut_off(healthy(), "cp2", "kubelet", "cp1", "cp3", "w1", "w2", "w3")
    assert found(facts) == [("REACH-001", "warning", ("cp2",))]


def test_a_kubelet_that_refuses_a_certificate_was_reached() -> None:
    facts = healthy()
    reached = tuple(
        replace(each, code=0, error="could not load PEM client certificate") if each.what == "kubelet" else each
        for each in facts.machine("cp2").reached.get()
    )
    assert found(with_machine(facts, "cp2", reached=reached)) == []


def test_the_kubelet_of_a_node_that_is_down_is_not_blamed_on_the_network() -> None:
    assert found(powered_off(healthy(), "w1")) == [("NODE-010", "critical", ("w1",))]
    facts = not_ready(cut_off_everywhere(healthy(), "kubelet", "w1"), "w1")
    assert found(facts) == [("NODE-001", "critical", ("w1",))]


def test_a_node_without_the_service_of_the_api_is_critical() -> None:
    assert found(cut_off(healthy(), "w2", "service")) == [("REACH-002", "critical", ("w2",))]


def test_without_kube_proxy_an_address_of_services_that_no_machine_reaches_may_be_for_pods_alone() -> None:
    facts = with_api(healthy(), daemon_sets=())
    for each in facts.nodes:
        facts = cut_off(facts, each.name, "service", "kubernetes")
    assert found(facts) == []
    assert found(cut_off(with_api(healthy(), daemon_sets=()), "w2", "service", "kubernetes")) == [
        ("REACH-002", "critical", ("w2",))
    ]


def test_a_service_request_that_may_have_met_a_dead_api_server_proves_nothing() -> None:
    facts = cut_off(powered_off(healthy(), "cp3"), "w2", "service")
    assert found(facts) == [("NODE-010", "critical", ("cp3",))]
    assert any("cp3 does not answer" in each for each in undecided(facts, "REACH-002"))


def test_a_node_that_reaches_no_pods_of_others_is_critical() -> None:
    assert found(cut_off(healthy(), "w3", "pod")) == [("REACH-003", "critical", ("w3",))]


def test_a_node_that_misses_the_pods_of_one_other_is_found() -> None:
    facts = cut_off(healthy(), "w3", "pod", "coredns-0")
    assert sentences(facts) == ["w3 does not reach the pods on w1."]


def test_a_node_whose_pods_no_other_reaches_is_at_fault_itself() -> None:
    facts = healthy()
    for each in facts.nodes:
        if each.name != "w1":
            facts = cut_off(facts, each.name, "pod", "coredns-0")
    assert found(facts) == [("REACH-003", "critical", ("w1",))]


def test_pods_of_the_node_itself_and_pods_that_are_gone_do_not_count() -> None:
    facts = cut_off(healthy(), "w1", "pod", "coredns-0")
    for each in ("w1", "w2", "w3"):
        reached = facts.machine(each).reached.get()
        gone = replace(reached[0], what="pod", target="coredns-old", code=0, error="timed out")
        facts = with_machine(facts, each, reached=(*reached, gone))
    assert found(facts) == []


@pytest.mark.parametrize("core_file", [".:53 {\n    forward . /etc/resolv.conf\n}\n", ".:53 {\n    health :8081\n}\n"])
def test_pods_that_do_not_answer_on_that_port_leave_it_undecided(core_file: str) -> None:
    facts = with_api(cut_off_everywhere(healthy(), "pod"), core_file=core_file)
    assert found(facts) == []
    assert any("Corefile" in each for each in undecided(facts, "REACH-003"))


def _mtu(facts: Facts, **mtus: int) -> Facts:
    for name, mtu in mtus.items():
        interfaces = facts.machine(name).interfaces.get()
        changed = tuple(replace(each, mtu=mtu) if each.name == "eth0" else each for each in interfaces)
        facts = with_machine(facts, name, interfaces=changed)
    return facts


def test_the_machine_with_another_mtu_is_found() -> None:
    facts = _mtu(healthy(), w2=1400)
    assert found(facts) == [("REACH-004", "warning", ("w2",))]
    assert sentences(facts) == ["The MTU of eth0 on w2 is 1400; 5 of 6 machines have 1500."]


@pytest.mark.parametrize(
    "mtus",
    [
        {"lb1": 9000},
        {"cp1": 9000, "cp2": 9000, "cp3": 9000, "w1": 9000, "w2": 9000, "w3": 9000},
        {"cp1": 9000, "cp2": 9000, "cp3": 9000},
    ],
)
def test_mtus_without_an_odd_one_out_are_healthy(mtus: dict[str, int]) -> None:
    assert found(_mtu(healthy(), **mtus)) == []


def test_an_address_of_the_loopback_interface_has_no_mtu_that_counts() -> None:
    facts = healthy()
    lo, eth0 = facts.machine("w1").interfaces.get()
    own = facts.machine("w1").address
    facts = with_machine(
        facts, "w1", interfaces=(replace(lo, addresses=(own,)), replace(eth0, addresses=("10.9.9.9",)))
    )
    assert found(facts) == []


def test_a_machine_that_does_not_reach_the_endpoint_while_others_do_is_critical() -> None:
    assert found(cut_off(healthy(), "cp2", "endpoint")) == [("REACH-005", "critical", ("cp2",))]


def _behind_a_balancer_of_a_cloud(facts: Facts) -> Facts:
    return with_each(facts, lambda _: {"resolved": ("203.0.113.7",)})


@pytest.mark.parametrize("names", [("cp2",), ("cp1", "cp3")])
def test_a_balancer_elsewhere_may_have_sent_a_request_back_to_its_control_plane(names: tuple[str, ...]) -> None:
    facts = _behind_a_balancer_of_a_cloud(healthy(balancers=0))
    assert found(facts) == []
    for name in names:
        facts = cut_off(facts, name, "endpoint")
    assert found(facts) == [("REACH-005", "notice", (name,)) for name in names]
    assert all("may have sent the request back" in each for each in sentences(facts))
    assert "%{http_code}\\n" in fixes(facts)[0]


@pytest.mark.parametrize("error", [
    "Could not resolve host: k8s.example.org", "Connection refused",
    "Resolving timed out after 3000 milliseconds", "No route to host", "Network is unreachable",
])  # fmt: skip
def test_a_request_that_was_answered_by_an_error_was_not_sent_back(error: str) -> None:
    facts = _behind_a_balancer_of_a_cloud(healthy(balancers=0))
    facts = with_machine(facts, "cp2", reached=tuple(
        replace(each, code=0, error=error) if each.what == "endpoint" else each
        for each in facts.machine("cp2").reached.get()
    ))  # fmt: skip
    assert found(facts) == [("REACH-005", "critical", ("cp2",))]


def test_requests_of_all_control_planes_were_not_all_sent_back() -> None:
    facts = _behind_a_balancer_of_a_cloud(healthy(balancers=0))
    for name in ("cp1", "cp2", "cp3"):
        facts = cut_off(facts, name, "endpoint")
    assert found(facts) == [("REACH-005", "critical", (name,)) for name in ("cp1", "cp2", "cp3")]


def test_a_worker_is_behind_no_balancer_and_a_balancer_that_is_known_sends_nothing_back() -> None:
    facts = _behind_a_balancer_of_a_cloud(healthy(balancers=0))
    assert found(cut_off(facts, "w2", "endpoint")) == [("REACH-005", "critical", ("w2",))]
    holding = with_each(facts, lambda _: {"resolved": ("10.0.0.11",)})
    assert ("REACH-005", "critical", ("cp2",)) in found(cut_off(holding, "cp2", "endpoint"))


def _no_endpoint(facts: Facts) -> Facts:
    assert facts.through_endpoint
    nothing: dict[str, Any] = {each: unread("timed out") for each in ("ready", "version", "certificate")}
    return replace(cut_off_everywhere(facts, "endpoint"), through_endpoint=replace(facts.through_endpoint, **nothing))


def test_an_endpoint_that_answers_nothing_is_one_finding() -> None:
    facts = _no_endpoint(healthy())
    for name in ("w1", "w2", "w3"):
        facts = not_ready(facts, name)
    assert found(facts) == [("REACH-006", "critical", ())]


def test_a_balancer_that_is_off_is_the_one_finding() -> None:
    facts = without_answer(_no_endpoint(healthy()), "lb1")
    assert found(facts) == [("NODE-010", "critical", ("lb1",))]


def test_an_endpoint_that_this_host_alone_does_not_reach_is_healthy() -> None:
    facts = healthy()
    assert facts.through_endpoint
    nothing: dict[str, Any] = {each: unread("timed out") for each in ("ready", "version", "certificate")}
    facts = replace(facts, through_endpoint=replace(facts.through_endpoint, **nothing))
    assert found(facts) == []
    assert found(without_login(facts)) == []


def _by_kubeconfig_alone(endpoint: str = "", **through: Any) -> Facts:
    """An API that lists no nodes, and an endpoint of which this host alone knows something."""
    facts = without_login(_no_endpoint(healthy()))
    assert facts.through_endpoint
    seen = replace(facts.through_endpoint, **through)
    api = type(facts.api)(unread("not reached from here: the connection is refused"))
    return replace(facts, servers=(), machines=(), api=api, through_endpoint=seen, endpoint=endpoint or facts.endpoint)


def test_what_only_control_planes_show_names_the_login_that_would_decide_it() -> None:
    verdicts = [each for each in judged(without_login(healthy())).verdicts if each.id == "KHA-REACH-001"]
    assert len(verdicts) == 6
    assert {each.needs for each in verdicts} == {"--ssh USER, or an inventory"}


def test_an_endpoint_that_is_not_reached_from_here_is_not_known_to_be_down() -> None:
    facts = _by_kubeconfig_alone()
    assert found(facts) == []
    [verdict] = [each for each in judged(facts).verdicts if each.id == "KHA-REACH-006"]
    assert "k8s.example.org:6443 is timed out" in verdict.undecided
    assert "a host that reaches the endpoint" in verdict.needs
    assert outcome.status(judged(facts)) == outcome.TOO_LITTLE
    assert judged(facts).survives == (
        "By kubeconfig alone: nothing is known of the cluster: not reached from here: the connection is refused."
    )


def test_an_endpoint_that_takes_connections_and_answers_none_is_down() -> None:
    facts = _by_kubeconfig_alone(accepts=True)
    assert found(facts) == [("REACH-006", "critical", ())]
    assert "does not answer now" in judged(facts).survives


@pytest.mark.parametrize("tunnel", ["127.0.0.1:6443", "[::1]:6443", "localhost:6443"])
def test_a_tunnel_that_takes_connections_shows_nothing(tunnel: str) -> None:
    assert found(_by_kubeconfig_alone(tunnel, accepts=True)) == []


def test_an_api_that_says_that_it_is_not_ready_is_found_by_kubeconfig_alone() -> None:
    facts = _by_kubeconfig_alone(accepts=True, ready=known(("[-]etcd failed: reason withheld",)))
    assert found(facts) == [("REACH-007", "critical", ())]
    assert found(_by_kubeconfig_alone(accepts=True, ready=known(()))) == []


def test_an_api_server_that_is_not_the_only_one_may_be_not_ready() -> None:
    ending = _by_kubeconfig_alone(accepts=True, ready=known(("[-]shutdown failed: reason withheld",)))
    assert found(ending) == [("REACH-007", "notice", ())]
    assert "is shutting down, and others may serve" in sentences(ending)[0]
    facts = _by_kubeconfig_alone(accepts=True, ready=known(("[-]etcd failed: reason withheld",)))
    refused = with_api(facts, nodes=unread("the API refuses it: nodes is forbidden", "the permissions of a file"))
    assert found(refused) == [("REACH-007", "warning", ())]
