"""Facts to a report: every rule with every subject, causes before consequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from checks.facts.answering import heard
from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Finding, Found, Report, Verdict
from checks.rules.rule import Rule, rules
from checks.survival import survives

CLUSTER = "cluster"
"""The subject of a rule that is about no machine."""


@dataclass(frozen=True)
class _Seen:
    """A finding, with what decides its causes."""

    finding: Finding
    found: Found
    rule: Rule


_Judged = tuple[Verdict, tuple[_Seen, ...]]


def judged(facts: Facts, chosen: Iterable[Rule] | None = None) -> Report:
    """The report of facts, by all rules or by those that were chosen."""
    chosen_rules = tuple(rules() if chosen is None else chosen)
    verdicts = tuple(_without_consequences([each for rule in chosen_rules for each in _verdicts(rule, facts)]))
    return Report(
        facts.taken, facts.endpoint, facts.access, tuple(each.name for each in facts.machines),
        survives(facts, verdicts), verdicts, facts.seconds, facts.notes, heard(facts),
    )  # fmt: skip


def _verdicts(rule: Rule, facts: Facts) -> Iterator[_Judged]:
    if rule.subjects is None:
        yield _verdict(rule, facts, None)
        return
    for machine in rule.subjects(facts):
        yield _verdict(rule, facts, machine)


def _verdict(rule: Rule, facts: Facts, machine: MachineFacts | None) -> _Judged:
    """What is found before a fact turns out to be missing counts; without a finding, the rule is undecided."""
    subject = machine.name if machine else CLUSTER
    seen: list[_Seen] = []
    undecided = Unknown("")
    try:
        for each in rule.judge(facts, machine):
            seen.append(_Seen(_finding(rule, subject, each), each, rule))
    except Unknown as unknown:
        undecided = unknown
    findings = tuple(each.finding for each in seen)
    return Verdict(rule.id, rule.title, subject, findings, undecided.reason, undecided.needs), tuple(seen)


def _finding(rule: Rule, subject: str, found: Found) -> Finding:
    machine = found.machines[0] if found.machines else "any control plane"
    return Finding(
        rule.id, found.severity or rule.severity, rule.title, found.what, found.machines, subject, rule.why,
        found.fix or rule.fix.format(**{"machine": machine, **found.values}), rule.page, found.evidence,
    )  # fmt: skip


def _without_consequences(judged_ones: list[_Judged]) -> Iterator[Verdict]:
    """One cause, one finding: what another finding explains is undecided instead."""
    everything = [seen for _, found in judged_ones for seen in found]
    for verdict, found in judged_ones:
        causes = {id(each.finding): _first_cause(each, everything) for each in found}
        left = tuple(each for each in verdict.findings if not causes[id(each)])
        if left == verdict.findings:
            yield verdict
        else:
            cause = next(each.finding for each in causes.values() if each)
            why = verdict.undecided or f"follows from {cause.id}: {cause.what}"
            yield replace(verdict, findings=left, undecided=why, because="" if verdict.undecided else cause.id)


def _first_cause(seen: _Seen, everything: Iterable[_Seen]) -> _Seen | None:
    """What explains it and is explained by nothing itself, so that it is reported; None where nothing explains it.

    A kubelet that does not run explains an API server that does not, whether or not swap explains the kubelet.
    """
    cause = next((each for each in everything if _explains(each, seen)), None)
    return cause and (_first_cause(cause, everything) or cause)


def _explains(cause: _Seen, seen: _Seen) -> bool:
    """Whether it is about the same machine and the same part of it, or one of the two about all, and no less severe.

    What is worse than its cause is never hidden by that.
    """
    return (
        cause.finding.id in seen.rule.because_of
        and cause.finding.severity.at_least(seen.finding.severity)
        and _meet(cause.finding.machines, seen.finding.machines)
        and _meet(cause.found.about, seen.found.about and (*seen.found.about, *seen.found.needs))
    )


def _meet(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not some or not others or bool(set(some) & set(others))
