"""A report as JUnit's XML."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given

from checks.findings import Report, Severity
from checks.outputs import junit
from tests.bad_report import bad_report, without_login
from tests.hostile import patiently, reports

ATTRIBUTES = {
    "testsuites": {"name"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
"""What pytest's xunit2 writes too, and so every reader knows."""


def _read(report: Report, fail_on: Severity = Severity.WARNING) -> ElementTree.Element:
    root = ElementTree.fromstring(junit.document(report, fail_on).encode())
    for each in root.iter():
        assert set(each.attrib) == ATTRIBUTES[each.tag]
    return root


def _case(root: ElementTree.Element, name: str) -> ElementTree.Element:
    (found,) = [each for each in root.iter("testcase") if each.get("name") == name]
    return found


def test_each_check_of_each_machine_is_a_test() -> None:
    suite = _read(bad_report()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("144", "9", "26")
    assert len({(each.get("classname"), each.get("name")) for each in suite.iter("testcase")}) == 144


def test_a_finding_at_the_severity_fails_with_all_that_a_reader_needs() -> None:
    case = _case(_read(bad_report()), "KHA-ETCD-004[cp3]")
    failure = case.find("failure")
    assert failure is not None
    assert case.get("classname") == "etcd"
    assert (failure.get("type"), failure.get("message", "")[:21]) == ("critical", "cp3: its member of et")
    assert "do: ssh cp3 sudo crictl ps -a --name etcd" in (failure.text or "")


def test_a_notice_passes_and_is_printed() -> None:
    case = _case(_read(bad_report()), "KHA-LB-002[lb1]")
    assert case.find("failure") is None
    assert "lb1: HAProxy ends idle connections after 5 seconds." in (case.findtext("system-out") or "")
    assert _case(_read(bad_report(), Severity.NOTICE), "KHA-LB-002[lb1]").find("failure") is not None


def test_an_accepted_finding_passes_with_its_reason() -> None:
    case = _case(_read(bad_report(), Severity.NOTICE), "KHA-KEY-002[cluster]")
    assert case.find("failure") is None
    assert "accepted: The installer of branch offices" in (case.findtext("system-out") or "")


def test_what_is_undecided_is_skipped_with_what_would_decide_it() -> None:
    skipped = _case(_read(without_login()), "KHA-CERT-001[cp1]").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "was not collected (decided by: --ssh USER, or an inventory)"


@patiently
@given(reports())
def test_whatever_a_cluster_says_it_is_xml(report: Report) -> None:
    root = _read(report)
    assert len(list(root.iter("testcase"))) == len(report.verdicts)
    assert sum(1 for _ in root.iter("failure")) == sum(
        any(found.severity.at_least(Severity.WARNING) and not found.accepted for found in each.findings)
        for each in report.verdicts
    )
