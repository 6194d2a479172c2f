"""The run in one glance. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from report.records import Records
from report.results import FAILED, PASSED, UNFINISHED, Result, counts

_INTERRUPTED = 2
"""pytest's exit status."""
_ENDED_BY_TESTS = (0, 1, 5)


@dataclass(frozen=True)
class Verdict:
    """`word` is passed, failed, interrupted or nothing ran; `notes` are sentences; times are seconds (epoch)."""

    word: str
    notes: tuple[str, ...]
    counts: Counter[str]
    missing: int
    start: float
    end: float

    @property
    def total(self) -> int:
        """How many tests there are, those that never ran included."""
        return self.counts.total() + self.missing

    @property
    def shares(self) -> list[tuple[str, int]]:
        """Outcomes and how many tests had each, in the order of interest, without zeros."""
        order = (FAILED, PASSED, "xfailed", "skipped", UNFINISHED)
        found = [(outcome, self.counts[outcome]) for outcome in order]
        return [(outcome, count) for outcome, count in (*found, ("not run", self.missing)) if count]


def verdict(records: Records, tests: Sequence[Result]) -> Verdict:
    """What to say first. A step that failed is a failure even where no test could say so, unless it is bookkeeping."""
    found = counts(tests)
    missing = max(0, int(records.session.get("collected") or 0) - sum("::" in test.nodeid for test in tests))
    broken = [step for step in records.steps if step.error and not step.bookkeeping]
    notes = [f"{step.cluster}: step “{step.name}” failed." for step in broken if not _ends_quietly(step.error)]
    cut_short = _cut_short(records)
    if cut_short:
        notes.append(cut_short)
    if found[FAILED] or (notes and not cut_short) or len(notes) > 1:
        word = "failed"
    else:
        word = "interrupted" if cut_short else "passed" if found[PASSED] else "nothing ran"
    start, end = _span(records, tests)
    return Verdict(word, tuple(notes), found, missing, start, end)


def _cut_short(records: Records) -> str:
    """Why the run ended before its end; empty where it did not."""
    status = records.session.get("exitstatus")
    running = [step for step in records.steps if step.stop is None]
    if status == _INTERRUPTED:
        return "The run was interrupted."
    if isinstance(status, int) and status not in _ENDED_BY_TESTS:
        return f"pytest ended with exit status {status}."
    if running:
        return f"The run ended during “{running[-1].name}” of {running[-1].cluster}."
    if not records.run.get("finished") and (records.steps or records.phases):
        return "The run did not come to its end, or has not yet."
    return ""


def _ends_quietly(error: str) -> bool:
    """Whether a step ended because somebody ended the run."""
    return error in ("KeyboardInterrupt", "SIGTERM", "SystemExit")


def _span(records: Records, tests: Sequence[Result]) -> tuple[float, float]:
    starts = [step.start for step in records.steps] + [test.start for test in tests if test.start]
    stops = [step.stop or step.start for step in records.steps] + [command.stop for command in records.commands]
    stops += [test.start + test.seconds for test in tests]
    start = float(records.run.get("started") or min(starts, default=0.0))
    return start, max(float(records.run.get("finished") or 0.0), start, *stops)
