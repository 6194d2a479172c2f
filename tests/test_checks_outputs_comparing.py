"""Two reports of one cluster."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from checks.comparing import compared
from checks.findings import Report, Verdict
from tests.bad_report import bad_report, without_login
from tests.hostile import patiently, reports


def _changed(report: Report, id: str, subject: str, **changes: object) -> Report:
    """The report with one verdict changed."""
    assert any((each.id, each.subject) == (id, subject) for each in report.verdicts)

    def change(verdict: Verdict) -> Verdict:
        return replace(verdict, **changes) if (verdict.id, verdict.subject) == (id, subject) else verdict  # type: ignore[arg-type]

    return replace(report, verdicts=tuple(map(change, report.verdicts)))


def test_a_finding_that_was_fixed_is_gone() -> None:
    found = compared(bad_report(), _changed(bad_report(), "KHA-ETCD-004", "cp3", findings=()))
    assert [each.id for each in found.gone] == ["KHA-ETCD-004"]
    assert (found.new, found.unjudged, len(found.still)) == ((), (), 11)


def test_a_finding_that_appears_is_new() -> None:
    found = compared(_changed(bad_report(), "KHA-ETCD-004", "cp3", findings=()), bad_report())
    assert [each.id for each in found.new] == ["KHA-ETCD-004"]


def test_what_cannot_be_judged_now_is_not_gone() -> None:
    now = _changed(bad_report(), "KHA-ETCD-004", "cp3", findings=(), undecided="cp3 does not answer")
    found = compared(bad_report(), now)
    assert (found.gone, [each.id for each in found.unjudged]) == ((), ["KHA-ETCD-004"])


def test_a_machine_that_is_not_in_the_second_run_is_not_fixed() -> None:
    now = replace(bad_report(), verdicts=tuple(each for each in bad_report().verdicts if each.subject != "lb1"))
    assert {each.id for each in compared(bad_report(), now).unjudged} == {"KHA-LB-002", "KHA-LB-006"}


def test_by_kubeconfig_alone_little_is_gone() -> None:
    assert {each.subject for each in compared(bad_report(), without_login()).gone} == {"cluster"}


def test_a_day_later_the_same_sentence_with_another_number_is_the_same() -> None:
    (verdict,) = (each for each in bad_report().verdicts if (each.id, each.subject) == ("KHA-CERT-003", "cp1"))
    later = tuple(replace(each, what=each.what.replace("17 days", "16 days")) for each in verdict.findings)
    found = compared(bad_report(), _changed(bad_report(), "KHA-CERT-003", "cp1", findings=later))
    assert (found.new, found.gone) == ((), ())


@patiently
@given(reports(), reports())
def test_every_finding_is_in_one_place(before: Report, now: Report) -> None:
    found = compared(before, now)
    assert len(found.new) + len(found.still) == len(now.findings)
    assert len(found.gone) + len(found.unjudged) + len(found.still) == len(before.findings)


@patiently
@given(reports())
def test_a_report_beside_itself_has_nothing_new(report: Report) -> None:
    found = compared(report, report)
    assert (found.new, found.gone, found.unjudged) == ((), (), ())
