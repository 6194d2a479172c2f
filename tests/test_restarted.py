"""When a cluster is what it was before its machines were started again: only what is newer than the start counts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import restarted
from provision.kubeadm.restarted import not_as_before
from provision.util.errors import TimedOut
from provision.util.result import Result
from tests.stand_ins import fake_cluster

START = 1_800_000_000.5
"""2027-01-15T08:00:00.5Z"""

BEFORE, AFTER = "2027-01-15T07:59:59Z", "2027-01-15T08:00:00Z"  # the API has whole seconds of a pod's start


def _lease(renewed: str | None) -> dict[str, Any]:
    spec = {"renewTime": renewed} if renewed else {}
    return {"kind": "Lease", "metadata": {"name": "cp1", "namespace": "kube-node-lease"}, "spec": spec}


def _node(ready: str = "True") -> dict[str, Any]:
    return {"kind": "Node", "metadata": {"name": "cp1"}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


def _pod(started: str | None, ready: str = "True", namespace: str = "kube-system") -> dict[str, Any]:
    state = {"running": {"startedAt": started}} if started else {"waiting": {"reason": "CrashLoopBackOff"}}
    return {
        "kind": "Pod", "metadata": {"name": "etcd-cp1", "namespace": namespace},
        "status": {"conditions": [{"type": "Ready", "status": ready}], "containerStatuses": [{"state": state}]},
    }  # fmt: skip


RENEWED = _lease("2027-01-15T08:00:01.000000Z")


def test_a_cluster_whose_nodes_and_pods_are_ready_since_then_is_as_it_was() -> None:
    assert list(not_as_before([_node(), RENEWED, _pod(AFTER)], START)) == []


@pytest.mark.parametrize(
    "lease", [_lease("2027-01-15T08:00:00.400000Z"), _lease(None)], ids=["renewed before", "never renewed"]
)
def test_a_node_that_has_not_been_heard_of_since_then_is_not(lease: dict[str, Any]) -> None:
    assert list(not_as_before([_node(), lease], START)) == ["node cp1"]


def test_a_node_without_a_lease_or_that_is_not_ready_is_not() -> None:
    assert list(not_as_before([_node()], START)) == ["node cp1"]
    assert list(not_as_before([_node("Unknown"), RENEWED], START)) == ["node cp1"]


@pytest.mark.parametrize("pod", [_pod(BEFORE), _pod(AFTER, "False"), _pod(None)], ids=["old", "unready", "waiting"])
def test_a_pod_that_has_not_been_started_since_then_or_is_not_ready_is_not(pod: dict[str, Any]) -> None:
    assert list(not_as_before([pod], START)) == ["pod etcd-cp1"]


def test_a_pod_whose_containers_are_not_known_is_not() -> None:
    unknown = {**_pod(AFTER), "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    assert list(not_as_before([unknown], START)) == ["pod etcd-cp1"]


def test_a_pod_that_has_done_its_work_is_not_waited_for() -> None:
    done = _pod(None, "False")
    done["status"]["phase"] = "Succeeded"
    assert list(not_as_before([done], START)) == []


def test_pods_of_others_do_not_count() -> None:
    assert list(not_as_before([_pod(None, "False", namespace="default")], START)) == []


def _heard(answer: Result) -> Cluster:
    return fake_cluster({re.compile(r"^sudo KUBECONFIG=.* kubectl get nodes,leases(,pods)? -A -o json"): answer})


def test_a_paused_cluster_goes_on_once_every_node_is_heard_of() -> None:
    items = json.dumps({"items": [_node(), RENEWED]})
    restarted.wait_until_heard_of(_heard(Result(0, items, "")), START)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Result(0, json.dumps({"items": [_node(), _lease(None)]}), ""), "node cp1"),
        (Result(1, "", "The connection to the server was refused"), "was refused"),
        (Result(0, "", ""), "printed no objects"),
    ],
    ids=["old lease", "no API", "nothing printed"],
)
def test_a_node_that_is_not_heard_of_is_named(answer: Result, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NODE_READY", 0.01)
    with pytest.raises(TimedOut) as caught:
        restarted.wait_until_heard_of(_heard(answer), START)
    assert reason in f"{caught.value}"


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (Result(0, json.dumps({"items": [_node(), RENEWED, _pod(AFTER)]}), ""), ""),
        (Result(0, json.dumps({"items": [_node(), RENEWED, _pod(None)]}), ""), "pod etcd-cp1"),
        (Result(1, "", "The connection to the server was refused"), "The connection to the server was refused"),
    ],
    ids=["whole", "a pod without containers", "no API"],
)
def test_what_is_not_ready_now_is_named(answer: Result, missing: str) -> None:
    assert restarted.not_ready(_heard(answer)) == missing


def test_restarts_are_counted_by_pod() -> None:
    pod = _pod(AFTER)
    pod["status"]["containerStatuses"] = [{"restartCount": 1}, {"restartCount": 2}]
    other = {**_pod(AFTER, namespace="default"), "status": {"containerStatuses": [{"restartCount": 9}]}}
    unknown = {**_pod(None), "metadata": {"name": "coredns-x", "namespace": "kube-system"}, "status": {}}
    assert restarted.restarts_of([pod, other, unknown]) == {"etcd-cp1": 3, "coredns-x": 0}
