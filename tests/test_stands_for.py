"""Rules that stand for scenarios which were removed: red on what these were red on, and on what is not answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.facts.etcd import EtcdMetrics, EtcdView, Member
from checks.facts.fact import unread
from checks.facts.machine import MachineFacts
from checks.judging import judged
from checks.rules.rule import rules
from fixtures.subjects.checked import DECIDED, STANDS_FOR, is_enough
from report.renamed import names
from scenarios import test_checks as scenario_of_rules  # its test under its own name would be collected here, too
from tests.etcd_facts import GHOST, MEMBERS, changed, with_view
from tests.healthy import healthy, with_api, with_each, with_machine
from tests.healthy.disturbed import cut_off, without_answer
from tests.healthy.values import PKI

(
    LEARNERS, ONE_CLUSTER, ONE_LEADER, TOKEN_KEYS, LEASE, KUBELET_SERVER, KUBE_PROXY_SERVER, ADMIN_SERVER,
    CLUSTER_INFO_SERVER,
) = STANDS_FOR  # fmt: skip

LEADERS = ("kube-controller-manager", "kube-scheduler")
JUST_STARTED = EtcdMetrics(1, 0.01, True, 20)


def _learner() -> Facts:
    """The member that joined last is a learner still, twenty seconds after its start."""
    facts = healthy()
    members = tuple(replace(each, learner=each.name == "cp3") for each in facts.machine("cp1").etcd.get().members)
    view: Mapping[str, Any] = {"etcd": EtcdView(members)}
    facts = with_each(facts, lambda machine: view if machine.etcd.known else {})
    return with_machine(facts, "cp3", etcd_metrics=JUST_STARTED)


def _two_clusters() -> Facts:
    facts = healthy()
    for name in MEMBERS:
        facts = changed(facts, name, cluster="c1" if name != "cp3" else "c2")
    return facts


def _following(leader: str) -> Facts:
    facts = healthy()
    for name in MEMBERS:
        facts = changed(facts, name, leader=leader)
    return facts


def _keys(name: str, places: tuple[str, ...], key: str = "another") -> Facts:
    facts = healthy()

    def change(machine: MachineFacts) -> dict[str, Any]:
        if machine.name != name:
            return {}
        found = (replace(each, public_key=key) if each.place in places else each for each in machine.keys.get())
        return {"keys": tuple(each for each in found if each.public_key)}

    return with_each(facts, change)


def _lease(component: str, **spec: Any) -> Facts:
    def change(lease: Any) -> Any:
        return {**lease, "spec": {**lease["spec"], **spec}} if lease["metadata"]["name"] == component else lease

    return with_api(healthy(), leases=tuple(change(each) for each in healthy().api.leases.get()))


def _read_late(facts: Facts) -> Facts:
    """The objects of the API were read a minute before the end of the check."""
    return replace(facts, api_read=facts.taken - timedelta(minutes=1))


def _server(name: str, file: str, server: str, facts: Facts | None = None) -> Facts:
    """A kubeconfig with another server; empty where the file is not there."""
    facts = facts or healthy()
    place = f"/etc/kubernetes/{file}"
    there = [each for each in facts.machine(name).kubeconfigs.get() if server or each.place != place]
    changed = tuple(replace(each, server=server) if each.place == place else each for each in there)
    return with_machine(facts, name, kubeconfigs=changed)


OTHERS = (
    "https://10.0.0.12:6443",
    "https://old.example.org:6443",
    "https://k8s.example.org:7443",
    "https://10.0.0.100",
)
"""A control plane in the endpoint's place, and what is neither: as after a wrong address was given."""

FAULTS: list[tuple[str, Callable[[], Facts]]] = [
    (LEARNERS, _learner),
    (LEARNERS, lambda: with_view(healthy(), Member("99", "", GHOST, (), True))),
    (ONE_CLUSTER, _two_clusters),
    (ONE_LEADER, lambda: changed(healthy(), "cp2", leader="a2")),
    (ONE_LEADER, lambda: changed(healthy(), "cp3", leader="a2", term=4)),
    (ONE_LEADER, lambda: changed(healthy(), "cp2", leader="")),
    (ONE_LEADER, lambda: _following("99")),
    (TOKEN_KEYS, lambda: _keys("cp2", (f"{PKI}/sa.key",))),
    (TOKEN_KEYS, lambda: _keys("cp2", (f"{PKI}/sa.pub",))),
    (TOKEN_KEYS, lambda: _keys("cp2", (f"{PKI}/sa.pub",), "")),
    (TOKEN_KEYS, lambda: _keys("cp2", (f"{PKI}/sa.key",), "")),
    *((LEASE, partial(_lease, each, renewTime="2026-06-01T11:59:44Z")) for each in LEADERS),
    *((LEASE, partial(_lease, each, holderIdentity="")) for each in LEADERS),
    *((LEASE, partial(_lease, each, holderIdentity="w1_4711")) for each in LEADERS),
    (LEASE, lambda: with_api(healthy(), leases=())),
    *((KUBELET_SERVER, partial(_server, "w2", "kubelet.conf", each)) for each in (*OTHERS, "")),
    *((KUBE_PROXY_SERVER, partial(with_api, healthy(), kube_proxy_server=each)) for each in OTHERS),
    *((ADMIN_SERVER, partial(_server, "cp2", "admin.conf", each)) for each in (*OTHERS, "")),
    (ADMIN_SERVER, lambda: _server("cp1", "admin.conf", "https://10.0.0.11:6443", healthy(control_planes=1))),
    *((CLUSTER_INFO_SERVER, partial(with_api, healthy(), cluster_info_server=each)) for each in OTHERS),
]
"""What each scenario was red on. Of keys, the last two are files with no key in them; of kubeconfigs, the empty ones
are files that are not there."""

