"""What would be made, in which order, with how much memory, and which commands would run. Makes nothing."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator

from provision.clusters.lifecycle import Clusters
from provision.config import shards
from provision.config.choices import topologies
from provision.config.settings import Settings


def plan(settings: Settings, options: argparse.Namespace) -> int:
    """The verb: prints the plan of each cluster that `up` or a test run would make."""
    clusters = Clusters(settings)
    for line in _shards(settings, clusters, options.cluster):
        print(line)
    for line in clusters.preview(options.cluster):
        print(line)
    return 0


def _shards(settings: Settings, clusters: Clusters, text: str) -> Iterator[str]:
    """Which clusters of a topology each shard of the night has; nothing where no shard is chosen, or one cluster."""
    part = settings.part
    if not part or text not in topologies():
        return
    found = clusters.selection.shards(text)
    yield f"shard {part} of the night {shards.night(settings.night, os.environ, time.time())}:"
    for index in range(1, part.of + 1):
        own = [cluster for cluster, shard in found.items() if shard == index]
        minutes = sum(shards.duration(cluster, settings.durations) for cluster in own) / 60
        mark = ">" if index == part.index else " "
        yield f"{mark} {index}/{part.of}: {', '.join(own) or 'no cluster'} ({minutes:.0f} min)"
