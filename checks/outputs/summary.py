"""What every output says of a report: counts, headlines, and what is undecided by reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from checks.findings import Finding, Report, Severity, Verdict
from provision.util.characters import block, visible
from provision.util.durations import duration


@dataclass(frozen=True)
class Counts:
    """Findings by severity without the accepted ones, and verdicts: `fine` are those without any finding."""

    critical: int = 0
    warning: int = 0
    notice: int = 0
    accepted: int = 0
    undecided: int = 0
    fine: int = 0


@dataclass(frozen=True)
class Group:
    """Undecided verdicts with one reason: `because` is the rule whose finding explains them."""

    reason: str
    needs: str
    because: str
    ids: tuple[str, ...]
    subjects: tuple[str, ...]
    count: int


def counts(report: Report) -> Counts:
    """How much there is of what."""
    open_ones = [each.severity for each in report.findings if not each.accepted]
    return Counts(
        **{severity.value: open_ones.count(severity) for severity in Severity},
        accepted=len(report.findings) - len(open_ones),
        undecided=len(report.undecided),
        fine=sum(not each.findings and not each.undecided for each in report.verdicts),
    )


def counted(report: Report) -> str:
    """The counts in one line."""
    found = counts(report)
    parts = [
        f"{found.critical} critical",
        number(found.warning, "warning"),
        number(found.notice, "notice"),
        *([f"{found.accepted} accepted"] if found.accepted else []),
        f"{found.undecided} undecided",
        f"{found.fine} fine",
    ]
    return ", ".join(parts)


def checked(report: Report) -> str:
    """What was checked, how, when, and how long it took."""
    rules = len({each.id for each in report.verdicts})
    return (
        f"{number(len(report.verdicts), 'check')} of {number(rules, 'rule')} on "
        f"{number(len(report.machines), 'machine')} in {duration(report.seconds)}, "
        f"by {' and '.join(report.access) or 'nothing'}, {moment(report.taken)}"
    )


def headline(finding: Finding) -> str:
    """What was found, with the machines where the sentence names none of them."""
    what = visible(finding.what)
    if not finding.machines or any(_named(each, what) for each in finding.machines):
        return what
    return f"{', '.join(map(visible, finding.machines))}: {what}"


def _named(machine: str, sentence: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(visible(machine))}(?![\w-])", sentence) is not None


def together(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one rule and severity as one: what is wrong on every machine is explained once."""
    found: dict[tuple[Severity, str], list[Finding]] = {}
    for each in findings:
        found.setdefault((each.severity, each.id), []).append(each)
    return list(found.values())


def evidence(findings: Sequence[Finding], most: int | None = None) -> list[str]:
    """Lines of evidence, so many a finding; where there are several findings, each line with its machines."""
    return [line for each in findings for line in _some_lines(each, len(findings) > 1, most)]


def _some_lines(finding: Finding, named: bool, most: int | None) -> list[str]:
    place = f"{', '.join(map(visible, finding.machines or (finding.subject,)))}: " if named else ""
    lines = [f"{place}{line}" for each in finding.evidence for line in block(each)]
    more = len(lines) - (most or len(lines))
    return lines if more <= 1 else [*lines[:most], f"{place}and {more} more lines in the other outputs"]


def groups(verdicts: Iterable[Verdict]) -> list[Group]:
    """Undecided verdicts by reason, the most frequent first. A reason that names its own machine counts as one."""
    found: dict[tuple[str, str, str], list[Verdict]] = {}
    for each in verdicts:
        reason = each.undecided if each.because else _without(each.subject, each.undecided)
        found.setdefault((reason, each.needs, each.because), []).append(each)
    return sorted(
        (_group(key, mine) for key, mine in found.items()), key=lambda each: (-each.count, each.reason, each.needs)
    )


def _without(subject: str, reason: str) -> str:
    return re.sub(rf"(?<![\w.-]){re.escape(subject)}(?![\w-])", "the machine", reason)


def _group(key: tuple[str, str, str], verdicts: list[Verdict]) -> Group:
    reason, needs, because = key
    subjects = tuple(dict.fromkeys(each.subject for each in verdicts))
    if len(subjects) == 1:
        reason = verdicts[0].undecided
    return Group(reason, needs, because, tuple(sorted({each.id for each in verdicts})), subjects, len(verdicts))


def ranges(ids: Iterable[str]) -> str:
    """Ids with those in a row as one: `KHA-CERT-001 to 004, KHA-LB-002`."""
    rows: list[list[str]] = []
    for each in ids:
        if rows and _follows(rows[-1][-1], each):
            rows[-1].append(each)
        else:
            rows.append([each])
    return ", ".join(_row(each) for each in rows)


def _follows(before: str, after: str) -> bool:
    (kind, first), (other, second) = (each.rpartition("-")[::2] for each in (before, after))
    return kind == other and first.isdecimal() and second.isdecimal() and int(second) == int(first) + 1


def _row(ids: list[str]) -> str:
    first, *rest = ids
    return f"{first} to {rest[-1].rpartition('-')[2]}" if len(ids) > 2 else ", ".join(ids)


def some(names: Iterable[str], most: int = 8) -> str:
    """Names, with a number in the place of those beyond the first few."""
    every = [visible(each) for each in names]
    more = len(every) - most
    return ", ".join(every) if more <= 1 else f"{', '.join(every[:most])} and {more} more"


def number(count: int, thing: str) -> str:
    """A number of things."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def moment(when: datetime) -> str:
    """Date and time, the same for every reader."""
    return (when.astimezone(UTC) if when.tzinfo else when).strftime("%Y-%m-%d %H:%M UTC")
