"""What rules yield, and what a report is. Data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Severity(Enum):
    """By consequence, worst first."""

    CRITICAL = "critical"
    """It is down, or will be with the next restart or expiry."""
    WARNING = "warning"
    """After the loss of one machine the API or data would be gone, or high availability is silently lost already."""
    NOTICE = "notice"
    """It differs from advice."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def at_least(self, other: Severity) -> bool:
        """Whether this is as bad as the other, or worse."""
        return self.rank <= other.rank


@dataclass(frozen=True)
class Found:
    """What a rule yields. `what` is one sentence that names the machine; `evidence` lines of what was read.

    `values` fill the rule's `fix`, where `{machine}` is the first machine; `fix` takes its place. `severity` is the
    rule's where it is None.

    `about` is what of its machines it is about, as a component, a file, or the machine that a file names; empty for all
    of them. `needs` is what else may be the cause of it. A cause is about one of these.
    """

    what: str
    machines: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    fix: str = ""
    severity: Severity | None = None
    about: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A finding as it is reported: all that a reader needs."""

    id: str
    severity: Severity
    title: str
    what: str
    machines: tuple[str, ...]
    subject: str
    why: str
    fix: str
    page: str
    evidence: tuple[str, ...] = ()
    accepted: str = ""
    """Why a baseline accepts it; empty where none does."""


@dataclass(frozen=True)
class Verdict:
    """One rule with one subject: findings, or none, or why it is undecided and which access would decide it.

    `because` is the id of the rule whose finding explains why it is undecided; empty where a fact was not read.
    """

    id: str
    title: str
    subject: str
    findings: tuple[Finding, ...] = ()
    undecided: str = ""
    needs: str = ""
    because: str = ""


@dataclass(frozen=True)
class Report:
    """The outcome of a check. `survives` is one sentence: what the cluster survives today.

    `heard` is whether any API server answered, by its own address or through the endpoint.
    """

    taken: datetime
    endpoint: str
    access: tuple[str, ...]
    machines: tuple[str, ...]
    survives: str
    verdicts: tuple[Verdict, ...]
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    heard: bool = True
    schema: int = 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, worst first; of one severity by id and subject."""
        found = [finding for verdict in self.verdicts for finding in verdict.findings]
        return tuple(sorted(found, key=lambda each: (each.severity.rank, each.id, each.subject)))

    @property
    def undecided(self) -> tuple[Verdict, ...]:
        """What could not be judged."""
        return tuple(each for each in self.verdicts if each.undecided)

    def at_least(self, severity: Severity) -> Iterator[Finding]:
        """Findings of a severity or worse that no baseline accepts."""
        return (each for each in self.findings if each.severity.at_least(severity) and not each.accepted)
