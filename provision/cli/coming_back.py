"""The verbs of clusters that come back in seconds: frozen on disk and thawed, or paused in memory and resumed."""

from __future__ import annotations

import argparse
import sys
import time

from provision.cli import fixes
from provision.cli.verbs import clusters_of, existing_id
from provision.clusters.freezing import Freezer
from provision.clusters.frozen_copies import Copy
from provision.clusters.pausing import Pauser
from provision.config.settings import Settings
from provision.util.durations import duration
from provision.util.errors import BadInput

_HOUR = 3600  # seconds


def freeze(settings: Settings, options: argparse.Namespace) -> int:
    """Freeze a ready cluster under a name; answers with the name."""
    clusters = clusters_of(settings, options)
    cluster, start = existing_id(clusters, options.cluster), time.monotonic()
    copy = Freezer(clusters).freeze(cluster, options.name)
    print(copy.name, flush=True)
    took = duration(time.monotonic() - start)
    print(f"{cluster} was frozen in {took}, and goes on; to have it as it was: ./run thaw {copy.name}", file=sys.stderr)
    return 0


def thaw(settings: Settings, options: argparse.Namespace) -> int:
    """Make a frozen cluster again; answers with its id."""
    clusters, start = clusters_of(settings, options), time.monotonic()
    cluster = Freezer(clusters).thaw(options.name).cluster
    print(cluster.id, flush=True)
    first = cluster.control_planes[0].name
    line = fixes.next_commands(str(cluster.id), first, clusters.registry.ids(), fixes.given(options))
    print(f"ready in {duration(time.monotonic() - start)}: {line}", file=sys.stderr)
    return 0


def frozen(settings: Settings, options: argparse.Namespace) -> int:
    """One line a frozen cluster: name, id, version, MB of its own, age and owner; or remove one, and print its name."""
    freezer = Freezer(clusters_of(settings, options))
    copies = freezer.copies
    if options.action == "remove":
        if not options.name:
            raise BadInput("which one is to be removed?", fix="./run frozen  # lists them")
        copies.remove(options.name)
        print(options.name)
        return 0
    copies.sweep()
    rows = [_row(each, freezer) for each in copies]
    rows += [(name, f"(cannot be read: {problem.fix})") for name, problem in copies.unreadable().items()]
    if not rows:
        print("no frozen clusters", file=sys.stderr)
    for row in rows:
        print("\t".join(row))
    return 0


def _row(copy: Copy, freezer: Freezer) -> tuple[str, ...]:
    owner = "kept" if copy.state.kept else "abandoned" if freezer.is_abandoned(copy) else f"process {copy.state.owner}"
    return copy.name, copy.state.id, copy.state.version, f"{copy.megabytes()} MB", _age(copy.age), owner


def _age(seconds: float) -> str:
    return f"{seconds / _HOUR:.1f} h"


def pause(settings: Settings, options: argparse.Namespace) -> int:
    """Pause a ready cluster; answers with its id."""
    clusters = clusters_of(settings, options)
    cluster = existing_id(clusters, options.cluster)
    Pauser(clusters).pause(cluster)
    print(cluster, flush=True)
    print(f"paused: ./run resume {cluster}", file=sys.stderr)
    return 0


def resume(settings: Settings, options: argparse.Namespace) -> int:
    """Let a paused cluster go on; answers with its id when its machines answer."""
    clusters = clusters_of(settings, options)
    cluster, start = existing_id(clusters, options.cluster), time.monotonic()
    Pauser(clusters).resume(cluster)
    print(cluster, flush=True)
    print(f"resumed in {duration(time.monotonic() - start)}", file=sys.stderr)
    return 0
