"""Two reports of one cluster: what is new, what is gone, what is still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.findings import Finding, Report
from checks.fingerprint import fingerprints


@dataclass(frozen=True)
class Comparison:
    """Findings of a report beside those of an earlier one. `unjudged` were found then and could not be judged now."""

    since: datetime
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    still: tuple[Finding, ...]
    unjudged: tuple[Finding, ...]


def compared(before: Report, now: Report) -> Comparison:
    """What changed. Findings that a baseline accepts count as others do: they are there."""
    earlier, current = _by_fingerprint(before), _by_fingerprint(now)
    decided = {(each.id, each.subject) for each in now.verdicts if not each.undecided}
    left = [each for mark, each in earlier.items() if mark not in current]
    return Comparison(
        before.taken,
        new=tuple(each for mark, each in current.items() if mark not in earlier),
        gone=tuple(each for each in left if (each.id, each.subject) in decided),
        still=tuple(each for mark, each in current.items() if mark in earlier),
        unjudged=tuple(each for each in left if (each.id, each.subject) not in decided),
    )


def _by_fingerprint(report: Report) -> dict[str, Finding]:
    return {mark: finding for finding, mark in fingerprints(report.findings)}
