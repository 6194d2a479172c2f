"""The exit status of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from checks import outcome
from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, unread
from checks.facts.machine import MachineFacts
from checks.findings import Found, Report, Severity, Verdict
from checks.judging import judged
from checks.rules.rule import Rule
from tests.bad_report import bad_report, large_report, without_login
from tests.healthy import healthy, with_api, with_each
from tests.healthy import without_login as facts_without_login


def _each(report: Report, change: Callable[[Verdict], Verdict]) -> Report:
    return replace(report, verdicts=tuple(map(change, report.verdicts)))


def _fine(verdict: Verdict) -> Verdict:
    return Verdict(verdict.id, verdict.title, verdict.subject)


def _silent(verdict: Verdict) -> Verdict:
    return replace(_fine(verdict), undecided="no answer", needs="permission to list nodes")


@pytest.mark.parametrize("fail_on", Severity)
def test_findings_are_1(fail_on: Severity) -> None:
    assert outcome.status(bad_report(), fail_on) == outcome.FINDINGS
    assert outcome.status(_each(bad_report(), _fine), fail_on) == outcome.CLEAR


def test_findings_below_the_severity_are_0() -> None:
    notices = [each for each in bad_report().verdicts if each.id in ("KHA-LB-002", "KHA-CONC-001")]
    report = replace(bad_report(), verdicts=tuple(notices))
    assert outcome.status(report) == outcome.CLEAR
    assert outcome.status(report, Severity.NOTICE) == outcome.FINDINGS


def test_a_healthy_cluster_by_kubeconfig_alone_is_0() -> None:
    assert len(without_login().undecided) * 2 > len(without_login().verdicts)
    assert outcome.status(without_login()) == outcome.CLEAR


def test_facts_without_a_login_say_that_a_login_decides() -> None:
    facts = facts_without_login(healthy())
    missing = [each.certificates for each in facts.machines]
    assert {each.needs for each in missing} == {LOGIN}


def test_with_a_login_the_same_undecided_checks_are_3() -> None:
    report = replace(without_login(), access=("kubeconfig", "ssh"))
    assert outcome.status(report) == outcome.TOO_LITTLE
    assert outcome.too_little(report) == (
        "Too little could be checked: 117 of 135 checks that the access allows are undecided."
    )


def test_an_api_that_answers_nothing_is_3_by_kubeconfig_alone() -> None:
    report = _each(without_login(), lambda each: each if each.needs == LOGIN else _silent(each))
    assert outcome.status(report) == outcome.TOO_LITTLE
    assert outcome.too_little(report) == "Nothing could be checked."


def test_a_report_of_nothing_is_3() -> None:
    assert outcome.status(replace(bad_report(), verdicts=())) == outcome.TOO_LITTLE


def test_one_machine_that_does_not_answer_is_not_3() -> None:
    assert outcome.status(_each(bad_report(), lambda each: _silent(each) if each.subject == "w3" else _fine(each))) == 0


def test_a_third_of_fifty_machines_that_do_not_answer_is_not_3() -> None:
    assert outcome.too_little(large_report()) == ""


def test_what_was_found_is_1_however_little_else_could_be_checked() -> None:
    report = _each(bad_report(), lambda each: each if each.id == "KHA-ETCD-004" else _silent(each))
    assert outcome.too_little(report)
    assert outcome.status(report) == outcome.FINDINGS


def test_what_another_finding_explains_is_decided() -> None:
    report = _each(bad_report(), lambda each: replace(_silent(each), because="KHA-ETCD-004"))
    assert outcome.status(report) == outcome.CLEAR


@pytest.mark.parametrize("topology", ["stacked", "external"])
def test_facts_of_a_healthy_cluster_are_0_with_and_without_a_login(topology: str) -> None:
    for facts in (healthy(topology), facts_without_login(healthy(topology))):
        assert outcome.status(judged(facts)) == outcome.CLEAR
        assert outcome.too_little(judged(facts)) == ""


def _rule(id: str, because_of: tuple[str, ...] = (), machines: tuple[str, ...] = ("cp1",)) -> Rule:
    def judge(facts: Facts, machine: MachineFacts | None) -> Iterator[Found]:
        yield from (Found(f"{each}: wrong", (each,)) for each in machines)

    return Rule(id, Severity.WARNING, "title", "why", "fix", "page", judge, None, because_of)


def test_a_consequence_names_the_finding_on_its_own_machine() -> None:
    report = judged(
        healthy(), (_rule("KHA-A-001", machines=("cp1", "cp2")), _rule("KHA-B-001", ("KHA-A-001",), ("cp2",)))
    )
    assert [each.what for each in report.findings] == ["cp1: wrong", "cp2: wrong"]
    (undecided,) = report.undecided
    assert (undecided.because, undecided.undecided) == ("KHA-A-001", "follows from KHA-A-001: cp2: wrong")


def _with_nothing_heard(facts: Facts) -> Facts:
    """By kubeconfig, where machines are known from elsewhere and half of the checks could be decided."""
    silence: Any = unread("not reached: timed out")
    servers = tuple(replace(each, ready=silence, version=silence, certificate=silence) for each in facts.servers)
    return replace(with_api(facts, nodes=silence), servers=servers, through_endpoint=None)


def test_no_api_server_that_was_heard_is_3_whatever_else_was_decided() -> None:
    facts = with_each(_with_nothing_heard(healthy()), lambda _: {"reached": unread("not tried")})
    report = judged(facts, (_rule("KHA-A-001", machines=()),))
    assert report.survives.startswith("No API server was heard; ")
    assert (report.heard, outcome.status(report)) == (False, outcome.TOO_LITTLE)
    assert outcome.too_little(report) == "No API server was heard: whether the cluster works is not known."


def test_an_api_that_answers_at_its_endpoint_alone_was_heard() -> None:
    """This host may reach the load balancer and nothing else."""
    silence: Any = unread("not reached: timed out")
    facts = facts_without_login(healthy())
    servers = tuple(replace(each, ready=silence, version=silence, certificate=silence) for each in facts.servers)
    report = judged(replace(facts, servers=servers))
    assert report.survives.startswith("By kubeconfig alone: the API answers at its endpoint; ")
    assert (report.heard, outcome.status(report)) == (True, outcome.CLEAR)
