"""What rules find in facts, as short as a test compares it."""

from __future__ import annotations

from checks.facts.cluster import Facts
from checks.judging import judged

OURS = ("DRIFT", "REACH", "ONE", "CONC", "NODE", "CP")
"""The kinds of rules whose tests use this: each test of them also shows that no other of these rules is disturbed."""

Short = tuple[str, str, tuple[str, ...]]


def found(facts: Facts) -> list[Short]:
    """Id, severity and machines of each finding, worst first."""
    findings = [each for each in judged(facts).findings if each.id.split("-")[1] in OURS]
    return [(each.id.removeprefix("KHA-"), each.severity.value, each.machines) for each in findings]


def sentences(facts: Facts) -> list[str]:
    """What each finding says."""
    return [each.what for each in judged(facts).findings if each.id.split("-")[1] in OURS]


def fixes(facts: Facts) -> list[str]:
    """What each finding has typed."""
    return [each.fix for each in judged(facts).findings if each.id.split("-")[1] in OURS]


def undecided(facts: Facts, id: str) -> set[str]:
    """Why a rule is undecided, of all its subjects."""
    return {each.undecided for each in judged(facts).undecided if each.id == f"KHA-{id}"}
