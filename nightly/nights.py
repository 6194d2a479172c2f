"""Shards of a night as one run: what is missing of it is named, and what does not belong together stays apart. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nightly.store import Data
from provision.config.cluster_id import ClusterId
from provision.util.errors import Problem

INCOMPLETE = "incomplete"
"""The verdict of a night of which a shard is missing, or did not come to its end."""

_ENDED = ("passed", "failed", "nothing ran")

_NOT_RUN: Data = {
    "version": "", "state": "not run", "components": {}, "substitutions": [], "accommodations": {}, "corrections": {},
    "steps": [], "tests": {}, "failures": [], "commands": [], "faults": [],
}  # fmt: skip

Runs = Sequence[tuple[str, Data]]


def merged(runs: Runs, *, whole: bool = True) -> list[tuple[str, Data]]:
    """Runs, newest first, with the shards of each night as one run under the name of the first of them.

    Shards belong together where night, number, command, releases, clusters and harness are the same. Of one shard that
    ran twice, the newer run counts, and the older one stays by itself. A cluster that the night should have and no
    shard has is there with `missing`, which says why. Where these runs are not the `whole` store, what is cut off at
    its end is left out.
    """
    groups: dict[str, dict[int, tuple[str, Data]]] = {}
    found = []
    for name, run in runs:
        group = groups.setdefault(_identity(run), {}) if "shard" in run else None
        if group is None:
            found.append((name, run))
        elif run["shard"]["index"] in group:
            found.append((name, run | {"complete": False, "notes": [*run["notes"], "This shard ran again later."]}))
        else:
            group[run["shard"]["index"]] = (name, run)
    found += [_night(list(group.values()), groups.values()) for group in groups.values()]
    found.sort(key=lambda each: float(each[1]["started"]), reverse=True)
    while not whole and found and found[-1][1].get("missing"):
        found.pop()
    return found


def wrong(runs: Runs) -> list[str]:
    """What is wrong with the newest night of each command, in sentences."""
    newest: dict[str, Data] = {}
    for _, run in runs:
        newest.setdefault(run["command"], run)
    return [note for run in newest.values() for note in run.get("wrong", ())]


def _identity(run: Data) -> str:
    return json.dumps([run["shard"]["night"], run["shard"]["of"], _facts(run)], sort_keys=True)


def _facts(run: Data) -> dict[str, Any]:
    """What has to be the same for shards to be of one night, by what it is called."""
    words = {each["word"]: each["release"] for each in run["kubernetes"]}
    return {"command": run["command"], "releases of Kubernetes": words, "division into clusters": run["shard"]["parts"],
            "kubeadm-ha": run["harness"]}  # fmt: skip


def _night(shards: list[tuple[str, Data]], groups: Iterable[Mapping[int, tuple[str, Data]]]) -> tuple[str, Data]:
    runs = [run for _, run in sorted(shards, key=lambda each: int(each[1]["shard"]["index"]))]
    first, shard = runs[0], runs[0]["shard"]
    missing = sorted(set(range(1, shard["of"] + 1)) - {run["shard"]["index"] for run in runs})
    problems = [*_problems(runs, missing), *_others(first, missing, groups)]
    clusters = {name: cluster for run in runs for name, cluster in run["clusters"].items()}
    night = {
        "started": min(run["started"] for run in runs),
        "finished": max(run["finished"] for run in runs),
        "verdict": _verdict(runs, missing),
        "notes": [*problems, *(note for run in runs for note in run["notes"])],
        "complete": not missing and all(run["complete"] for run in runs),
        "clusters": clusters | _absent(shard, clusters, missing),
        "night": shard["night"],
        "missing": missing,
        "wrong": problems,
    }
    return min(name for name, _ in shards), first | night


def _verdict(runs: Sequence[Data], missing: Sequence[int]) -> str:
    words = [run["verdict"] for run in runs]
    if missing or not all(word in _ENDED for word in words):
        return INCOMPLETE
    return next((word for word in ("failed", "passed") if word in words), "nothing ran")


def _problems(runs: Sequence[Data], missing: Sequence[int]) -> Iterator[str]:
    night, of = runs[0]["shard"]["night"], runs[0]["shard"]["of"]
    for index in missing:
        yield f"Shard {index}/{of} of the night {night} is missing: it did not run, or its results were not added."
    for run in runs:
        if run["verdict"] not in _ENDED:
            yield f"Shard {run['shard']['index']}/{of} of the night {night} did not come to its end: {run['verdict']}."


def _others(first: Data, missing: Sequence[int], groups: Iterable[Mapping[int, tuple[str, Data]]]) -> Iterator[str]:
    """Shards that could be the missing ones by their names, but are of another run: in what they differ."""
    night, of = first["shard"]["night"], first["shard"]["of"]
    incomplete = (group for group in groups if len(group) < of)
    for _, run in (group[index] for group in incomplete for index in missing if index in group):
        if (run["shard"]["night"], run["shard"]["of"]) == (night, of):
            index, what = run["shard"]["index"], _differences(_facts(run), _facts(first))
            yield f"Shard {index}/{of} of the night {night} is of another run, and is not merged. It differs in {what}."


def _differences(theirs: Data, ours: Data) -> str:
    return "; ".join(
        f"{name} ({_shown(theirs[name])}, and here {_shown(ours[name])})" for name in ours if theirs[name] != ours[name]
    )


def _shown(value: Any) -> str:
    return " ".join(f"{key}: {each}" for key, each in value.items()) if isinstance(value, dict) else str(value)


def _absent(shard: Data, clusters: Mapping[str, Data], missing: Sequence[int]) -> dict[str, Data]:
    """The clusters that the night should have and no shard has, each with the reason."""
    there = {_made(name) for name in clusters}
    return {
        cluster: _NOT_RUN | {
            "missing": f"shard {index}/{shard['of']} {'is missing' if index in missing else 'did not come to it'}"
        }
        for cluster, index in shard["parts"].items() if cluster not in there
    }  # fmt: skip


def _made(cluster: str) -> str:
    try:
        return str(ClusterId.parse(cluster).made)
    except Problem:
        return cluster
