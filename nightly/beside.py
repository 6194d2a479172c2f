"""A red fault beside the last green run of it: what happened inside of the cluster, and what was different. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nightly.attempts import Attempt
from nightly.faults import FaultCell, Interval, Tried, tried
from nightly.history import Cell
from nightly.views import ClusterView, neighbours
from resilience.faults.outcome import Ended

_NUMBER = re.compile(r"\b\d+$")  # a process has another one every night


@dataclass(frozen=True)
class Thing:
    """Something inside of the cluster, and its states in both runs."""

    name: str
    green: Sequence[Interval]
    red: Sequence[Interval]

    @property
    def differs(self) -> bool:
        """Whether it was in other states, or in another order; for how long is of the moment."""
        return _states(self.green) != _states(self.red)


@dataclass(frozen=True)
class Comparison:
    """The newest red run of a fault, and the last green one: that of another version's cluster where `borrowed`.

    `inside` has what differs first.
    """

    cell: FaultCell
    red: Tried
    green: Tried | None
    borrowed: bool
    inside: Sequence[Thing]


def compared(cell: FaultCell, elsewhere: Iterable[Attempt]) -> Comparison | None:
    """A fault that is red; None where it is not. `elsewhere` has what to compare with where it was never green."""
    if cell.red is None:
        return None
    others = (each for attempt in elsewhere for each in tried(attempt) if each.fault == cell.fault)
    green = cell.last_green or next((each for each in others if each.verdict == Ended.GREEN), None)
    things = _things(green.inside if green else [], cell.red.inside)
    return Comparison(cell, cell.red, green, bool(green and not cell.last_green), things)


def reds(cells: Iterable[FaultCell], clusters: Sequence[ClusterView]) -> list[Comparison]:
    """Every red fault; what is red on a cluster that is gone no longer counts as red."""
    found = (compared(cell, neighbours(cell.view, clusters)) for cell in cells if not cell.view.absence)
    return [each for each in found if each]


def of(scenario: Cell, reds: Iterable[Comparison]) -> Comparison | None:
    """The red fault that a scenario tried; None where it tried none."""
    place = scenario.cluster, scenario.scenario
    return next((each for each in reds if (each.cell.view.id, each.red.figures["scenario"]) == place), None)


def _states(intervals: Iterable[Interval]) -> list[str]:
    return [_NUMBER.sub("‹n›", each.state) for each in intervals]


def _things(green: Iterable[Interval], red: Iterable[Interval]) -> list[Thing]:
    before, after = _by_name(green), _by_name(red)
    found = [Thing(name, before.get(name, []), after.get(name, [])) for name in {**after, **before}]
    return sorted(found, key=lambda each: not each.differs)


def _by_name(intervals: Iterable[Interval]) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = {}
    for each in intervals:
        found.setdefault(f"{each.what} {each.where}".strip(), []).append(each)
    return found
