"""The exit status of a check: a function of the report, and of the severity at which it fails."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.fact import LOGIN
from checks.facts.quorum import LOGIN_ON_ETCD
from checks.findings import Report, Severity, Verdict

CLEAR, FINDINGS, TOO_LITTLE = 0, 1, 3
"""2 is invalid usage, which has no report."""

_LOGINS = frozenset({"ssh", "inventory"})
"""Ways in by which machines are logged in to."""


def status(report: Report, fail_on: Severity = Severity.WARNING) -> int:
    """0, 1 or 3. What was found counts first: it is true however little else could be checked."""
    if any(report.at_least(fail_on)):
        return FINDINGS
    return TOO_LITTLE if too_little(report) else CLEAR


def too_little(report: Report) -> str:
    """Why the report does not show that the cluster is well, as one sentence; empty where it does.

    What only a login decides is not expected where none was given, and what another finding explains is decided by
    it. Of all others at least half has to be decided: one or two machines of seven that do not answer leave more than
    that, and an API that answers nothing, or a login that is refused everywhere, leaves less.

    Where no API server was heard the cluster may be down, whatever the rest is.
    """
    expected = [each for each in report.verdicts if not _by_design(each, report.access)]
    missing = sum(bool(each.undecided) and not each.because and not each.findings for each in expected)
    if not report.machines or missing == len(expected):
        return "Nothing could be checked."
    if not report.heard:
        return "No API server was heard: whether the cluster works is not known."
    if missing * 2 > len(expected):
        return f"Too little could be checked: {missing} of {len(expected)} checks that the access allows are undecided."
    return ""


def _by_design(verdict: Verdict, access: Iterable[str]) -> bool:
    return bool(verdict.undecided) and verdict.needs in (LOGIN, LOGIN_ON_ETCD) and not _LOGINS & set(access)
