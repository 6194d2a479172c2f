"""What rules of some kinds find in facts, as short as a test compares it."""

from __future__ import annotations

from checks.facts.cluster import Facts
from checks.findings import Finding, Report, Severity
from checks.judging import judged
from checks.rules.rule import rules

KINDS = ("DRIFT", "REACH", "ONE", "CONC", "NODE", "CP")
"""The kinds of rules whose tests use this: each test of them also shows that no other of these rules is disturbed."""

Short = tuple[str, str, tuple[str, ...]]


def _report(facts: Facts) -> Report:
    return judged(facts, [each for each in rules() if each.id.split("-")[1] in KINDS])


def _short(finding: Finding) -> Short:
    return (finding.id.removeprefix("KHA-"), finding.severity.value, finding.machines)


def found(facts: Facts) -> list[Short]:
    """Id, severity and machines of each finding of these kinds, worst first."""
    return [_short(each) for each in _report(facts).findings]


def loud(facts: Facts) -> list[Short]:
    """The same of all kinds, at or above warning."""
    return [_short(each) for each in judged(facts).at_least(Severity.WARNING)]


def sentences(facts: Facts) -> list[str]:
    """What each finding says."""
    return [each.what for each in _report(facts).findings]


def fixes(facts: Facts) -> list[str]:
    """What each finding has typed."""
    return [each.fix for each in _report(facts).findings]


def undecided(facts: Facts, id: str) -> set[str]:
    """Why a rule is undecided, of all its subjects."""
    return {each.undecided for each in _report(facts).undecided if each.id == f"KHA-{id}"}
