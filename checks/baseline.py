"""Findings that are accepted: a TOML file of them, each with its reason and the date of the decision.

[[accepted]]
id = "KHA-LB-001"
machine = "lb1"          # optional: without it, wherever it is found
reason = "The balancer is replaced in January, and cannot do more."
date = 2026-11-26
until = 2027-01-31       # optional: the last day on which it counts
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, with_config

from checks.findings import Finding, Report, Verdict
from provision.util import accepted
from provision.util.accepted import Day, Sentence


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Accepted:
    """One entry of a baseline."""

    id: Sentence
    reason: Sentence
    date: Day
    machine: Sentence | None = None
    until: Day | None = None

    def counts_on(self, today: datetime.date) -> bool:
        """Whether its time is not over."""
        return self.until is None or today <= self.until

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.id} on {self.machine}" if self.machine else self.id


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Baseline:
    """All entries of a file."""

    accepted: tuple[Accepted, ...] = ()


_BASELINE = TypeAdapter(Baseline)


def load(file: Path) -> Baseline:
    """Read a baseline; raises BadInput."""
    return accepted.load(file, _BASELINE, lambda baseline: baseline.accepted)


def applied(report: Report, baseline: Baseline, today: datetime.date) -> Report:
    """The report with what is accepted marked so, and notes of entries whose time is over or that match nothing."""
    current = [each for each in baseline.accepted if each.counts_on(today)]
    verdicts = tuple(_applied(verdict, current) for verdict in report.verdicts)
    return replace(report, verdicts=verdicts, notes=(*report.notes, *_notes(report, baseline, today)))


def _applied(verdict: Verdict, entries: list[Accepted]) -> Verdict:
    return replace(
        verdict,
        findings=tuple(replace(each, accepted=each.accepted or _why(each, entries)) for each in verdict.findings),
    )


def _why(finding: Finding, entries: list[Accepted]) -> str:
    """The reasons, where entries accept the finding for all of its machines; else empty."""
    matching = [each for each in entries if _matches(each, finding)]
    covered = {each.machine for each in matching}
    if None in covered or (finding.machines and covered >= set(finding.machines)):
        return "; ".join(dict.fromkeys(each.reason for each in matching))
    return ""


def _matches(entry: Accepted, finding: Finding) -> bool:
    return entry.id == finding.id and (entry.machine is None or entry.machine in finding.machines)


def _notes(report: Report, baseline: Baseline, today: datetime.date) -> Iterator[str]:
    for entry in baseline.accepted:
        if not entry.counts_on(today):
            yield f"The baseline accepted {entry.name} until {entry.until}: it counts again."
        elif not any(_matches(entry, each) for each in report.findings):
            yield f"The baseline accepts {entry.name}, which was not found{_unless_judged(entry, report)}."


def _unless_judged(entry: Accepted, report: Report) -> str:
    verdicts = [each for each in report.verdicts if each.id == entry.id]
    if not verdicts:
        return ": no check has this id"
    about = [each for each in verdicts if entry.machine in (None, each.subject)] or verdicts
    return "; it could not be judged" if any(each.undecided for each in about) else ""
