"""From samples to intervals: which part was in which state, from when until when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NO_ANSWER = "no answer"
"""The state of all that a source shows while it shows nothing."""

NONE = "none"
"""The state of what a source named before, and does not name now: as a process that is gone."""

ANSWERS = "answers"
"""The state of a source itself, at each of its samples."""

SILENCE = 3.0
"""Seconds between two samples: one a second is wanted, and a busy host makes them two."""


class Thing(NamedTuple):
    """What a state is of, and where: a program and its machine, or a node by its name."""

    what: str
    where: str


@dataclass(frozen=True)
class Sample:
    """What one source showed at one moment of the history's clock."""

    at: float
    states: Mapping[Thing, str]


@dataclass(frozen=True)
class Interval:
    """A state that lasted. Where it changed is known as well as samples are close: it begins when it was first seen."""

    what: str
    where: str
    state: str
    since: float
    until: float


def intervals(samples: Sequence[Sample], until: float) -> list[Interval]:
    """The intervals of one source's samples until an end, in their order; those of one thing leave no hole."""
    within = [sample for sample in samples if sample.at <= until]
    things = dict.fromkeys(thing for sample in within for thing in sample.states)
    return [interval for thing in things for interval in _of(thing, within, until)]


def _of(thing: Thing, samples: Sequence[Sample], until: float) -> Iterator[Interval]:
    begun: tuple[str, float] | None = None
    for at, state in _states(thing, samples, until):
        if begun and begun[0] != state:
            yield Interval(*thing, begun[0], begun[1], at)
        if not begun or begun[0] != state:
            begun = (state, at)
    if begun:
        yield Interval(*thing, begun[0], begun[1], until)


def _states(thing: Thing, samples: Sequence[Sample], until: float) -> Iterator[tuple[float, str]]:
    """The state at each sample, from the first that names it; where no more come, NO_ANSWER from the last one on."""
    last: float | None = None
    for sample in samples:
        if last is None and thing not in sample.states:
            continue
        if last is not None and sample.at - last > SILENCE:
            yield last, NO_ANSWER
        yield sample.at, sample.states.get(thing, NONE)
        last = sample.at
    if last is not None and until - last > SILENCE:
        yield last, NO_ANSWER


def changing(found: Sequence[Interval]) -> list[Interval]:
    """The intervals of what was in more than one state: the rest is of no interest beside a fault.

    Where a source was silent, all that it shows was: then only the source itself is one of these.
    """
    states: dict[Thing, set[str]] = {}
    for each in found:
        states.setdefault(Thing(each.what, each.where), set()).add(each.state)
    interesting = {thing for thing, own in states.items() if len(own if ANSWERS in own else own - {NO_ANSWER}) > 1}
    return [each for each in found if Thing(each.what, each.where) in interesting]
