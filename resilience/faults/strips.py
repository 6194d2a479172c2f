"""What requests met on one way along the time, in few numbers: what the report draws, without the history. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from resilience.availability import Gap, Operation

_EVERY = 0.25
"""Seconds that one number stands for: a client has its turn every 0.35 s, so that two turns are seen as two."""

_MOST = 320
"""Numbers for one run, of each kind: at four letters each and seven ways, a hundred runs fit into a page of 2 MB."""


@dataclass(frozen=True)
class Strip:
    """Requests by when they ended, counted in steps of `every` seconds, from `begin` on.

    `begin`, and both ends of each gap, are seconds after the fault was injected. `gaps` are those that were longer than
    the longest one without a fault.
    """

    begin: float
    every: float
    answered: Sequence[int] = ()
    lost: Sequence[int] = ()
    gaps: Sequence[tuple[float, float]] = ()


def strip(every: Sequence[Operation], gaps: Sequence[Gap], usual: float, injected: float, until: float) -> Strip:
    """The strip of one way: `every` request of it, its `gaps`, and how long a gap may be without a fault."""
    begin = min((each.invoked for each in every), default=injected)
    step = width(until - begin)
    shown = [each for each in every if _end(each, until) <= until]
    long = [(round(gap.begin - injected, 2), round(gap.end - injected, 2)) for gap in gaps if gap.seconds > usual]
    return Strip(
        round(begin - injected, 2), step,
        _counted([_end(each, until) - begin for each in shown if each.served], step),
        _counted([_end(each, until) - begin for each in shown if not each.served], step),
        long,
    )  # fmt: skip


def width(seconds: float) -> float:
    """Seconds that one number stands for, in a run of a length: a multiple of the least."""
    return _EVERY * max(1, math.ceil(seconds / _EVERY / _MOST))


def _end(each: Operation, until: float) -> float:
    return until if each.answered is None else each.answered


def _counted(ends: Sequence[float], step: float) -> list[int]:
    """How many of these times are in each step, up to the last one that has any."""
    found = [0] * (1 + int(max(ends, default=-step) / step))
    for each in ends:
        found[int(each / step)] += 1
    return found
