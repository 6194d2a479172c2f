"""From what clients recorded under a fault to its outcome. Pure, but for reading the history's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from resilience import availability
from resilience.availability import API, BALANCER_KEPT, BALANCER_NEW, SERVICE, Availability, Operation
from resilience.faults import forgetting
from resilience.faults.bounds import ENDPOINTS
from resilience.faults.fault import Fault, Spared
from resilience.faults.forgetting import Loss
from resilience.faults.outcome import Outcome, Times, Way
from resilience.faults.strips import strip
from resilience.histories import files
from resilience.histories.judging import judge
from resilience.histories.operations import WRITES
from resilience.histories.records import Answered, Invoked, Record
from resilience.histories.records import Outcome as Answer
from resilience.histories.verdict import Verdict

_SHOWN = 3  # violations in a message; all are in the record


def judged(
    outcome: Outcome, fault: Fault, history: Path, until: float, control: Mapping[str, float], lost: int | None = None
) -> None:
    """Add to an outcome what its history says. `until` is when the run ended, `control` each way's gap without it.

    What was written behind the revision `lost` is not there any more, by definition.
    """
    records = list(files.read(history))
    if lost is None:
        verdict = judge(records)
    else:
        began = outcome.times.injected + (outcome.times.undoing or 0.0)
        verdict, wrong = forgetting.judged(records, Loss(lost, began))
        outcome.red += wrong
    outcome.violations = [f"{each.kind}: {each.sentence}" for each in verdict.violations]
    outcome.undecided = verdict.undecided
    outcome.writes, outcome.operations = _writes(verdict), sum(verdict.operations.values())
    found = availability.measured(records, outcome.times.injected, until)
    every = availability.ways(records)
    outcome.ways = {
        name: _way(outcome, fault, each, control.get(name, 0.0), every[name], until) for name, each in found.items()
    }
    outcome.red += _broken(outcome, history)
    if fault.mute:
        outcome.red += _accepted(records, outcome.times)


def _way(
    outcome: Outcome, fault: Fault, found: Availability, control: float, every: Sequence[Operation], until: float
) -> Way:
    gap = found.longest
    return Way(
        found.requests, {str(loss): count for loss, count in found.lost.items()}, gap.seconds if gap else 0.0,
        gap is None or gap.ended or not found.lost, limit(outcome, fault, found.way) + control + outcome.delay, control,
        found.first_success, found.served_again, found.idle, is_spared(fault.spared, outcome.machines, found.way),
        strip(every, found.gaps, control + outcome.delay, outcome.times.injected, until),
    )  # fmt: skip


def limit(outcome: Outcome, fault: Fault, way: str) -> float:
    """How long a way's requests may find no answer."""
    if is_spared(fault.spared, outcome.machines, way):
        return (outcome.times.undone or 0.0) + fault.heals.seconds
    return fault.bound_on(outcome.topology).seconds + (ENDPOINTS.seconds if way == SERVICE else 0.0)


def is_spared(spared: frozenset[Spared], hit: Sequence[str], way: str) -> bool:
    """Whether a way may be gone for as long as a fault lasts."""
    if Spared.ALL in spared or (Spared.BALANCER in spared and way in (BALANCER_NEW, BALANCER_KEPT)):
        return True
    return Spared.HIT in spared and way in {f"{API}/{name}" for name in hit}


def _broken(outcome: Outcome, history: Path) -> Iterator[str]:
    yield from (f"the history contradicts itself: {each}" for each in outcome.violations[:_SHOWN])
    if len(outcome.violations) > _SHOWN:
        yield f"{len(outcome.violations) - _SHOWN} more violations, in {history}"
    for name, way in outcome.ways.items():
        if way.longest > way.limit:
            yield f"{name}: no answer for {way.longest:.1f} s, and {way.limit:.1f} s is the bound"
        elif not way.served_at_the_end:
            yield f"{name}: no answer from then until the end, for {way.longest:.1f} s"


def _accepted(records: Sequence[Record], times: Times) -> Iterator[str]:
    """Writes that were acknowledged while there was no quorum that could have them."""
    if times.in_effect is None or times.undoing is None:
        return
    begin, end = times.injected + times.in_effect, times.injected + times.undoing
    begun = {each.id: each for each in records if isinstance(each, Invoked) and each.kind in WRITES and each.at > begin}
    for each in records:
        if isinstance(each, Answered) and each.id in begun and each.outcome is Answer.OK and each.at < end:
            write = begun[each.id]
            yield f"operation {write.id} of {write.client}: the {write.kind} was accepted without a quorum"


def _writes(verdict: Verdict) -> dict[str, int]:
    counted: dict[str, int] = {}
    for (kind, answered), count in verdict.operations.items():
        if kind in {str(each) for each in WRITES}:
            counted[answered] = counted.get(answered, 0) + count
    return counted | {"appeared": verdict.appeared, "unseen": verdict.unseen}
