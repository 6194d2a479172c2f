"""Facts to a report: every rule with every subject, causes before consequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Finding, Found, Report, Verdict
from checks.rules.rule import Rule, rules
from checks.survival import survives

CLUSTER = "cluster"
"""The subject of a rule that is about no machine."""


def judged(facts: Facts, chosen: Iterable[Rule] | None = None) -> Report:
    """The report of facts, by all rules or by those that were chosen."""
    chosen_rules = tuple(rules() if chosen is None else chosen)
    verdicts = tuple(
        _without_consequences([verdict for rule in chosen_rules for verdict in _verdicts(rule, facts)], chosen_rules)
    )
    return Report(
        facts.taken, facts.endpoint, facts.access, tuple(each.name for each in facts.machines),
        survives(facts, verdicts), verdicts, facts.seconds, facts.notes,
    )  # fmt: skip


def _verdicts(rule: Rule, facts: Facts) -> Iterator[Verdict]:
    if rule.subjects is None:
        yield _verdict(rule, facts, None)
        return
    for machine in rule.subjects(facts):
        yield _verdict(rule, facts, machine)


def _verdict(rule: Rule, facts: Facts, machine: MachineFacts | None) -> Verdict:
    """What is found before a fact turns out to be missing counts; without a finding, the rule is undecided."""
    subject = machine.name if machine else CLUSTER
    found: list[Finding] = []
    try:
        for each in rule.judge(facts, machine):
            found.append(_finding(rule, subject, each))
    except Unknown as unknown:
        return Verdict(rule.id, rule.title, subject, tuple(found), unknown.reason, unknown.needs)
    return Verdict(rule.id, rule.title, subject, tuple(found))


def _finding(rule: Rule, subject: str, found: Found) -> Finding:
    machine = found.machines[0] if found.machines else "any control plane"
    return Finding(
        rule.id, found.severity or rule.severity, rule.title, found.what, found.machines, subject, rule.why,
        found.fix or rule.fix.format(**{"machine": machine, **found.values}), rule.page, found.evidence,
    )  # fmt: skip


def _without_consequences(verdicts: list[Verdict], chosen_rules: Iterable[Rule]) -> Iterator[Verdict]:
    """One cause, one finding: what another finding explains is undecided instead."""
    causes = {rule.id: rule.because_of for rule in chosen_rules}
    everything = [finding for verdict in verdicts for finding in verdict.findings]
    for verdict in verdicts:
        explaining = [each for each in everything if each.id in causes[verdict.id]]
        left = tuple(each for each in verdict.findings if not _causes(each, explaining))
        if left == verdict.findings:
            yield verdict
        else:
            cause = next(cause for each in verdict.findings for cause in _causes(each, explaining))
            why = verdict.undecided or f"follows from {cause.id}: {cause.what}"
            yield replace(verdict, findings=left, undecided=why, because="" if verdict.undecided else cause.id)


def _causes(finding: Finding, explaining: Iterable[Finding]) -> list[Finding]:
    """Those that explain it: about the same machine, or one of the two about the cluster, and no less severe.

    What is worse than its cause is never hidden by that.
    """
    return [
        cause
        for cause in explaining
        if cause.severity.at_least(finding.severity)
        and (not cause.machines or not finding.machines or set(cause.machines) & set(finding.machines))
    ]
