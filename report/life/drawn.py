"""What is drawn and listed: bars in rows, rows by machine, and changes in the order of time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

AROUND = 30.0
"""Seconds before and after a failure that are shown with it."""

CLUSTER = ""
"""Stands in for the name of a machine where something is of the whole cluster."""


@dataclass(frozen=True)
class Bar:
    """Something that lasted, in seconds since the epoch; `anchor` is that of its change, where it can be clicked."""

    since: float
    until: float
    tone: str
    title: str
    anchor: str = ""


@dataclass(frozen=True)
class Change:
    """Something that happened: `what` names it, `how` is its new state. A failure has an `anchor`, at its end."""

    at: float
    where: str
    what: str
    how: str
    tone: str = ""
    anchor: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is a failure, of a step or a test."""
        return bool(self.anchor)


@dataclass(frozen=True)
class Band:
    """One row of the chart: bars, below each other where they overlap."""

    machine: str
    name: str
    levels: Sequence[Sequence[Bar]]


def levels(bars: Iterable[Bar]) -> list[list[Bar]]:
    """Bars that overlap, below each other."""
    found: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda each: each.since):
        free = next((level for level in found if level[-1].until <= bar.since), None)
        if free is None:
            found.append([bar])
        else:
            free.append(bar)
    return found


def thinned(bars: Sequence[Bar], apart: float) -> list[Bar]:
    """Bars in the order of time, those in a row as one that are not to be clicked, of one tone, and this close."""
    found: list[list[Bar]] = []
    for bar in bars:
        last = found[-1][-1] if found else None
        if last and not bar.anchor and not last.anchor and bar.tone == last.tone and bar.since - last.until <= apart:
            found[-1].append(bar)
        else:
            found.append([bar])
    return [_as_one(some) for some in found]


def _as_one(some: Sequence[Bar]) -> Bar:
    if len(some) == 1:
        return some[0]
    until = max(each.until for each in some)
    return Bar(some[0].since, until, some[0].tone, f"{some[0].title} … {some[-1].title} ({len(some)} in a row)")


def listed(changes: Sequence[Change], most: int) -> list[Change]:
    """So many changes in the order of time: failures and what is around them first, then what is bad, then the rest."""
    ordered = sorted(changes, key=lambda each: each.at)
    if len(ordered) <= most:
        return ordered
    spans = [(each.at - AROUND, each.at + AROUND) for each in ordered if each.failed]
    ranked = sorted(ordered, key=lambda each: (not each.failed, not _within(each.at, spans), not each.tone))
    return sorted(ranked[:most], key=lambda each: each.at)


def _within(at: float, spans: Iterable[tuple[float, float]]) -> bool:
    return any(since <= at <= until for since, until in spans)
