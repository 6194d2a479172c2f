"""Parts of a night for several hosts: which clusters of a run are in which shard, the same wherever that is worked out.

A cluster is whole in one shard, with its machines before and after an upgrade. Pure, but for the file of durations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from types import MappingProxyType

from provision.config.cluster_id import ClusterId
from provision.util.errors import BadInput

_SHARD = re.compile(r"([1-9]\d{0,2})/([1-9]\d{0,2})")

_NIGHT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
"""A night's name is a word on pages, and part of no path."""

_OF_CI = ("GITHUB_RUN_ID", "CI_PIPELINE_ID")
"""Variables that are equal for all jobs of one workflow or pipeline, whichever of them is started again: of GitHub
(https://docs.github.com/actions/reference/workflows-and-actions/variables) and GitLab
(https://docs.gitlab.com/ci/variables/predefined_variables/). Prow's BUILD_ID is another one for each job."""

ESTIMATED: Mapping[str, float] = MappingProxyType({"usual": 120, "mutable": 600, "upgraded": 840, "faults": 1800})
"""Seconds a cluster takes, by its kind, where nothing was measured. Two minutes for what is built and checked,
fourteen for an upgrade, thirty for quick faults are those of docs/nightly.md; ten for what is changed is a guess."""

MEASURE = "./run results durations --store DIR --out FILE"
"""The command that writes a file of durations."""


@dataclass(frozen=True)
class Shard:
    """One of `of` parts of a night; `index` counts from 1."""

    index: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """As in `2/5`; raises BadInput."""
        match = _SHARD.fullmatch(text)
        if not match or int(match[1]) > int(match[2]):
            raise BadInput(f"'{text}' is not a shard: the second of five parts is 2/5", fix="--ha-shard 1/2")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


def partition(clusters: Collection[str], of: int, seconds: Mapping[str, float]) -> dict[str, int]:
    """Each cluster's shard, from 1, by its id; the longest goes first to whichever shard has the least to do.

    `seconds` are those that were measured, by id. The result depends on nothing but these arguments, and on no order.
    """
    took = {cluster: duration(cluster, seconds) for cluster in clusters}
    loads = dict.fromkeys(range(1, of + 1), 0.0)
    found = {}
    for cluster in sorted(took, key=lambda each: (-took[each], each)):
        found[cluster] = min(loads, key=lambda shard: (loads[shard], shard))
        loads[found[cluster]] += took[cluster]
    return dict(sorted(found.items()))


def duration(cluster: str, seconds: Mapping[str, float]) -> float:
    """How long a cluster takes: as measured; or as those of the same path in other versions, of the same kind; or so
    long as is estimated for its kind."""
    if cluster in seconds:
        return seconds[cluster]
    for alike in (_path, kind):
        if found := [took for name, took in seconds.items() if alike(name) == alike(cluster)]:
            return median(found)
    return ESTIMATED[kind(cluster)]


@cache
def kind(cluster: str) -> str:
    """One of `ESTIMATED`."""
    known = ClusterId.parse(cluster)
    return "faults" if known.faults else "mutable" if known.mutable else "upgraded" if known.origin else "usual"


@cache
def _path(cluster: str) -> str:
    """The id without its version, and without the one that it is upgraded from."""
    known = ClusterId.parse(cluster)
    return str(replace(known, version="1.0", variant=str(replace(known.parts, origin="1.0" if known.origin else ""))))


def measured(path: Path) -> dict[str, float]:
    """Seconds by cluster id, as `results durations` of `./run` writes them; raises BadInput for anything else."""
    try:
        read = json.loads(path.read_text())
        found = {str(ClusterId.parse(name).made): float(took) for name, took in read.items()}
    except (OSError, ValueError, TypeError, AttributeError, BadInput) as error:
        raise BadInput(f"durations of clusters cannot be read from {path}", answer=str(error), fix=MEASURE) from None
    if not all(0 < took < float("inf") for took in found.values()):
        raise BadInput(f"durations of clusters in {path} are not all of them seconds", fix=MEASURE)
    return found


def night(name: str, environment: Mapping[str, str], now: float) -> str:
    """What a night is called: the name that is given, else the run of a CI service, else the day (UTC).

    Raises BadInput for what is not a name.
    """
    if name and not _NIGHT.fullmatch(name):
        raise BadInput(
            f"'{name}' is not a name of a night: letters, digits, and . _ : - between them", fix="--ha-night NAME"
        )
    found = next((value for each in _OF_CI if _NIGHT.fullmatch(value := environment.get(each, ""))), "")
    return name or found or datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
