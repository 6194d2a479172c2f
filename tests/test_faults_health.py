"""Whether a cluster is whole again after a fault."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from provision.util.concurrency import NotYet
from provision.util.errors import Unreachable
from provision.util.result import Result
from resilience.faults import health
from resilience.faults.health import not_ready
from tests.fake_machine import Replies
from tests.stand_ins import fake_cluster

READY = {"conditions": [{"type": "Ready", "status": "True"}]}
NODES = ("cp1", "cp2", "cp3", "w1", "w2", "w3")
READYZ, ETCD, KUBECTL = re.compile("/readyz"), re.compile("endpoint health --cluster"), re.compile("kubectl get nodes")


def node(name: str, renewed: int = 0, status: dict[str, Any] = READY) -> list[dict[str, Any]]:
    lease = {"name": name, "namespace": "kube-node-lease"}
    return [
        {"kind": "Node", "metadata": {"name": name}, "status": status},
        {"kind": "Lease", "metadata": lease, "spec": {"renewTime": f"2026-01-01T00:00:{renewed:02}.000000Z"}},
    ]


def everything() -> list[dict[str, Any]]:
    pod = {"kind": "Pod", "metadata": {"name": "coredns-1", "namespace": "kube-system"}, "status": READY}
    return [each for name in NODES for each in node(name)] + [pod]


def replies(**changes: Any) -> Replies:
    usual: dict[str, Any] = {"readyz": "ok", "etcd": "healthy", "items": json.dumps({"items": everything()})} | changes
    return {READYZ: usual["readyz"], ETCD: usual["etcd"], KUBECTL: usual["items"]}


def test_a_whole_cluster_is_healthy() -> None:
    assert health.refusal(fake_cluster(replies())) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"readyz": Result(7, "", "connection refused")}, "connection refused"),
        ({"readyz": Unreachable("cp2 cannot be reached")}, "cp2 cannot be reached"),
        ({"etcd": Result(1, "", "unhealthy cluster")}, "unhealthy cluster"),
        ({"items": Result(1, "", "etcdserver: no leader")}, "no leader"),
        ({"items": "Lorem ipsum"}, "printed no objects"),
        ({"items": ""}, "printed no objects"),
        ({"items": '{"items": []}'}, "not ready: Node cp1, Node cp2"),
    ],
)
def test_what_is_missing_is_the_reason(changes: dict[str, Any], reason: str) -> None:
    found = health.refusal(fake_cluster(replies(**changes)))
    assert isinstance(found, NotYet)
    assert reason in found.reason


def test_a_node_that_lost_its_power_is_not_ready_though_the_api_says_so() -> None:
    items = [*everything(), *node("w3", renewed=0)]
    assert list(not_ready(items, NODES)) == []
    later = [each for name in NODES[:-1] for each in node(name, renewed=20)] + node("w3", renewed=4)
    assert list(not_ready(later, NODES)) == ["Node w3, whose lease was last renewed 16 s before the newest"]


def test_pods_of_other_namespaces_do_not_count() -> None:
    other = {"kind": "Pod", "metadata": {"name": "a", "namespace": "default"}, "status": {}}
    late = {"kind": "Pod", "metadata": {"name": "etcd-cp1", "namespace": "kube-system"}, "status": {}}
    assert list(not_ready([*everything(), other, late], NODES)) == ["Pod etcd-cp1"]
