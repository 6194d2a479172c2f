"""The verb that removes clusters, and what processes have left that are gone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from provision.artifacts import housekeeping
from provision.cli.verbs import clusters_of, existing_id, strangers
from provision.clusters.freezing import Freezer
from provision.clusters.lifecycle import Clusters
from provision.clusters.registry import ClusterRegistry
from provision.config.settings import Settings
from provision.util.errors import BadInput, Problem


def clean(settings: Settings, options: argparse.Namespace) -> int:
    """Remove clusters; answers with the ids of what was removed, and 1 where something is left that was to go.

    What cannot be read or is another process's is named and left. Frozen copies go that runs have made for themselves
    and left: of the one cluster, or of all.
    """
    if options.forget and not options.cluster:
        raise BadInput("--forget is for one cluster, on machines of an inventory", fix="./run clean ID --forget")
    clusters = clusters_of(settings, options)
    freezer = Freezer(clusters)
    copied = freezer.abandoned()  # before this process has the locks by which that is known
    if options.cluster:
        cluster = existing_id(clusters, options.cluster, *copied)
        made_here = clusters.registry.is_made_here(cluster)
        _clean(clusters.registry, cluster, forget=options.forget)
        if not made_here:
            return 0
        left = _clean_copies(freezer, [cluster])
    else:
        left = _clean_all(clusters, freezer, copied, everything=options.all)
    freezer.copies.sweep()
    if engine := clusters.host.installed_engine:
        housekeeping.sweep(clusters.host.home, engine)
    return min(left, 1)


def _clean(registry: ClusterRegistry, cluster: str, *, forget: bool = False) -> None:
    if forget:
        registry.forget(cluster)
    else:
        registry.remove(cluster, kept_too=True)
    print(cluster)


def _clean_all(clusters: Clusters, freezer: Freezer, copied: list[str], *, everything: bool) -> int:
    """Remove all clusters that were made here, or only the abandoned ones; how many of these are left.

    `copied` are the ids of the clusters of which there are abandoned copies.
    """
    registry, left = clusters.registry, 0
    unreadable = registry.states.unreadable()
    left_alone = [*unreadable.values(), *freezer.copies.unreadable().values()]
    for line in [*map(str, left_alone), *map("\t".join, strangers(clusters))]:
        print(line, file=sys.stderr)
    going = registry.made_here() if everything else registry.abandoned()
    for cluster in going:
        try:
            registry.remove(cluster, kept_too=everything)
            print(cluster)
        except (Problem, OSError) as problem:
            print(f"{cluster} is left: {problem}", file=sys.stderr)
            left += 1
    left += _clean_copies(freezer, copied)
    if not (going or copied):
        others = "; what is kept or in use: ./run status" if registry.ids() else ""
        print(f"nothing to remove{others}", file=sys.stderr)
    return left + len(unreadable) if everything else left


def _clean_copies(freezer: Freezer, clusters: Iterable[str]) -> int:
    """Remove the frozen copies that runs have left of these clusters; of how many clusters one could not be removed."""
    left = 0
    for cluster in clusters:
        try:
            for name in freezer.remove_abandoned(cluster):
                print(f"{name} is removed: a run froze {cluster} for itself, and is gone", file=sys.stderr)
        except (Problem, OSError) as problem:
            print(f"what a run froze of {cluster} for itself is left: {problem}", file=sys.stderr)
            left += 1
    return left
