"""What failed without a cluster: a file that cannot be collected, an artifact that cannot be built. It is red as well.

It is kept, and shown, as if it were one more cluster, which is there only when something failed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from provision.recording.journal import StepRecord
from report.records import Records
from report.results import FAILED, WHOLE, Result

NOWHERE = "no-cluster"
"""The name of that cluster."""


def placed(records: Records, tests: Iterable[Result]) -> tuple[Records, list[Result]]:
    """The same records and tests; those that failed and have no cluster have this one, with the run's version."""
    found = [replace(each, about=(NOWHERE, WHOLE)) if _is_lost(each) else each for each in tests]
    described = [each for each in records.run.get("clusters") or [] if isinstance(each, dict)]
    known = {*(str(each.get("id")) for each in described), *(each.cluster for each in found)}
    steps = tuple(replace(each, cluster=NOWHERE) if _broke(each) and each.cluster not in known else each
                  for each in records.steps)  # fmt: skip
    if NOWHERE not in {*(each.cluster for each in found), *(each.cluster for each in steps)}:
        return records, found
    version = next((str(each.get("version") or "") for each in described), "").removeprefix("v")
    run = records.run | {"clusters": [*described, {"id": NOWHERE, "version": version}]}
    return replace(records, run=run, steps=steps), found


def _is_lost(test: Result) -> bool:
    return test.outcome == FAILED and not test.cluster


def _broke(step: StepRecord) -> bool:
    return bool(step.error) and not step.bookkeeping and not step.interrupted
