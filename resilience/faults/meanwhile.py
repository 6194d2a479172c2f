"""What happened inside of a cluster while a fault was tried, into its record and beside its history."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from resilience.faults.outcome import Outcome
from resilience.inside.intervals import Interval, changing
from resilience.inside.noticed import is_good, noticed

LOGS = "logs"
"""The folder beside a history that has a file for each machine."""

INSIDE = "inside.jsonl"
"""The file beside a history that has all intervals, by the history's clock."""

_MOST = 80
"""Intervals in the record of a run, which the report draws; all are in the file."""


class Seen(Protocol):
    """What is used of a `Recording`."""

    @property
    def gaps(self) -> list[str]:
        """What could not be read."""

    def intervals(self, until: float) -> list[Interval]:
        """All that was seen."""

    def logs(self, folder: Path, since: float, until: float) -> dict[str, str]:
        """Write what each machine logged between two times of the wall clock; the files' names by machine."""


def add(outcome: Outcome, seen: Seen, folder: Path, until: float) -> None:
    """Write intervals and logs beside the history, and into the record what changed while the run lasted."""
    found, times = seen.intervals(until), outcome.times
    (folder / INSIDE).write_text("".join(f"{json.dumps(asdict(each))}\n" for each in found), encoding="utf-8")
    outcome.inside_file = _beside(outcome, INSIDE)
    shown = [_short(each, times.injected) for each in changing(found)]
    outcome.inside = shown[:_MOST]
    outcome.noticed = [
        asdict(each) | {"at": round(each.at - times.injected, 2)} for each in noticed(found, times.injected)
    ]
    files = seen.logs(folder / LOGS, times.wall, times.wall + until - times.injected)
    outcome.logs = {machine: _beside(outcome, f"{LOGS}/{name}") for machine, name in files.items()}
    outcome.inside_gaps = seen.gaps
    if len(shown) > _MOST:
        outcome.inside_gaps.append(f"{len(shown) - _MOST} more intervals are in {INSIDE}")


def _beside(outcome: Outcome, name: str) -> str:
    """The path of a file beside the history, from the run's folder on."""
    return f"{outcome.history.rpartition('/')[0]}/{name}"


def _short(each: Interval, injected: float) -> dict[str, Any]:
    times: Iterable[tuple[str, float]] = (("since", each.since), ("until", each.until))
    return asdict(each) | {name: round(at - injected, 2) for name, at in times} | {"good": is_good(each)}