UNANSWERED: list[tuple[str, Callable[[], Facts]]] = [
    (LEARNERS, lambda: with_each(healthy(), lambda _: {"etcd": unread("etcdctl is killed")})),
    (ONE_CLUSTER, lambda: with_machine(healthy(), "cp2", etcd_status=unread("etcdctl is killed"))),
    (ONE_LEADER, lambda: with_machine(healthy(), "cp2", etcd_status=unread("etcdctl is killed"))),
    (TOKEN_KEYS, lambda: with_machine(healthy(), "cp2", keys=unread("openssl is killed"))),
    (LEASE, lambda: with_api(healthy(), leases=unread("the API is down"))),
    (KUBELET_SERVER, lambda: with_machine(healthy(), "w2", kubeconfigs=unread("grep is killed"))),
    (KUBE_PROXY_SERVER, lambda: with_api(healthy(), kube_proxy_server=unread("the API is down"))),
    (ADMIN_SERVER, lambda: with_machine(healthy(), "cp2", kubeconfigs=unread("grep is killed"))),
    (ADMIN_SERVER, lambda: with_api(healthy(), cluster_configuration=unread("the API is down"))),
    (CLUSTER_INFO_SERVER, lambda: with_api(healthy(), cluster_info_server=unread("the API is down"))),
]


def red(scenario: str, facts: Facts) -> bool:
    """Whether the scenario that runs the rules is red on one that stands for another scenario."""
    report = judged(replace(facts, as_documented=True))
    return any(_fails(report, rule) for rule in rules() if rule.id in STANDS_FOR[scenario])


def _fails(report: Any, rule: Any) -> bool:
    try:
        scenario_of_rules.test_check_finds_nothing_on_a_cluster_as_documented(report, rule)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("scenario", STANDS_FOR)
@pytest.mark.parametrize("topology", ["stacked", "external"])
def test_a_healthy_cluster_is_green(scenario: str, topology: str) -> None:
    assert not red(scenario, healthy(topology))


@pytest.mark.parametrize(("scenario", "facts"), FAULTS)
def test_what_the_scenario_was_red_on_is_found(scenario: str, facts: Callable[[], Facts]) -> None:
    assert red(scenario, facts())


@pytest.mark.parametrize(("scenario", "facts"), UNANSWERED)
def test_silence_is_red(scenario: str, facts: Callable[[], Facts]) -> None:
    assert red(scenario, facts())


def test_every_rule_that_stands_for_a_scenario_exists_and_has_no_exception() -> None:
    assert {rule.id for rule in rules()} >= DECIDED
    assert not DECIDED & scenario_of_rules.AS_DOCUMENTED.keys()


def test_the_table_of_older_records_says_which_rule_stands_for_a_scenario() -> None:
    reasons = {scenario: names().removed[scenario] for scenario in STANDS_FOR}
    assert all(rule in reasons[scenario] for scenario, ids in STANDS_FOR.items() for rule in ids)


def test_a_cluster_with_a_past_is_allowed_what_a_new_one_is_not() -> None:
    """The same facts by the other expectation: a learner on its way, an election meanwhile, a lease that is renewed a
    second late and a second name of the endpoint are healthy."""
    late = _lease("kube-scheduler", renewTime="2026-06-01T11:59:44Z")
    servers = [_server("w2", "kubelet.conf", each) for each in OTHERS[1:]]
    for facts in (_learner(), changed(healthy(), "cp3", leader="a2", term=4), late, *servers):
        assert [each.id for each in judged(facts).findings if each.id in DECIDED] == []


def test_a_check_that_found_something_gets_a_second_chance_only_where_answers_were_late() -> None:
    failed = cut_off(healthy(), "cp2", "kubelet", "w1")
    assert is_enough(judged(failed))
    assert not is_enough(judged(without_answer(failed, "cp3")))


def test_a_check_that_decided_all_that_it_has_to_is_enough_and_another_is_not() -> None:
    assert is_enough(judged(healthy()))
    silent: dict[str, Any] = {"etcd": unread("timed out")}
    assert not is_enough(judged(with_each(healthy(), lambda machine: silent)))


def test_a_lease_is_as_old_as_it_was_when_it_was_read() -> None:
    """Machines are read after it for seconds, in which its holder renews it unseen."""
    facts = _lease("kube-scheduler", renewTime="2026-06-01T11:59:05Z")
    assert red(LEASE, facts)
    assert not red(LEASE, _read_late(facts))


def test_a_finding_names_the_machine_and_the_file_that_the_scenario_had_as_parameters() -> None:
    report = judged(replace(_server("w2", "kubelet.conf", OTHERS[1]), as_documented=True))
    found = [each.what for each in report.findings if each.id == "KHA-ONE-001"]
    assert found == [f"/etc/kubernetes/kubelet.conf on w2 names {OTHERS[1]} instead of the endpoint."]
    leading = judged(replace(_lease("kube-scheduler", holderIdentity=""), as_documented=True))
    assert "No kube-scheduler leads." in [each.what for each in leading.findings]
