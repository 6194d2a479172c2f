"""Machines that were started again: when their cluster is what it was.

What the API says of nodes and pods is at first what was true before; so only what is newer than the start counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from provision.cluster import Cluster
from provision.config import limits
from provision.errors import TimedOut, Unreachable
from provision.util.concurrency import NotYet, together

_EVERY = 0.5  # seconds: each round is a few requests to an API that has enough to do
_SOON = "--request-timeout=5s"  # the API answers within one, or is not there yet
_ANSWER = 30  # seconds for a command of one round: kubectl's five, on a machine that is busy with its start

_EVER = 1.0  # seconds since the epoch: everything that was ever started is newer

# What CoreDNS sends to the API's Service before kube-proxy has its rules leads nowhere, and the kernel remembers the
# connection so: the client waits for 30 s until it tries another. Forgotten here, its next packet goes where it should.
_FORGET = "sudo conntrack -D -p tcp --state SYN_SENT -d {service} >/dev/null 2>&1"


def wait_until_as_before(cluster: Cluster, since: float) -> dict[str, int]:
    """Wait until all nodes and all pods of kube-system are ready since a time (seconds since the epoch).

    How often the containers of each of these pods have been restarted then, by its name. Raises TimedOut saying what is
    not ready.
    """
    service: list[str] = []
    restarts: dict[str, int] = {}

    def refused() -> NotYet | None:
        if service:
            together(lambda machine: machine.run(_FORGET.format(service=service[0]), timeout=_ANSWER), cluster.nodes)
        items = _items(cluster, "nodes,leases,pods,services")
        if isinstance(items, NotYet):
            return items
        services = {each["metadata"]["name"]: each["spec"]["clusterIP"] for each in _of(items, "Service", "default")}
        service[:] = [services["kubernetes"]]
        restarts.update(restarts_of(items))
        return _missing(items, since)

    cluster.wait_until(_patient(refused), limits.READY, "everything is as it was before", every=_EVERY)
    return restarts


def wait_until_heard_of(cluster: Cluster, since: float) -> None:
    """Wait until every node is ready and has renewed its lease since a time (seconds since the epoch).

    Raises TimedOut saying which has not.
    """

    def refused() -> NotYet | None:
        items = _items(cluster, "nodes,leases")
        return items if isinstance(items, NotYet) else _missing(items, since)

    cluster.wait_until(_patient(refused), limits.NODE_READY, "every node is heard of again")


def not_ready(cluster: Cluster) -> str:
    """Which nodes and pods of kube-system are not ready now, or why that is not known; "" where all are."""
    items = _items(cluster, "nodes,leases,pods")
    missing = items if isinstance(items, NotYet) else _missing(items, _EVER)
    return missing.reason if missing else ""


def _patient(refused: Callable[[], NotYet | None]) -> Callable[[], NotYet | None]:
    """The same, where machines may have enough to do with their own start to answer."""

    def patient() -> NotYet | None:
        try:
            return refused()
        except (TimedOut, Unreachable) as problem:
            return NotYet(problem.what)

    return patient


def _items(cluster: Cluster, kinds: str) -> list[dict[str, Any]] | NotYet:
    answer = cluster.try_kubectl("get", kinds, "-A", "-o", "json", _SOON, timeout=_ANSWER)
    if refusal := answer.refusal:
        return refusal
    items: list[dict[str, Any]] = json.loads(answer.stdout)["items"]
    return items


def _missing(items: list[dict[str, Any]], since: float) -> NotYet | None:
    missing = list(not_as_before(items, since))
    return NotYet(", ".join(missing)) if missing else None


def restarts_of(items: list[dict[str, Any]]) -> dict[str, int]:
    """How often the containers of each pod of kube-system were restarted, by the pod's name. Pure."""
    return {
        pod["metadata"]["name"]: sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))
        for pod in _of(items, "Pod", "kube-system")
    }


def not_as_before(items: list[dict[str, Any]], since: float) -> Iterator[str]:
    """The nodes and the pods of kube-system that are not ready, or not known to be since then. Pure.

    Pods that have done their work are not started again, as those of Jobs.
    `items` are nodes, pods, and leases of nodes, as the API shows them.
    """
    renewed = {
        each["metadata"]["name"]: each["spec"].get("renewTime") for each in _of(items, "Lease", "kube-node-lease")
    }
    for node in _of(items, "Node"):
        name = node["metadata"]["name"]
        if not (_is_ready(node) and _seconds(renewed.get(name)) >= since):
            yield f"node {name}"
    for pod in _of(items, "Pod", "kube-system"):
        if pod["status"].get("phase") == "Succeeded":
            continue
        running = [each.get("state", {}).get("running") for each in pod["status"].get("containerStatuses", ())]
        started = [_seconds(each["startedAt"]) if each else 0 for each in running]
        if not (_is_ready(pod) and started and min(started) >= int(since)):  # the API has whole seconds
            yield f"pod {pod['metadata']['name']}"


def _of(items: list[dict[str, Any]], kind: str, namespace: str = "") -> Iterator[dict[str, Any]]:
    for each in items:
        if each["kind"] == kind and each["metadata"].get("namespace", "") == namespace:
            yield each


def _is_ready(item: Mapping[str, Any]) -> bool:
    conditions = item["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
