"""From moments to intervals: what had which state, since when and until when, and whether that is good. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

RUNS, GONE = "runs", "gone"
"""Of a static pod."""
LEADER, FOLLOWER, LEARNER, NO_LEADER = "leader", "follower", "learner", "no leader"
"""What a member of etcd is, by its own word."""
UP, DOWN = "UP", "DOWN"
"""Of a server behind the balancer."""
READY = "Ready"
"""Of a node; NotReady and Unknown are the others."""
ANSWERS = "answers"
"""Of a machine, and of the API, where they are sampled."""

UNSEEN = ""
"""Of what was sampled, and is not any more."""

_GOOD = (RUNS, LEADER, FOLLOWER, LEARNER, UP, READY, ANSWERS)
_OWN_TONE = (LEADER, LEARNER)

CLOSE = 3.0
"""Seconds: what was sampled, or is known to the second, is the same change as one that a log has this close to it."""


class Row(NamedTuple):
    """What has states: a thing on a machine, as `kube-apiserver` on cp1, or `balancer, by lb`: what lb finds of cp1."""

    machine: str
    name: str


@dataclass(frozen=True)
class Point:
    """A state that began at a moment, in seconds since the epoch; `exact` where a log has that moment.

    One that was so `already` began earlier, and it is not known when.
    """

    row: Row
    at: float
    state: str
    why: str = ""
    exact: bool = True
    already: bool = False


@dataclass(frozen=True)
class Interval:
    """A state that lasted. `tone` is good, bad, waits (for the first time that it is good), leader or learner."""

    row: Row
    state: str
    since: float
    until: float
    tone: str
    why: str = ""
    already: bool = False


def intervals(points: Iterable[Point], begin: float, end: float) -> list[Interval]:
    """All states between two moments, by row, in the order of the first points; one from before begins at `begin`."""
    rows: dict[Row, list[Point]] = {}
    for point in points:
        rows.setdefault(point.row, []).append(point)
    return [each for own in rows.values() for each in _of(own, begin, end)]


def _of(points: Sequence[Point], begin: float, end: float) -> Iterator[Interval]:
    was_good = False
    for point, until in _lasting(_one_by_one(points), end):
        was_good = was_good or point.state in _GOOD
        if point.state != UNSEEN and until > begin and point.at < end:
            since, already = max(point.at, begin), point.already or point.at <= begin
            tone = _tone(point.state, was_good)
            yield Interval(point.row, point.state, since, min(until, end), tone, point.why, already)


def _tone(state: str, was_good: bool) -> str:
    if state in _OWN_TONE:
        return state
    return "good" if state in _GOOD else "bad" if was_good else "waits"


def _lasting(points: Sequence[Point], end: float) -> Iterator[tuple[Point, float]]:
    """Each state with its end; the same state again goes on."""
    changes = [each for number, each in enumerate(points) if number == 0 or points[number - 1].state != each.state]
    yield from ((one, other.at) for one, other in pairwise(changes))
    if changes:
        yield changes[-1], max(end, changes[-1].at)


def _one_by_one(points: Sequence[Point]) -> list[Point]:
    """In order of time, one for each moment; of changes that two sources have, the one that a log has.

    From where a log begins, it is known what was so while nothing was sampled.
    """
    logged = sorted(each.at for each in points if each.exact)
    kept = [each for each in points if each.exact or _says_more(each, logged)]
    return list({each.at: each for each in sorted(kept, key=_at)}.values())


def _says_more(sampled: Point, logged: Sequence[float]) -> bool:
    """Whether a moment that no log has tells more than the log, of which these are the moments, in order."""
    place = bisect_left(logged, sampled.at - CLOSE)
    if place < len(logged) and logged[place] <= sampled.at + CLOSE:
        return False
    return sampled.state != UNSEEN or place == 0


def _at(point: Point) -> float:
    return point.at
