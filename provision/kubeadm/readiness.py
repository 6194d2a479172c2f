"""What the API says of nodes, pods and leases: whether they are ready, and when each node was last heard of. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from provision.util.concurrency import NotYet
from provision.util.result import Result

Item = Mapping[str, Any]


def items(answered: Result) -> Sequence[Item] | NotYet:
    """The objects that `kubectl get … -o json` printed, or why there are none."""
    if refusal := answered.refusal:
        return refusal
    try:
        found = json.loads(answered.stdout)["items"]
    except (ValueError, KeyError, TypeError):
        found = None
    return found if isinstance(found, list) else NotYet(f"kubectl printed no objects: {answered.stdout[:200]}")


def of(items: Iterable[Item], kind: str, namespace: str = "") -> Iterator[Item]:
    """Those of one kind in one namespace, or in none."""
    for each in items:
        if each["kind"] == kind and each["metadata"].get("namespace", "") == namespace:
            yield each


def is_ready(item: Item) -> bool:
    """Whether a node or a pod says that it is ready."""
    conditions = item.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def renewed(items: Iterable[Item]) -> dict[str, float]:
    """When each node's lease was last renewed, in seconds since the epoch; 0 where it never was."""
    leases = of(items, "Lease", "kube-node-lease")
    return {each["metadata"]["name"]: seconds(each["spec"].get("renewTime")) for each in leases}


def seconds(moment: str | None) -> float:
    """A time of the API's in seconds since the epoch; 0 for none."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
