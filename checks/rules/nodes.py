"""Nodes and their pods, as the API has them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts, Object
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import API_SERVER, CONNECTED, KUBELET
from checks.rules.moments import changed_recently
from checks.rules.node_disks import DISK_PRESSURE
from checks.rules.rule import about_each, nodes
from checks.rules.standing_still import endpoint_is_down, unless_etcd_stands_still
from checks.rules.system_pods import condition, is_ready, node_of, part, system_pods

_DEBUGGING = "https://kubernetes.io/docs/tasks/debug/debug-cluster/"
_NODE = "node"
"""What a node reports of itself, as its pressures: that is old where it is not ready."""
_PRESSURES = ("MemoryPressure", DISK_PRESSURE, "PIDPressure", "NetworkUnavailable")


def node_object(facts: Facts, name: str) -> Object:
    """The Node of a name; raises Unknown."""
    for each in facts.api.nodes.get():
        if each["metadata"]["name"] == name:
            return each
    raise Unknown(f"the API has no node {name}")


@about_each(
    nodes, "KHA-NODE-001", Severity.CRITICAL,
    title="A node is not ready.",
    why="No pod is started there, and after five minutes its pods are moved, if there is room elsewhere.",
    fix="sudo journalctl -u kubelet -n 50  # on {machine}",
    page=_DEBUGGING,
    because_of=(
        "KHA-NODE-004", "KHA-NODE-010", "KHA-NODE-012", "KHA-CERT-001", "KHA-ID-002", "KHA-ID-003", "KHA-DRIFT-006",
        "KHA-CP-001", "KHA-CP-002", "KHA-ETCD-004", "KHA-CERT-010",
    ),
)  # fmt: skip
def nodes_are_ready(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A node that has just become so may be starting: that is a notice."""
    node = node_object(facts, machine.name)
    if is_ready(node):
        return
    unless_etcd_stands_still(facts)
    if endpoint_is_down(facts):
        raise Unknown("the endpoint does not answer, and kubelets connect to it")
    why, recently = condition(node, "Ready"), changed_recently(facts, node)
    yield Found(
        f"The node {machine.name} is not ready" + (" since less than a minute ago." if recently else "."),
        (machine.name,), (f"{why.get('reason', 'no condition Ready')}: {why.get('message', '')}",),
        severity=Severity.NOTICE if recently else None, about=(KUBELET, _NODE),
        needs=(API_SERVER, *CONNECTED[API_SERVER]),
    )  # fmt: skip


@about_each(
    nodes, "KHA-NODE-002", Severity.WARNING,
    title="A node is under pressure.",
    why="Its pods are evicted, and no new ones are started there: it takes over nothing from others.",
    fix="kubectl describe node {machine}",
    page="https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
    because_of=("KHA-NODE-001", "KHA-NODE-006", "KHA-NODE-007", "KHA-NODE-010", "KHA-NODE-012"),
)  # fmt: skip
def nodes_are_under_no_pressure(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    node = node_object(facts, machine.name)
    pressures = [each for each in _PRESSURES if condition(node, each).get("status") == "True"]
    disk = [each for each in pressures if each == DISK_PRESSURE]
    for found in filter(None, (disk, [each for each in pressures if each not in disk])):
        yield Found(
            f"The node {machine.name} reports {' and '.join(found)}.", (machine.name,),
            tuple(f"{each}: {condition(node, each).get('message', '')}" for each in found),
            about=tuple(found), needs=(_NODE,),
        )  # fmt: skip


@about_each(
    nodes, "KHA-NODE-003", Severity.WARNING,
    title="A pod that belongs to the cluster is not ready.",
    why="What it does for this node, or for the cluster, is missing or about to be.",
    fix="kubectl -n kube-system describe pod {pod}",
    page=_DEBUGGING,
    because_of=(
        "KHA-NODE-001", "KHA-NODE-002", "KHA-NODE-004", "KHA-NODE-010", "KHA-NODE-012", "KHA-CP-001", "KHA-CP-002",
        "KHA-CP-003", "KHA-ETCD-004", "KHA-CERT-001", "KHA-CERT-006", "KHA-KEY-001", "KHA-DRIFT-003", "KHA-DRIFT-006",
        "KHA-REACH-003", "KHA-ID-003",
    ),
)  # fmt: skip
def pods_of_the_cluster_are_ready(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Kubeadm's own alone: static pods of the control plane, kube-proxy and CoreDNS."""
    unready = [
        each
        for each in system_pods(facts)
        if node_of(each) == machine.name and part(each) and not is_ready(each) and not changed_recently(facts, each)
    ]
    if unready:
        unless_etcd_stands_still(facts)
    for pod in unready:
        name = pod["metadata"]["name"]
        what, mine = f"{name} on {machine.name} is not ready.", part(pod)
        needs = (*CONNECTED.get(mine, ()), KUBELET)
        yield Found(what, (machine.name,), tuple(_states(pod)), {"pod": name}, about=(mine,), needs=needs)


def _states(pod: Object) -> Iterator[str]:
    for each in pod.get("status", {}).get("containerStatuses") or ():
        if not each.get("ready"):
            waiting = (each.get("state") or {}).get("waiting") or {}
            yield f"{each['name']}: {waiting.get('reason', 'not ready')}, restarted {each.get('restartCount', 0)} times"
