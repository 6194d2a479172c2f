"""What is concentrated on one machine, or in one zone."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts.cluster import Facts
from tests.healthy import healthy, with_api
from tests.healthy.disturbed import with_node
from tests.healthy.objects import pod
from tests.healthy.verdicts import fixes, found


def _deployment(facts: Facts, replicas: int = 2, **spec: Any) -> Facts:
    return with_api(facts, deployments=({
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
        "spec": {"replicas": replicas, "template": {"spec": spec}}, "status": {"readyReplicas": replicas},
    },))  # fmt: skip


def _pods(facts: Facts, *places: str) -> Facts:
    others = tuple(each for each in facts.api.pods.get() if not each["metadata"]["name"].startswith("coredns"))
    dns = tuple(pod(f"coredns-{at}", each, **{"k8s-app": "kube-dns"}) for at, each in enumerate(places))
    return with_api(facts, pods=(*others, *dns))


def test_both_pods_of_coredns_on_one_machine_are_a_notice() -> None:
    assert found(_pods(healthy(), "w1", "w1")) == [("CONC-001", "notice", ("w1",))]


def test_coredns_three_times_or_on_control_planes_is_healthy() -> None:
    assert found(_pods(_deployment(healthy(), 3), "w1", "w2", "cp1")) == []
    assert found(_pods(_deployment(healthy(), 3), "w1", "w1", "cp1")) == []


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeName": "w2"},
        {"nodeSelector": {"kubernetes.io/hostname": "w2"}},
        {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["w2"]}]}
        ]}}}},
    ],
)  # fmt: skip
def test_coredns_that_may_run_on_one_machine_alone_is_one_warning(spec: dict[str, Any]) -> None:
    facts = _pods(_deployment(healthy(), **spec), "w2", "w2")
    assert found(facts) == [("CONC-002", "warning", ("w2",))]
    assert ("patch deployment coredns" in fixes(facts)[0]) is ("nodeName" in spec), "what else is meant is a decision"


def test_taints_that_leave_one_machine_are_found_and_those_that_pass_are_not() -> None:
    def tainted(taint: str) -> Facts:
        facts = healthy()
        for name in ("w1", "w3"):
            facts = with_node(
                facts, name,
                lambda node: {**node, "spec": {**node["spec"], "taints": [{"key": taint, "effect": "NoSchedule"}]}},
            )  # fmt: skip
        return facts

    assert found(tainted("dedicated")) == [("CONC-002", "warning", ("w2",))]
    assert found(tainted("node.kubernetes.io/unschedulable")) == []
    tolerant = _deployment(tainted("dedicated"), tolerations=[{"operator": "Exists"}])
    assert found(tolerant) == []


@pytest.mark.parametrize("places", [("w1",), ()])
def test_coredns_that_runs_once_is_found(places: tuple[str, ...]) -> None:
    assert found(_pods(_deployment(healthy(), 1), *places)) == [("CONC-003", "warning", ())]


def test_dns_by_something_else_is_healthy() -> None:
    assert found(with_api(healthy(), deployments=())) == [], "a DaemonSet, or another name server"
    assert found(_pods(_deployment(healthy(), 0), "w1", "w2")) == []


def test_one_node_is_not_a_concentration() -> None:
    facts = _pods(_deployment(healthy(control_planes=1, workers=0), 1), "cp1")
    assert found(facts) == [("CP-005", "warning", ())]


def _zones(facts: Facts, **zones: str) -> Facts:
    def labelled(node: Any) -> Any:
        metadata = node["metadata"]
        zone = zones.get(metadata["name"].rstrip("0123456789"), zones.get(metadata["name"], ""))
        more = {"topology.kubernetes.io/zone": zone} if zone else {}
        return {**node, "metadata": {**metadata, "labels": {**metadata["labels"], **more}}}

    return with_api(facts, nodes=tuple(labelled(each) for each in facts.api.nodes.get()))


def test_control_planes_in_one_zone_with_nodes_in_another_are_a_notice() -> None:
    assert found(_zones(healthy(), cp="one", w="two")) == [("CONC-004", "notice", ())]


def test_one_zone_or_zones_that_are_spread_are_healthy() -> None:
    assert found(_zones(healthy(), cp="one", w="one")) == []
    assert found(_zones(healthy(), cp1="one", cp2="two", cp3="three", w="two")) == []
    assert found(_zones(healthy(), cp1="one", cp2="one", w="two")) == [], "cp3 has no label"
