"""The availability curve of a cluster: seconds into a fixed width, drawn by the report as a small picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provision.loadbalancer.availability import Outage, Sample, outages

WIDTH, HEIGHT = 1000, 60
"""Of the picture, in its own units."""


@dataclass(frozen=True)
class Mark:
    """A stretch of the picture, and what it stands for."""

    left: float
    width: float
    title: str


@dataclass(frozen=True)
class Curve:
    """How long each answer took, as the points of a line, and where there was none. `seconds` is the whole width."""

    points: str
    gaps: list[Mark]
    seconds: float
    requests: int
    answered: int
    slowest: float
    longest: float

    @property
    def share(self) -> str:
        """How many of the requests were answered, as people say it: never rounded up to all."""
        share = 100 * self.answered / self.requests
        return f"{min(share, 99.99) if self.answered < self.requests else share:.2f}".rstrip("0").rstrip(".") + " %"


def curve(recorded: Sequence[Sequence[float]]) -> Curve | None:
    """From recorded requests, as (seconds, took, ok); None where there are none."""
    requests = [Sample(at, took, bool(ok)) for at, took, ok in recorded]
    if not requests:
        return None
    begin, end = requests[0].at, max(requests[-1].at + requests[-1].took - requests[0].at, 0.001)
    slowest = max((sample.took for sample in requests if sample.ok), default=0.0)
    points = " ".join(
        f"{(sample.at - begin) / end * WIDTH:.1f},{HEIGHT * (1 - sample.took / max(slowest, 0.001)):.1f}"
        for sample in requests if sample.ok
    )  # fmt: skip
    gone = outages(requests)
    return Curve(
        points, [_mark(each, begin, end) for each in gone], end, len(requests), sum(sample.ok for sample in requests),
        slowest, max((each.seconds for each in gone), default=0.0),
    )  # fmt: skip


def _mark(outage: Outage, begin: float, end: float) -> Mark:
    left, width = (outage.at - begin) / end * WIDTH, max(outage.seconds / end * WIDTH, 1.5)
    return Mark(round(left, 1), round(width, 1), f"no answer for {outage.seconds:.1f} s")
