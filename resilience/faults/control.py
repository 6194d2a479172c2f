"""The same traffic without a fault: what clients wait for anyway, on this cluster and this host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resilience import availability
from resilience.histories import files
from resilience.histories.judging import judge
from resilience.traffic.traffic import Finished


@dataclass(frozen=True)
class Control:
    """Each way's longest gap, in seconds; and why they say nothing, in sentences."""

    gaps: Mapping[str, float] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def measured(finished: Finished, begin: float, end: float) -> Control:
    """What traffic met between two times of its history's clock."""
    records = list(files.read(finished.history))
    found = availability.measured(records, begin, end)
    broken = [f"{each.kind}: {each.sentence}" for each in judge(records).violations]
    gaps = {way: each.longest.seconds if each.longest else 0.0 for way, each in found.items()}
    return Control(gaps, (*finished.void, *broken))
