"""One run of a fault as a line of figures, from its record. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from report.reading import counts, mapping, number, text, texts
from resilience.availability import SERVICE
from resilience.faults.outcome import Ended
from resilience.histories.verdict import Broken


@dataclass(frozen=True)
class Line:
    """What is kept of a run. Seconds but for the counts; names of ways as in the record.

    `found` are acknowledged writes that the history's check did not miss; `appeared` are unknown ones that were done.
    `lost` has the ways that lost any request. `spared` ways may be gone for as long as the fault lasts. `why` is why a
    run is red, void or skipped, and `notes` are what a reader should know of what was done.
    """

    date: str
    fault: str
    cluster: str
    topology: str
    kubeadm: str
    verdict: str
    why: Sequence[str] = field(default_factory=list)
    seed: int = 0
    load: float = 0.0
    processors: int = 0
    bound: float = 0.0
    gaps: Mapping[str, float] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    spared: Sequence[str] = field(default_factory=list)
    acknowledged: int = 0
    found: int = 0
    unknown: int = 0
    appeared: int = 0
    in_effect: float | None = None
    undone: float | None = None
    healing: float | None = None
    requests: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = field(default_factory=list)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it this run: nothing begins twice on one cluster at one moment."""
        return self.date, self.cluster, self.fault

    @property
    def measured(self) -> bool:
        """Whether its figures mean anything: a void run's do not."""
        return self.verdict in (Ended.GREEN, Ended.RED) and bool(self.gaps)

    @property
    def bounded(self) -> dict[str, float]:
        """The gaps of the ways that the bound is about: by the Service it may be longer, and on spared ways, too."""
        return {way: gap for way, gap in self.gaps.items() if way not in self.spared and way != SERVICE}

    @property
    def longest(self) -> float:
        """The longest gap of the ways that the bound is about; of all, where all are spared. There are some."""
        return max((self.bounded or self.gaps).values())

    def __str__(self) -> str:
        """As it stands in the store: without what there is nothing of."""
        return json.dumps({key: value for key, value in asdict(self).items() if value not in (None, [], {})})

    @classmethod
    def parse(cls, line: str) -> Self:
        """The inverse of `str()`; raises ValueError or TypeError."""
        return cls(**json.loads(line))


def line(record: Mapping[str, Any]) -> Line | None:
    """The line of a record; None for a run that was ended before its end, or whose record does not say when it was."""
    began = number(record, "began")
    if not began or record.get("interrupted") is True:
        return None
    ways = {name: way for name, way in mapping(record, "ways").items() if isinstance(way, dict)}
    lost = {name: sum(counts(way, "lost").values()) for name, way in ways.items()}
    times = mapping(record, "times")
    why = text(record, "why")
    return Line(
        datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds"),
        text(record, "fault"), text(record, "cluster"), text(record, "topology"), text(record, "version"),
        text(record, "ended"), [why] if why else [*texts(record, "red"), *texts(record, "void")],
        int(number(record, "seed") or 0), _rounded(number(record, "load")) or 0.0,
        int(number(record, "processors") or 0), number(mapping(record, "bound"), "seconds") or 0.0,
        {name: _rounded(number(way, "longest")) or 0.0 for name, way in ways.items()},
        {name: count for name, count in lost.items() if count},
        [name for name, way in ways.items() if way.get("spared") is True],
        *_writes(record),
        _rounded(number(times, "in_effect")), _rounded(number(times, "undone")), _rounded(number(record, "healing")),
        {name: int(number(way, "requests") or 0) for name, way in ways.items()}, texts(record, "notes"),
    )  # fmt: skip


def _writes(record: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Acknowledged writes, those of them that were found, unknown ones, and those of them that appeared."""
    counted = counts(record, "writes")
    acknowledged = counted.get("ok", 0)
    missed = sum(each.startswith(f"{Broken.LOST_WRITE}:") for each in texts(record, "violations"))
    return acknowledged, acknowledged - missed, counted.get("unknown", 0), counted.get("appeared", 0)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
