"""Whether a cluster is whole: every API server, every member of etcd, every node and pod of the system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provision.cluster import Cluster
from provision.etcd.members import etcdctl
from provision.kubeadm import readiness
from provision.kubeadm.readiness import Item
from provision.kubeadm.waits import api_refusal
from provision.util.concurrency import NotYet, together
from provision.util.errors import Problem
from provision.util.result import Result

LISTING = ("get", "nodes,pods,leases", "-A", "-o", "json", "--request-timeout=10s")
"""Arguments of kubectl: what `unready` reads."""

_ANSWER = 20  # seconds for one command of a round, on machines that are busy with their own start
_LATE = 15
"""Seconds that a node's lease may be older than the newest one: kubelets renew them every ten. The API says for 50 s of
a machine without power that it is ready."""

_EVERY = 1.0  # seconds: a round is a few commands, on processors that have enough to do


def wait_until_healthy(cluster: Cluster, seconds: float) -> None:
    """Wait until nothing is missing; raises TimedOut with what is."""
    cluster.wait_until(lambda: refusal(cluster), seconds, f"{cluster.id} is healthy", every=_EVERY)


def refusal(cluster: Cluster) -> NotYet | None:
    """What is missing first; None where nothing is."""
    try:
        late = [each for each in together(api_refusal, cluster.control_planes) if each]
        return late[0] if late else _of_etcd(cluster) or _of_the_api(cluster)
    except Problem as problem:  # a machine that does not answer yet
        return NotYet(str(problem))


def _of_etcd(cluster: Cluster) -> NotYet | None:
    def ask(number: int) -> NotYet | None:
        machine = cluster.etcd_members[number]
        answered = machine.run(etcdctl(machine, "endpoint", "health", "--cluster"), timeout=_ANSWER)
        unhealthy = answered.refusal
        return NotYet(f"etcd, seen from {machine.name}: {unhealthy.reason}") if unhealthy else None

    answers = together(ask, range(len(cluster.etcd_members)))
    return next((each for each in answers if each), None)


def _of_the_api(cluster: Cluster) -> NotYet | None:
    return unready(cluster, cluster.try_kubectl(*LISTING, timeout=_ANSWER))


def unready(cluster: Cluster, answered: Result) -> NotYet | None:
    """Why an answer to LISTING shows no whole cluster; None where it does. Pure."""
    items = readiness.items(answered)
    if isinstance(items, NotYet):
        return items
    late = list(not_ready(items, [each.name for each in cluster.nodes]))
    return NotYet(f"not ready: {', '.join(late)}") if late else None


def not_ready(items: Sequence[Item], nodes: Sequence[str]) -> Iterator[str]:
    """The nodes, and the pods of kube-system, that are not ready; nodes too whose lease is old. Pure."""
    renewed = readiness.renewed(items)
    ready = {each["metadata"]["name"] for each in readiness.of(items, "Node") if readiness.is_ready(each)}
    newest = max(renewed.values(), default=0.0)
    for name in nodes:
        if name not in ready:
            yield f"Node {name}"
        elif (late := newest - renewed.get(name, 0.0)) > _LATE:
            yield f"Node {name}, whose lease was last renewed {late:.0f} s before the newest"
    pods = readiness.of(items, "Pod", "kube-system")
    yield from (f"Pod {each['metadata']['name']}" for each in pods if not readiness.is_ready(each))
