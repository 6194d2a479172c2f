"""How long each cluster takes, from a store, for shards to be balanced by."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import median

from nightly.store import Store
from provision.config.cluster_id import ClusterId
from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput, Problem

_NEWEST = 60  # runs that are read
_ENOUGH = 5  # of a cluster: a host may be slower today than it was a month ago


def write(store: Store, out: Path) -> Path:
    """Write the file that `--ha-shard-durations` reads: seconds by the id that machines are made under.

    Of the newest runs that came to their end, the middle one counts. Raises BadInput where the store has none.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for _, run in store.runs(_NEWEST).runs:
        took: dict[str, float] = defaultdict(float)
        for name, cluster in run["clusters"].items() if run["complete"] else ():
            took[_made(name)] += cluster.get("seconds", 0.0)
        for name, seconds in took.items():
            if name and seconds and len(found[name]) < _ENOUGH:
                found[name].append(seconds)
    if not any(found.values()):
        raise BadInput(
            "the newest runs of this store do not say how long clusters took", fix="leave --ha-shard-durations out"
        )
    middle = {name: round(median(each), 1) for name, each in sorted(found.items()) if each}
    write_whole(out, json.dumps(middle, indent=1).encode() + b"\n")
    return out


def _made(name: str) -> str:
    """The id that a cluster's machines are made under; empty for one that was only checked."""
    try:
        return str(ClusterId.parse(name).made)
    except Problem:
        return ""
