"""Rules that stand for scenarios which were removed: red on what these were red on, and on what is not answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
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
from tests.healthy import healthy, with_each, with_machine
from tests.healthy.disturbed import cut_off, without_answer
from tests.healthy.values import PKI

LEARNERS, ONE_CLUSTER, ONE_LEADER, TOKEN_KEYS = STANDS_FOR

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
]
"""What each scenario was red on; the last two are files with no key in them."""

UNANSWERED: list[tuple[str, Callable[[], Facts]]] = [
    (LEARNERS, lambda: with_each(healthy(), lambda _: {"etcd": unread("etcdctl is killed")})),
    (ONE_CLUSTER, lambda: with_machine(healthy(), "cp2", etcd_status=unread("etcdctl is killed"))),
    (ONE_LEADER, lambda: with_machine(healthy(), "cp2", etcd_status=unread("etcdctl is killed"))),
    (TOKEN_KEYS, lambda: with_machine(healthy(), "cp2", keys=unread("openssl is killed"))),
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
    """The same facts by the other expectation: a learner on its way, and an election meanwhile, are healthy."""
    for facts in (_learner(), changed(healthy(), "cp3", leader="a2", term=4)):
        assert [each.id for each in judged(facts).findings if each.id in DECIDED] == []


def test_a_check_that_found_something_gets_no_second_chance() -> None:
    failed = cut_off(healthy(), "cp2", "kubelet", "w1")
    assert is_enough(judged(without_answer(failed, "cp3")))


def test_a_check_that_decided_all_that_it_has_to_is_enough_and_another_is_not() -> None:
    assert is_enough(judged(healthy()))
    silent: dict[str, Any] = {"etcd": unread("timed out")}
    assert not is_enough(judged(with_each(healthy(), lambda machine: silent)))
