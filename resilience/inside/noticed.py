"""Which states are as they should be, and when what stands for clients and owners noticed a fault. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resilience.inside.intervals import Interval
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
    return interval.state.startswith("process")


def noticed(found: Sequence[Interval], injected: float) -> list[Noticed]:
    """The first change for the worse that each of them saw after the injection, and the last one for the better."""
    return sorted(_all(found, injected), key=lambda each: each.at)


def _all(found: Sequence[Interval], injected: float) -> Iterator[Noticed]:
    for what, by in _BY.items():
        own = sorted(
            (each for each in found if each.what == what and each.since > injected), key=lambda each: each.since
        )
        worse = next((each for each in own if not is_good(each)), None)
        if what == ETCD:  # a leader that is cut off says of itself what is not so any more: another one counts
            leads = next((each for each in own if each.state == LEADER), None)
            yield from [Noticed(by, f"{leads.where} leads", leads.since)] if leads else []
        elif worse:
            yield Noticed(by, f"{worse.where} is {worse.state}", worse.since)
            better = [each for each in own if is_good(each) and each.since > worse.since]
            yield from [Noticed(by, f"{each.where} is {each.state} again", each.since) for each in better[-1:]]
