"""A report as SARIF 2.1.0, for what collects findings of many programs.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from checks import outcome
from checks.findings import Finding, Report, Severity
from checks.fingerprint import fingerprints
from checks.outputs.summary import Group, groups, headline, number, ranges, some
from provision.util.characters import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}

_FINGERPRINT = "checkSubjectAndSentence/v1"
"""The name of the fingerprint; the number is raised when it is computed in another way."""

Json = dict[str, Any]


def document(report: Report, fail_on: Severity = Severity.WARNING) -> str:
    """The report as SARIF, with a run. What is undecided is a notification of the run, not a result."""
    rules = _rules(report)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "kubeadm-ha check", "rules": rules}},
        "automationDetails": {"id": f"kubeadm-ha-check/{visible(report.endpoint)}/"},
        "invocations": [_invocation(report, fail_on)],
        "results": [_result(each, mark, places, report.endpoint) for each, mark in fingerprints(report.findings)],
        "properties": {"survives": report.survives, "access": list(report.access), "machines": list(report.machines)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rules(report: Report) -> list[Json]:
    """Every rule that was applied; more is known of those that found something."""
    found = {each.id: each for each in reversed(report.findings)}
    titles = {each.id: each.title for each in report.verdicts}
    return [_rule(id, titles[id], found.get(id)) for id in sorted(titles)]


def _rule(id: str, title: str, finding: Finding | None) -> Json:
    rule: Json = {"id": id, "shortDescription": {"text": title}}
    if finding:
        rule |= {"fullDescription": {"text": finding.why}, "helpUri": finding.page, "help": {"text": finding.why},
                 "defaultConfiguration": {"level": _LEVELS[finding.severity]}}  # fmt: skip
    return rule


def _result(finding: Finding, mark: str, places: Mapping[str, int], endpoint: str) -> Json:
    return {
        "ruleId": finding.id,
        "ruleIndex": places[finding.id],
        "level": _LEVELS[finding.severity],
        "message": {"text": headline(finding)},
        "locations": [_location(each, endpoint) for each in finding.machines or (finding.subject,)],
        "partialFingerprints": {_FINGERPRINT: mark},
        "suppressions": [{"kind": "external", "status": "accepted", "justification": finding.accepted}]
        if finding.accepted
        else [],
        "properties": {"why": finding.why, "fix": finding.fix, "page": finding.page, "severity": finding.severity.value,
                       "evidence": list(finding.evidence)},
    }  # fmt: skip


def _location(machine: str, endpoint: str) -> Json:
    """A machine is a logical location, not a file: it is below the cluster's endpoint."""
    return {"logicalLocations": [{"name": machine, "fullyQualifiedName": f"{endpoint}/{machine}", "kind": "machine"}]}


def _invocation(report: Report, fail_on: Severity) -> Json:
    """The run itself. It succeeded where enough could be checked, whatever it found."""
    status = outcome.status(report, fail_on)
    found = {
        "executionSuccessful": status != outcome.TOO_LITTLE,
        "exitCode": status,
        "startTimeUtc": _moment(report.taken),
        "endTimeUtc": _moment(report.taken + timedelta(seconds=report.seconds)),
        "toolExecutionNotifications": [
            *({"level": "note", "message": {"text": visible(each)}} for each in report.notes),
            *(_notification(each) for each in groups(report.undecided)),
        ],
    }
    reason = outcome.too_little(report) if status == outcome.TOO_LITTLE else ""
    return found | ({"exitCodeDescription": reason} if reason else {})


def _notification(group: Group) -> Json:
    needs = f" Decided by: {visible(group.needs)}." if group.needs else ""
    what = f"{number(group.count, 'check')} undecided, {ranges(group.ids)} on {some(group.subjects)}"
    return {"level": "note", "message": {"text": f"{what}: {visible(group.reason)}.{needs}"}}


def _moment(when: datetime) -> str:
    return (when.astimezone(UTC) if when.tzinfo else when).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
