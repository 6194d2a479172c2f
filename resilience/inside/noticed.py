"""Which states are as they should be, and when what stands for clients and owners noticed a fault. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from resilience.inside.intervals import ANSWERS, NO_ANSWER, Interval
from resilience.inside.machines import BALANCER, ETCD, FOLLOWER, LEADER, LEARNER
from resilience.inside.nodes import NODE, READY

_BY = {BALANCER: "the balancer", NODE: "the API", ETCD: "etcd"}
"""Who it is that notices, by what it has states of."""


@dataclass(frozen=True)
class Noticed:
    """Who noticed what, and when, by the clock of the intervals."""

    by: str
    what: str
    at: float


def is_good(interval: Interval) -> bool:
    """Whether a state is one of a healthy cluster."""
    if interval.what == BALANCER:
        return interval.state.startswith(("UP", "no check"))
    if interval.what == NODE:
        return interval.state == READY
    if interval.what == ETCD:
        return interval.state in (LEADER, FOLLOWER, LEARNER)
    return interval.state == ANSWERS or interval.state.startswith("process")


def noticed(found: Sequence[Interval], injected: float) -> list[Noticed]:
    """What each of them saw after the injection: the first change for the worse, and the last one for the better.

    Silence is none of either: it says nothing of what was not heard.
    """
    heard = [each for each in found if each.state != NO_ANSWER]
    return sorted((*_of(BALANCER, heard, injected), *_of(NODE, heard, injected), *_led(heard, injected)), key=_at)


def _of(what: str, heard: Sequence[Interval], injected: float) -> Iterator[Noticed]:
    own = [each for each in heard if each.what == what]
    pairs = [
        (one, other) for where in {each.where for each in own}
        for one, other in pairwise([each for each in own if each.where == where]) if other.since > injected
    ]  # fmt: skip
    worse = min((other for one, other in pairs if is_good(one) and not is_good(other)), key=_since, default=None)
    if worse:
        yield Noticed(_BY[what], f"{worse.where} is {worse.state}", worse.since)
        better = [other for one, other in pairs if not is_good(one) and is_good(other) and other.since > worse.since]
        yield from (Noticed(_BY[what], f"{each.where} is {each.state} again", each.since)
                    for each in sorted(better, key=_since)[-1:])  # fmt: skip


def _led(heard: Sequence[Interval], injected: float) -> Iterator[Noticed]:
    """The first new leader. One that is cut off goes on to say that it leads: that is not a change."""
    own = [each for each in heard if each.what == ETCD and each.state == LEADER and each.since > injected]
    yield from (Noticed(_BY[ETCD], f"{each.where} leads", each.since) for each in sorted(own, key=_since)[:1])


def _since(interval: Interval) -> float:
    return interval.since


def _at(each: Noticed) -> float:
    return each.at
