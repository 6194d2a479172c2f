"""How available the API was on each way to it, from what clients recorded. Pure.

A request is served when the API answered it about objects, be it with a conflict; otherwise it is lost. A client's name
begins with its way: `balancer-new/1` and `balancer-new/2` go by one, `api/cp1` and `api/cp2` by two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from resilience.histories.records import Answered, Invoked, Loss, Outcome, Record

BALANCER_NEW, BALANCER_KEPT, SERVICE, API = "balancer-new", "balancer-kept", "service", "api"
"""The ways: by the load balancer with a connection for each request, and with one that is kept; from a pod by the
Service; and to one API server, whose machine's name stands behind it (`api/cp1`)."""


@dataclass(frozen=True)
class Operation:
    """One request. `answered` is None, and the loss a timeout, where nothing came until the end."""

    client: str
    invoked: float
    answered: float | None
    loss: Loss

    @property
    def served(self) -> bool:
        """Whether the API answered."""
        return self.answered is not None and not self.loss


@dataclass(frozen=True)
class Gap:
    """From one request that was served to the answer of the next, in seconds of the history's clock.

    `ended` is False where none was served any more: then `end` is the end of what was measured.
    """

    begin: float
    end: float
    ended: bool = True

    @property
    def seconds(self) -> float:
        """How long it was. Clients have turns: while nothing is wrong, it is the time between two of these."""
        return self.end - self.begin


@dataclass(frozen=True)
class Availability:
    """What requests met on one way, from the injection of a fault on.

    `first_success` is how many seconds after the injection the first answer came to a request that began after it;
    None where none came. Few faults have their effect at once: `served_again` is when the longest gap ended, where
    requests were lost; None where none was, or where it did not end. `last_loss` is when the last one was lost. All are
    seconds after the injection. `idle` is the longest time in which no request was on its way: while nothing is wrong,
    that between two turns; where it is as long as the longest gap, it is the client that was gone, and not the API.
    `gaps` are all of them, in their order.
    """

    way: str
    requests: int
    lost: Mapping[Loss, int] = field(default_factory=dict)
    longest: Gap | None = None
    first_success: float | None = None
    served_again: float | None = None
    last_loss: float | None = None
    idle: float = 0.0
    gaps: Sequence[Gap] = ()


def way_of(client: str) -> str | None:
    """The way that a client goes by; None for watchers, and what reads at the end."""
    way, _, which = client.partition("/")
    if way == API:
        return client if which else None
    return way if way in (BALANCER_NEW, BALANCER_KEPT, SERVICE) else None


def operations(records: Iterable[Record]) -> list[Operation]:
    """Every request that was begun, in the order of their beginnings."""
    begun: dict[int, Invoked] = {}
    answers: dict[int, Answered] = {}
    for each in records:
        if isinstance(each, Invoked):
            begun[each.id] = each
        elif isinstance(each, Answered):
            answers[each.id] = each
    found = [_operation(each, answers.get(number)) for number, each in begun.items()]
    return sorted(found, key=lambda each: each.invoked)


def _operation(invoked: Invoked, answered: Answered | None) -> Operation:
    if answered is None:
        return Operation(invoked.client, invoked.at, None, Loss.TIMEOUT)
    unexplained = answered.outcome is Outcome.UNKNOWN and not answered.loss
    return Operation(invoked.client, invoked.at, answered.at, Loss.OTHER if unexplained else answered.loss)


def ways(records: Iterable[Record]) -> dict[str, list[Operation]]:
    """The requests of each way, by its name."""
    found: dict[str, list[Operation]] = {}
    for each in operations(records):
        if way := way_of(each.client):
            found.setdefault(way, []).append(each)
    return found


def measured(
    records: Iterable[Record], injected: float | None = None, until: float | None = None
) -> dict[str, Availability]:
    """Each way's availability between two times, by its name; by default from the first request to the last answer.

    A request counts that ended in that time, or that went on in it: one that a fault met on its way, too.
    """
    by_way = ways(records)
    times = [
        time for some in by_way.values() for each in some for time in (each.invoked, each.answered) if time is not None
    ]
    begin = min(times, default=0.0) if injected is None else injected
    end = max(times, default=0.0) if until is None else until
    return {way: _measured(way, some, begin, max(begin, end)) for way, some in sorted(by_way.items())}


def _measured(way: str, every: list[Operation], begin: float, end: float) -> Availability:
    within = [each for each in every if each.invoked <= end and (each.answered is None or each.answered >= begin)]
    lost = [each for each in within if not each.served]
    after = [each.answered for each in within if each.served and each.answered and each.invoked >= begin]
    gaps = _gaps(every, begin, end)
    gap = max(gaps, key=lambda each: each.seconds, default=None)
    return Availability(
        way,
        len(within),
        Counter(each.loss for each in lost),
        gap,
        min(after) - begin if after else None,
        gap.end - begin if gap and gap.ended and lost else None,
        max((end if each.answered is None else each.answered) - begin for each in lost) if lost else None,
        _idle(within, begin, end),
        gaps,
    )


def _idle(within: list[Operation], begin: float, end: float) -> float:
    """The longest part of a time in which no request was on its way; one without an answer is, until the end."""
    longest, busy_until = 0.0, begin
    for each in within:  # by their beginnings
        longest = max(longest, each.invoked - busy_until)
        busy_until = max(busy_until, end if each.answered is None else each.answered)
    return max(longest, end - busy_until)


def _gaps(every: list[Operation], begin: float, end: float) -> list[Gap]:
    """All gaps that reach into a time; none where that time is empty.

    The first begins with the last answer before that time, or where that begins, if there was none.
    """
    answers = sorted(each.answered for each in every if each.served and each.answered is not None)
    before = [each for each in answers if each <= begin]
    within = [each for each in answers if begin < each <= end]
    edges = [before[-1] if before else begin, *within]
    gaps = [Gap(one, other) for one, other in pairwise(edges)]
    if end > edges[-1]:
        after = [each for each in answers if each > end]
        gaps.append(Gap(edges[-1], end, ended=bool(after)))
    return gaps
