"""What was red and what was green in a run: scenarios, and steps of the procedure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.recording.journal import StepRecord
from provision.util.redaction import Redactor
from report import records
from report.results import FAILED, PASSED, Result, results

_SETUP = "setup"


@dataclass(frozen=True)
class Outcome:
    """One run. `red` has what failed, by name, and why, in a line; `green` has what passed.

    A name is the same for every version: `scenarios/test_joins.py::test_node_is_ready of cp1`, or `the step 'init'`.
    """

    red: Mapping[str, str]
    green: frozenset[str]


def of_run(folder: Path) -> Outcome:
    """The outcome of a run directory; an empty one where nothing was recorded."""
    found = records.read(folder, Redactor())
    return of_records(results(found.phases), found.steps)


def of_records(tests: Iterable[Result], steps: Iterable[StepRecord]) -> Outcome:
    """Pure. A test that failed because a step did stands for that step: another test would have failed as well."""
    steps = [each for each in steps if not each.bookkeeping]
    tests = list(tests)
    failed = {_of_step(each): each.error.splitlines()[0] for each in _innermost(steps)}
    red = {_of_test(each): each.summary for each in tests if each.outcome == FAILED and not (failed and _early(each))}
    green = {_of_test(each) for each in tests if each.outcome == PASSED}
    green |= {_of_step(each) for each in steps if not each.error and each.stop is not None}
    return Outcome({**failed, **red}, frozenset(green - failed.keys() - red.keys()))


def _early(test: Result) -> bool:
    return test.phase == _SETUP


def _of_test(test: Result) -> str:
    return f"{test.scenario} of {test.subject}"


def _of_step(step: StepRecord) -> str:
    return f"the step '{step.name}'"


def _innermost(steps: list[StepRecord]) -> Iterator[StepRecord]:
    """Steps that failed by themselves, and not because a step within them did."""
    failed = [each for each in steps if each.error and not each.interrupted]
    for each in failed:
        if not any(other is not each and _within(other, each) for other in failed):
            yield each


def _within(inner: StepRecord, outer: StepRecord) -> bool:
    if inner.cluster != outer.cluster or inner.stop is None or outer.stop is None:
        return False
    return outer.start <= inner.start and inner.stop <= outer.stop
