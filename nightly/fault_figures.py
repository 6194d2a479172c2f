"""What is worth keeping of the faults of a run: the figures of each, and what happened inside meanwhile. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from nightly.store import Data
from report.reading import counts, mapping, mappings, number, text, texts
from report.records import Record
from report.results import Result
from resilience.faults.outcome import Ended
from resilience.figures.line import Line, line

_LONGEST_REASON = 400
_TRIED = (Ended.GREEN, Ended.RED, Ended.VOID)


def kept(cluster: str, records: Iterable[Record], tests: Sequence[Result]) -> Data:
    """The parts of a cluster that are about faults: `faults` has the figures of each, `inside` the intervals of each.

    Nothing where no fault was tried. What was skipped, or did not come to its end, is not kept. `tests` are the
    cluster's.
    Seconds; `gap`, `bound` and `healing` are None where there is none. An interval is what, where, state, since and
    until (seconds after the injection), and whether the state is a good one.
    """
    tried = [(found, each) for each in records if (found := line(each)) and found.cluster == cluster]
    tried = [(found, each) for found, each in tried if found.verdict in _TRIED]
    if not tried:
        return {}
    return {
        "faults": [_figures(found, each, tests) for found, each in tried],
        "inside": [_inside(each) for _, each in tried],
    }


def _figures(found: Line, record: Record, tests: Sequence[Result]) -> Data:
    return {
        "fault": found.fault,
        "scenario": _scenario(number(record, "began") or 0.0, tests),
        "began": number(record, "began"),
        "verdict": found.verdict,
        "why": [each[:_LONGEST_REASON] for each in found.why],
        "machines": texts(record, "machines"),
        "bound": found.bound if found.bounded else None,  # where all ways are spared, none is about them
        "gap": found.longest if found.measured else None,
        "lost": _lost(record),
        "requests": sum(found.requests.values()),
        "acknowledged": found.acknowledged,
        "found": found.found,
        "unknown": found.unknown,
        "healing": found.healing,
    }


def _scenario(began: float, tests: Sequence[Result]) -> str:
    """The scenario that tried a fault: the one that ran when it began. Empty where there is none."""
    return next((each.scenario for each in tests if each.start <= began <= each.start + each.seconds), "")


def _lost(record: Record) -> dict[str, int]:
    """Requests that were lost on any way, by how."""
    ways = [each for each in mapping(record, "ways").values() if isinstance(each, dict)]
    return dict(sum((Counter(counts(each, "lost")) for each in ways), Counter[str]()))


def _inside(record: Record) -> list[list[Any]]:
    return [
        [text(each, "what"), text(each, "where"), text(each, "state"), number(each, "since"), number(each, "until"),
         each.get("good") is True]
        for each in mappings(record, "inside")
    ]  # fmt: skip
