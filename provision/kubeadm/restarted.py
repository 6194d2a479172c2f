"""Machines that were started again: when their cluster is what it was.

What the API says of nodes and pods is at first what was true before; so only what is newer than the start counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import readiness
from provision.kubeadm.readiness import Item
from provision.util.concurrency import NotYet, together
from provision.util.errors import TimedOut, Unreachable

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
        services = readiness.of(items, "Service", "default")
        addresses = {each["metadata"]["name"]: each["spec"]["clusterIP"] for each in services}
        service[:] = [addresses["kubernetes"]]
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


def _items(cluster: Cluster, kinds: str) -> Sequence[Item] | NotYet:
    return readiness.items(cluster.try_kubectl("get", kinds, "-A", "-o", "json", _SOON, timeout=_ANSWER))


def _missing(items: Sequence[Item], since: float) -> NotYet | None:
    missing = list(not_as_before(items, since))
    return NotYet(", ".join(missing)) if missing else None


def restarts_of(items: Sequence[Item]) -> dict[str, int]:
    """How often the containers of each pod of kube-system were restarted, by the pod's name. Pure."""
    return {
        pod["metadata"]["name"]: sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))
        for pod in readiness.of(items, "Pod", "kube-system")
    }


def not_as_before(items: Sequence[Item], since: float) -> Iterator[str]:
    """The nodes and the pods of kube-system that are not ready, or not known to be since then. Pure.

    Pods that have done their work are not started again, as those of Jobs.
    `items` are nodes, pods, and leases of nodes, as the API shows them.
    """
    renewed = readiness.renewed(items)
    for node in readiness.of(items, "Node"):
        name = node["metadata"]["name"]
        if not (readiness.is_ready(node) and renewed.get(name, 0.0) >= since):
            yield f"node {name}"
    for pod in readiness.of(items, "Pod", "kube-system"):
        if pod["status"].get("phase") == "Succeeded":
            continue
        running = [each.get("state", {}).get("running") for each in pod["status"].get("containerStatuses", ())]
        started = [readiness.seconds(each["startedAt"]) if each else 0 for each in running]
        if not (readiness.is_ready(pod) and started and min(started) >= int(since)):  # the API has whole seconds
            yield f"pod {pod['metadata']['name']}"
