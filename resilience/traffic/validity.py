"""Whether a run says anything: one with too little traffic, or on a host that was too busy, is void. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from resilience.availability import operations
from resilience.histories.records import Record
from resilience.traffic.delays import Delay

LEAST = 20.0
"""Operations a second before the fault: with fewer, what a fault does between two of them is not seen."""

LATEST = 1.0
"""Seconds that this process may be late: an outage that is measured may be as much too long."""


def void(
    records: Iterable[Record], clients: Collection[str], delay: Delay, injected: float | None = None
) -> Iterator[str]:
    """Why a run says nothing; nothing where it does. `clients` are those that must have worked before the fault."""
    if delay.seconds > LATEST:
        yield f"this host was too busy: a thread woke {delay.seconds:.1f} s too late, and {LATEST:.0f} s is the limit"
    every = [each for each in operations(records) if each.client in clients]
    begin = min((each.invoked for each in every), default=0.0)
    last = max((each.answered for each in every if each.answered is not None), default=begin)
    end = last if injected is None else injected
    done = [each for each in every if each.answered is not None and each.answered <= end]
    rate = len(done) / (end - begin) if end > begin else 0.0
    if rate < LEAST:
        yield f"{rate:.1f} operations a second before the fault, and {LEAST:.0f} are the least"
    if silent := sorted(set(clients) - {each.client for each in done if each.served}):
        yield f"without an answer before the fault: {', '.join(silent)}"
