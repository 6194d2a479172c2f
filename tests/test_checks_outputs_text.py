"""A report on a terminal."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given

from checks.comparing import compared
from checks.findings import Report, Severity
from checks.outputs import text
from tests.bad_report import SURVIVES, bad_report, large_report, without_login
from tests.hostile import patiently, reports


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_first_line_says_what_the_cluster_survives() -> None:
    assert text.rendered(bad_report()).splitlines()[0] == SURVIVES


def test_findings_come_worst_first_and_accepted_ones_apart() -> None:
    lines = text.rendered(bad_report()).splitlines()
    words = [line.split()[0] for line in lines if re.match(r"[A-Z]{6,}", line)]
    assert words == ["CRITICAL"] * 3 + ["WARNING"] * 3 + ["NOTICE"] * 2 + ["ACCEPTED", "UNDECIDED"]


def test_a_finding_says_why_what_to_do_the_page_and_the_evidence() -> None:
    shown = text.rendered(bad_report())
    at = shown.index("CRITICAL  KHA-ETCD-004  cp3: its member of etcd does not answer")
    finding = shown[at : shown.index("\n\n", at)]
    assert [each.split()[0] for each in finding.splitlines() if re.match(r" {10}\w", each)] == [
        "why", "do", "page", "evidence",
    ]  # fmt: skip
    assert "do          ssh cp3 sudo crictl ps -a --name etcd" in finding


def test_a_command_is_in_one_piece_on_a_narrow_terminal() -> None:
    shown = text.rendered(bad_report(), width=50)
    assert "kubectl -n kube-system logs --selector k8s-app=kube-proxy --field-selector spec.nodeName=w2" in shown


def test_what_is_wrong_on_several_machines_is_explained_once() -> None:
    shown = text.rendered(bad_report())
    assert shown.count("KHA-CERT-003  ") == 1
    assert all(f"{each}: 9 certificates end" in shown for each in ("cp1", "cp2", "cp3"))
    assert all(f"ssh {each} sudo kubeadm certs renew all" in shown for each in ("cp1", "cp2", "cp3"))


def test_a_finding_that_names_no_machine_gets_its_machines() -> None:
    report = bad_report()
    bare = replace(report.findings[0], what="A certificate has ended.", machines=("cp1",))
    verdict = replace(report.verdicts[0], findings=(bare,))
    assert "cp1: A certificate has ended." in text.rendered(replace(report, verdicts=(verdict,)))


def test_what_is_undecided_is_grouped_with_what_would_decide_it() -> None:
    shown = text.rendered(without_login())
    assert "117   was not collected\n          decided by  --ssh USER, or an inventory\n" in shown
    assert len(shown.splitlines()) < 15


def test_a_cluster_of_fifty_machines_does_not_fill_the_screen_with_reasons() -> None:
    shown = text.rendered(large_report())
    assert "120   the machine does not answer: no route to host" in shown
    assert len(shown.splitlines()) < 110


def test_the_end_counts_and_says_what_was_checked() -> None:
    assert text.rendered(bad_report()).splitlines()[-2:] == [
        "4 critical, 5 warnings, 2 notices, 1 accepted, 26 undecided, 106 fine",
        "144 checks of 49 rules on 7 machines in 8.3 s, by kubeconfig and ssh, 2026-11-26 07:30 UTC",
    ]


def test_a_comparison_says_what_is_new_and_what_is_gone() -> None:
    now = bad_report()
    without = replace(now, verdicts=tuple(replace(each, findings=()) for each in now.verdicts))
    assert "12 new, 0 gone, 0 not judged, 0 still there." in text.rendered(now, comparison=compared(without, now))
    assert "0 new, 12 gone, 0 not judged, 0 still there." in text.rendered(without, comparison=compared(now, without))


def test_the_short_form_has_a_line_for_each_finding() -> None:
    lines = text.short(bad_report(), Severity.CRITICAL).splitlines()
    assert len(lines) == 1 + 4 + 1
    assert lines[1].startswith("CRITICAL  KHA-CERT-001  cp1: ")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(environment: dict[str, str], expected: bool) -> None:
    assert text.wants_colour(_Terminal(), environment) is expected
    assert not text.wants_colour(io.StringIO(), environment)


def test_colours_change_no_character() -> None:
    coloured = text.rendered(bad_report(), colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == text.rendered(bad_report())


@patiently
@given(reports())
def test_no_text_of_a_cluster_reaches_the_terminal_as_a_control(report: Report) -> None:
    for shown in (text.rendered(report, comparison=compared(report, report)), text.short(report)):
        assert {unicodedata.category(each) for each in shown if each != "\n"}.isdisjoint({"Cc", "Cf", "Zl", "Zp"})


@patiently
@given(reports())
def test_no_text_of_a_cluster_begins_a_line_as_a_finding_does(report: Report) -> None:
    first = [each for each in text.rendered(report).splitlines() if re.match(r"(CRITICAL|WARNING|NOTICE) ", each)]
    open_ones = {(each.severity, each.id) for each in report.findings if not each.accepted}
    assert len(first) == len(open_ones)
