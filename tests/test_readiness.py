"""What the API says of nodes, pods and leases: silence and nonsense are no answer, and nothing is ready that is not."""

from __future__ import annotations

from typing import Any

import pytest

from provision.kubeadm import readiness
from provision.util.concurrency import NotYet
from provision.util.result import Result


def test_objects_are_read() -> None:
    assert readiness.items(Result(0, '{"items": [{"kind": "Node"}]}', "")) == [{"kind": "Node"}]
    assert readiness.items(Result(0, '{"items": []}', "")) == []


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (Result(1, "", "etcdserver: no leader"), "etcdserver: no leader"),
        (Result(137, "", ""), "exited with 137 and printed nothing"),
        *((Result(0, each, ""), "kubectl printed no objects") for each in ("", "Lorem", "[]", "{}", '{"items": null}')),
    ],
)
def test_an_answer_without_objects_says_why(answered: Result, reason: str) -> None:
    found = readiness.items(answered)
    assert isinstance(found, NotYet)
    assert reason in found.reason


def test_objects_are_chosen_by_kind_and_namespace() -> None:
    node = {"kind": "Node", "metadata": {"name": "cp1"}}
    pods = [{"kind": "Pod", "metadata": {"name": each, "namespace": each}} for each in ("default", "kube-system")]
    assert list(readiness.of([node, *pods], "Node")) == [node]
    assert list(readiness.of([node, *pods], "Pod", "kube-system")) == pods[1:]
    assert list(readiness.of([node, *pods], "Pod")) == []


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({"conditions": [{"type": "Ready", "status": "True"}]}, True),
        ({"conditions": [{"type": "Ready", "status": "Unknown"}]}, False),
        ({"conditions": [{"type": "Initialized", "status": "True"}]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_what_does_not_say_that_it_is_ready_is_not(status: Any, ready: bool) -> None:
    assert readiness.is_ready({} if status is None else {"status": status}) is ready


def test_leases_of_nodes_have_a_time_and_others_do_not_count() -> None:
    def lease(name: str, namespace: str, **spec: str) -> dict[str, Any]:
        return {"kind": "Lease", "metadata": {"name": name, "namespace": namespace}, "spec": spec}

    late = lease("cp1", "kube-node-lease", renewTime="1970-01-01T00:01:00.500000Z")
    found = [late, lease("cp2", "kube-node-lease"), lease("scheduler", "kube-system")]
    assert readiness.renewed(found) == {"cp1": 60.5, "cp2": 0.0}
