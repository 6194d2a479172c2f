"""The run in one glance. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from provision.config.cluster_id import ClusterId
from provision.util.errors import Problem
from report import old_records
from report.records import Records
from report.results import FAILED, PASSED, UNFINISHED, WHOLE, Result, counts

_ENDED_BY_TESTS = (0, 1, 5)
"""pytest's exit statuses for passed, failed, and nothing to run."""


@dataclass(frozen=True)
class Verdict:
    """`word` is passed, failed, interrupted, undecided or nothing ran; `notes` are sentences, times seconds (epoch).

    `interruption` is the note that says where the run was interrupted; empty where it was not.
    """

    word: str
    notes: tuple[str, ...]
    counts: Counter[str]
    missing: int
    start: float
    end: float
    interruption: str = ""

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
    """What to say first. A step that failed is a failure even where no test could say so, unless it is bookkeeping.

    A step that was interrupted has not failed.
    """
    found = counts(tests)
    missing = max(0, int(records.session.get("collected") or 0) - sum("::" in test.nodeid for test in tests))
    broken = [step for step in records.steps if step.error and not step.bookkeeping and not step.interrupted]
    interruption = _interruption(records, tests) if _interrupted(records) else ""
    cut_short = interruption or _cut_short(records)
    notes = [f"{step.cluster}: step “{step.name}” failed." for step in broken]
    notes += [cut_short] if cut_short else []
    undecided = _undecided(records)
    notes += undecided
    if found[FAILED] or broken:
        word = "failed"
    elif cut_short or undecided:
        word = "interrupted" if cut_short else "undecided"
    else:
        word = "passed" if found[PASSED] else "nothing ran"
    start, end = _span(records, tests)
    return Verdict(word, tuple(notes), found, missing, start, end, interruption)


def _undecided(records: Records) -> list[str]:
    """Why what was checked does not show that a cluster is well; a check says so of the one that it was about."""
    clusters = [each for each in records.run.get("clusters") or [] if isinstance(each, dict)]
    return [str(each["undecided"]) for each in clusters if each.get("undecided")]


def _interrupted(records: Records) -> bool:
    """Whether the user, or a signal, ended the run."""
    if "interrupted" in records.session:
        return records.session["interrupted"] is True
    return old_records.run_was_interrupted(records.session.get("exitstatus"))


def _interruption(records: Records, tests: Sequence[Result]) -> str:
    """What was interrupted, and what became of the machines: of steps within each other, the innermost ended first."""
    steps = [step for step in records.steps if step.interrupted and step.stop]
    running = [test for test in tests if test.outcome == UNFINISHED]
    where = ""
    if steps:
        step = min(steps, key=lambda each: each.stop or 0.0)
        where = f" in '{step.name}' of {step.cluster}"
    elif running:
        test = running[-1]
        on = test.cluster if test.subject == WHOLE else f"{test.subject} of {test.cluster}"
        where = f" in the scenario '{test.title}' on {on}"
    return f"Interrupted{where}{_machines(records)}." if where else f"The run was interrupted{_machines(records)}."


def _machines(records: Records) -> str:
    """What became of the machines of the run's clusters; empty where that is not known, or there were none."""
    after, remaining = records.run.get("machines"), records.run.get("remaining")
    names = sorted({name for step in records.steps if (name := _made_as(step.cluster))})
    if not after or not isinstance(remaining, list) or not names:
        return ""
    left = [name for name in names if name in remaining]
    if left:
        return f"; {', '.join(left)} still exists: ./run clean {' '.join(left)}"
    return f"; {'its' if len(names) == 1 else 'all'} machines were {after}"


def _made_as(name: str) -> str:
    """The id that the machines of a cluster are made under; empty for what has steps and is not a cluster."""
    try:
        return str(ClusterId.parse(name).made)
    except Problem:
        return ""


def _cut_short(records: Records) -> str:
    """Why a run ended before its end without being interrupted; empty where it did not."""
    status = records.session.get("exitstatus")
    running = [step for step in records.steps if step.stop is None]
    if isinstance(status, int) and status not in _ENDED_BY_TESTS:
        return f"pytest ended with exit status {status}."
    if running:
        return f"The run ended during “{running[-1].name}” of {running[-1].cluster}."
    if not records.run.get("finished") and (records.steps or records.phases):
        return "The run did not come to its end, or has not yet."
    return ""


def _span(records: Records, tests: Sequence[Result]) -> tuple[float, float]:
    starts = [step.start for step in records.steps] + [test.start for test in tests if test.start]
    stops = [step.stop or step.start for step in records.steps] + [command.stop for command in records.commands]
    stops += [test.start + test.seconds for test in tests]
    start = float(records.run.get("started") or min(starts, default=0.0))
    return start, max(float(records.run.get("finished") or 0.0), start, *stops)
