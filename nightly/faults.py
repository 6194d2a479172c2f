"""Faults over the nights: how each ended, its figures, and which are worse than in all nights before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

from nightly.attempts import VOID, Attempt
from nightly.store import Data
from nightly.summary import GREEN, RED
from nightly.views import ClusterView
from resilience.faults.outcome import Ended

LETTERS = {Ended.GREEN: GREEN, Ended.RED: RED, Ended.VOID: VOID}
"""How a fault ended, and the letter of it."""

GAP, HEALING = "gap", "healing"
"""The figures that are compared between nights, in seconds."""

ENOUGH, TIMES, MORE = 3, 2.0, 2.0
"""When a figure is worse than before: there are so many earlier ones, and it is more than so many times the worst of
them, and more than so many seconds longer. Fewer do not show what is usual, a host that is busy does not double the
worst of them, and two seconds are a few turns of a client."""


class Spread(NamedTuple):
    """A figure over the nights: seconds."""

    middle: float
    worst: float


class Interval(NamedTuple):
    """A state inside of a cluster, as it was kept: seconds after the injection; None where that is not known."""

    what: str
    where: str
    state: str
    since: float | None
    until: float | None
    good: bool


@dataclass(frozen=True)
class Tried:
    """One run of a fault. `number` is its place among those of the attempt, `figures` as they were kept."""

    attempt: Attempt
    number: int
    figures: Data

    @property
    def fault(self) -> str:
        """What the fault is called."""
        return str(self.figures["fault"])

    @property
    def verdict(self) -> Ended:
        """How it ended: green, red or void."""
        return Ended(self.figures["verdict"])

    @property
    def letter(self) -> str:
        """Its letter, as of scenarios."""
        return LETTERS[self.verdict]

    @property
    def inside(self) -> list[Interval]:
        """What changed inside of the cluster: read from the store each time."""
        return [Interval(*each) for each in list(self.attempt.data["inside"])[self.number]]


@dataclass(frozen=True)
class FaultCell:
    """One fault on one cluster over the nights; `runs` are newest first, and there is one."""

    fault: str
    view: ClusterView
    runs: Sequence[Tried]

    @property
    def newest(self) -> Tried:
        """The newest run."""
        return self.runs[0]

    @cached_property
    def decided(self) -> list[Tried]:
        """The runs that say something, newest first."""
        return [each for each in self.runs if each.verdict != Ended.VOID]

    @property
    def red(self) -> Tried | None:
        """The newest red run, where no newer one is green."""
        return self.decided[0] if self.decided and self.decided[0].verdict == Ended.RED else None

    @property
    def last_green(self) -> Tried | None:
        """The newest green run."""
        return next((each for each in self.decided if each.verdict == Ended.GREEN), None)

    def spread(self, figure: str) -> Spread | None:
        """A figure over all runs that say something; None where none has it."""
        known = _known(self.decided, figure)
        return Spread(median(known), max(known)) if known else None

    @cached_property
    def worse(self) -> list[str]:
        """The figures of the newest run that are worse than in all before; none of a void one."""
        if self.newest.verdict == Ended.VOID:
            return []
        return [figure for figure in (GAP, HEALING) if _is_worse(self.decided, figure)]


def _known(runs: Iterable[Tried], figure: str) -> list[float]:
    return [float(each.figures[figure]) for each in runs if each.figures[figure] is not None]


def _is_worse(runs: Sequence[Tried], figure: str) -> bool:
    newest, before = _known(runs[:1], figure), _known(runs[1:], figure)
    if not newest or len(before) < ENOUGH:
        return False
    return newest[0] > max(TIMES * max(before), max(before) + MORE)


def tried(attempt: Attempt) -> list[Tried]:
    """The faults of one cluster in one run, newest first."""
    return [Tried(attempt, number, each) for number, each in enumerate(attempt.data["faults"])][::-1]


def cells(views: Iterable[ClusterView]) -> list[FaultCell]:
    """Every fault on every cluster that it was tried on, by name."""
    found = [cell for view in views for cell in _of(view)]
    return sorted(found, key=lambda cell: (cell.fault, cell.view.id))


def _of(view: ClusterView) -> Iterator[FaultCell]:
    runs: dict[str, list[Tried]] = {}
    for each in (each for attempt in view.attempts for each in tried(attempt)):
        runs.setdefault(each.fault, []).append(each)
    yield from (FaultCell(name, view, own) for name, own in runs.items())


def rows(cells: Iterable[FaultCell]) -> dict[tuple[str, str], dict[str, FaultCell]]:
    """Fault and path → its cells by version; those that are red or worse than before come first."""
    found: dict[tuple[str, str], dict[str, FaultCell]] = {}
    for cell in sorted(cells, key=lambda cell: not (cell.red or cell.worse)):
        found.setdefault((cell.fault, cell.view.path), {})[cell.view.version] = cell
    return found
