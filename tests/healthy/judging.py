"""What the rules of one kind find."""

from __future__ import annotations

from checks.facts.cluster import Facts
from checks.findings import Report
from checks.judging import judged
from checks.rules.rule import rules


def report(facts: Facts, kind: str) -> Report:
    """The report of the rules whose ids begin with `kind`, as `KHA-CERT`."""
    return judged(facts, [each for each in rules() if each.id.startswith(kind)])


def found(facts: Facts, kind: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """(id, severity, machines) of each finding, worst first."""
    return [(each.id, each.severity.value, each.machines) for each in report(facts, kind).findings]


def undecided(facts: Facts, kind: str) -> list[tuple[str, str]]:
    """(id, subject) of each check that is undecided."""
    return [(each.id, each.subject) for each in report(facts, kind).undecided]
