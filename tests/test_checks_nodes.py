"""Nodes, their units, disks and swap, and machines that no login works on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.facts.machine import Disk, Swap, Unit
from tests.healthy import healthy, with_api, with_machine, without_login
from tests.healthy.disturbed import not_ready, powered_off, with_condition, with_node, without_answer
from tests.healthy.machines import KUBELET_CONFIGURATION
from tests.healthy.objects import pod
from tests.healthy.values import GIB
from tests.healthy.verdicts import fixes, found, loud, sentences, undecided

LONG_AGO = "2026-06-01T09:00:00Z"


def test_a_node_that_is_not_ready_is_critical_with_and_without_a_login() -> None:
    facts = not_ready(healthy(), "w2")
    assert found(facts) == found(without_login(facts)) == [("NODE-001", "critical", ("w2",))]


def test_a_node_that_has_just_become_so_may_be_starting() -> None:
    just = {"lastTransitionTime": "2026-06-01T11:59:50Z", "reason": "KubeletNotReady"}
    facts = with_node(healthy(), "w2", lambda node: with_condition(node, "Ready", "False", **just))
    assert found(facts) == [("NODE-001", "notice", ("w2",))]


@pytest.mark.parametrize("kind", ["DiskPressure", "MemoryPressure", "PIDPressure"])
def test_a_node_under_pressure_is_found(kind: str) -> None:
    facts = with_node(healthy(), "w2", lambda node: with_condition(node, kind, "True"))
    assert found(facts) == [("NODE-002", "warning", ("w2",))]
    assert sentences(facts) == [f"The node w2 reports {kind}."]


def test_cordoned_nodes_roles_taints_and_nodes_of_no_inventory_are_healthy() -> None:
    def unusual(node: Any) -> Any:
        metadata = node["metadata"]
        labels = {**metadata["labels"], "node-role.kubernetes.io/worker": ""}
        taints = [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]
        return {
            **node, "metadata": {**metadata, "labels": labels},
            "spec": {**node["spec"], "unschedulable": True, "taints": taints},
        }  # fmt: skip

    facts = healthy(control_planes=5)
    for name in ("w1", "w2", "cp2"):
        facts = with_node(facts, name, unusual)
    facts = replace(facts, machines=tuple(each for each in facts.machines if each.name != "w3"))
    assert found(facts) == []


def _unready(name: str, node: str, **labels: str) -> Any:
    given = with_condition(pod(name, node, **labels), "Ready", "False", lastTransitionTime=LONG_AGO)
    waiting = [{"name": name, "ready": False, "restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    return {**given, "status": {**given["status"], "containerStatuses": waiting}}


def _with_pods(facts: Facts, *pods: Any) -> Facts:
    names = {each["metadata"]["name"] for each in pods}
    return with_api(
        facts, pods=(*(each for each in facts.api.pods.get() if each["metadata"]["name"] not in names), *pods)
    )


def test_a_pod_of_the_cluster_that_is_not_ready_is_found() -> None:
    facts = _with_pods(healthy(), _unready("kube-proxy-w2", "w2", **{"k8s-app": "kube-proxy"}))
    assert found(facts) == [("NODE-003", "warning", ("w2",))]
    assert fixes(facts) == ["kubectl -n kube-system describe pod kube-proxy-w2"]
    assert found(not_ready(facts, "w2")) == [("NODE-001", "critical", ("w2",))]


def test_pods_of_others_finished_jobs_pods_that_start_and_restarts_are_healthy() -> None:
    job = _unready("backup-1", "w1")
    failed: Any = {**job, "metadata": {"name": "backup-2", "namespace": "kube-system"}}
    failed["status"] = {**failed["status"], "phase": "Failed"}
    restarted: Any = pod("kube-proxy-w2", "w2", **{"k8s-app": "kube-proxy"})
    restarted["status"]["containerStatuses"][0]["restartCount"] = 40
    starting: Any = _unready("kube-proxy-w3", "w3", **{"k8s-app": "kube-proxy"})
    starting["status"]["startTime"] = "2026-06-01T11:59:30Z"
    ending: Any = _unready("coredns-0", "w1", **{"k8s-app": "kube-dns"})
    ending["metadata"]["deletionTimestamp"] = LONG_AGO
    assert found(_with_pods(healthy(), job, failed, restarted, starting, ending, _unready("mine", "w2"))) == []


def _unit(facts: Facts, name: str, unit: Unit) -> Facts:
    return with_machine(facts, name, units={**facts.machine(name).units.get(), unit.name: unit})


@pytest.mark.parametrize("active", ["inactive", "failed", "activating"])
def test_a_kubelet_that_does_not_run_is_the_cause_of_its_node(active: str) -> None:
    facts = not_ready(_unit(healthy(), "w2", Unit("kubelet", active, "enabled")), "w2")
    assert found(facts) == [("NODE-004", "critical", ("w2",))]


@pytest.mark.parametrize("name", ["kubelet", "containerd"])
@pytest.mark.parametrize("enabled", ["disabled", "masked"])
def test_a_unit_that_does_not_start_with_its_machine_is_critical(name: str, enabled: str) -> None:
    facts = _unit(healthy(), "cp2", Unit(name, "active", enabled))
    assert found(facts) == [("NODE-005", "critical", ("cp2",))]
    assert fixes(facts) == [f"sudo systemctl enable {name}  # on cp2"]


def test_a_runtime_that_the_kubelets_unit_wants_and_an_etcd_without_kubelet_are_healthy() -> None:
    facts = _unit(healthy("external"), "w2", Unit("containerd", "active", "disabled", ("kubelet.service",)))
    facts = with_machine(facts, "etcd1", manifests=(), units={"etcd": Unit("etcd", "active", "enabled")})
    assert found(with_machine(facts, "w3", units={"kubelet": Unit("kubelet", "active", "enabled")})) == []


def test_the_kubelet_of_an_external_member_counts() -> None:
    facts = _unit(healthy("external"), "etcd1", Unit("kubelet", "active", "disabled"))
    assert found(facts) == [("NODE-005", "critical", ("etcd1",))]


def _disk(facts: Facts, name: str, free: float, inodes: float = 0.5, **kubelet: Any) -> Facts:
    disk = Disk("/var/lib/kubelet", "/", 100 * GIB, int(free * 100 * GIB), 1000, int(inodes * 1000))
    given = replace(facts.machine(name).kubelet.get(), configuration={**KUBELET_CONFIGURATION, **kubelet})
    return with_machine(facts, name, disks=(disk, replace(disk, path="/var/log")), kubelet=given)


@pytest.mark.parametrize(
    ("free", "kubelet", "expected"),
    [
        (0.12, {}, []),
        (0.08, {}, [("NODE-006", "warning", ("w1",))]),
        (0.60, {"evictionHard": {"nodefs.available": "99%"}}, [("NODE-006", "warning", ("w1",))]),
        (0.08, {"evictionHard": {"nodefs.available": "5Gi"}}, []),
        (0.08, {"evictionHard": {"memory.available": "100Mi"}}, []),
        (0.005, {"evictionHard": {"nodefs.available": "0%"}}, [("NODE-012", "critical", ("w1",))]),
    ],
)
def test_a_disk_is_judged_by_the_kubelets_own_limit(free: float, kubelet: Any, expected: list[Any]) -> None:
    facts = _disk(healthy(), "w1", free, **kubelet)
    assert found(facts) == expected
    pressed = with_node(facts, "w1", lambda node: with_condition(node, "DiskPressure", "True"))
    assert found(pressed) == (expected or [("NODE-002", "warning", ("w1",))])


def test_inodes_that_run_out_are_found() -> None:
    assert found(_disk(healthy(), "w1", 0.6, inodes=0.02)) == [("NODE-007", "warning", ("w1",))]


def test_the_disk_of_a_balancer_is_judged_without_a_kubelet() -> None:
    facts = with_machine(healthy(), "lb1", disks=(Disk("/var/log", "/", 100 * GIB, 3 * GIB),))
    assert found(facts) == [("NODE-006", "warning", ("lb1",))]


def _swap(facts: Facts, swap: Swap, **kubelet: Any) -> Facts:
    given = replace(facts.machine("w1").kubelet.get(), configuration={**KUBELET_CONFIGURATION, **kubelet})
    stored = with_api(facts, kubelet_configuration={**KUBELET_CONFIGURATION, **kubelet})
    for name in ("cp1", "cp2", "cp3", "w1", "w2", "w3"):
        stored = with_machine(stored, name, kubelet=given)
    return with_machine(stored, "w1", swap=swap)


@pytest.mark.parametrize("written", [{}, {"failSwapOn": True}])
def test_swap_that_the_kubelet_refuses_is_critical(written: Any) -> None:
    assert found(_swap(healthy(), Swap(("/swap",), ("/swap none swap sw 0 0",)), **written)) == [
        ("NODE-008", "critical", ("w1",))
    ]
    assert found(_swap(healthy(), Swap((), ("/swap none swap sw 0 0",)), **written)) == [
        ("NODE-009", "critical", ("w1",))
    ]


def test_swap_that_the_kubelet_accepts_is_a_notice_where_it_comes_back() -> None:
    assert found(_swap(healthy(), Swap(("/swap",)), failSwapOn=False)) == []
    assert found(_swap(healthy(), Swap((), ("/swap none swap sw 0 0",)), failSwapOn=False)) == [
        ("NODE-009", "notice", ("w1",))
    ]
    assert found(_swap(healthy(), Swap((), ("/swap none swap noauto 0 0",)))) == []


@pytest.mark.parametrize(("line", "unit"), [
    ("/swap.img none swap sw 0 0", "swap.img.swap"),
    ("/dev/sda2 none swap sw 0 0", "dev-sda2.swap"),
    ("/dev/vg-0/swap none swap sw 0 0", "dev-vg\\x2d0-swap.swap"),
    ("UUID=0a-b none swap sw 0 0", "dev-disk-by\\x2duuid-0a\\x2db.swap"),
    ('LABEL="swap" none swap sw 0 0', "dev-disk-by\\x2dlabel-swap.swap"),
])  # fmt: skip
def test_swap_whose_unit_is_masked_does_not_come_back(line: str, unit: str) -> None:
    assert found(_swap(healthy(), Swap((), (line,), (unit,)))) == []
    assert found(_swap(healthy(), Swap((), (line,), ("swap.target",)))) == []
    assert found(_swap(healthy(), Swap((), (line,), ("dev-sdz9.swap",)))) == [("NODE-009", "critical", ("w1",))]
    assert found(_swap(healthy(), Swap(("/swap.img",), (line,), (unit,)))) == [("NODE-008", "critical", ("w1",))]


@pytest.mark.parametrize("name", ["cp2", "w2"])
def test_a_machine_that_is_down_is_one_critical_finding(name: str) -> None:
    assert found(powered_off(healthy(), name)) == [("NODE-010", "critical", (name,))]


@pytest.mark.parametrize("name", ["cp2", "w2", "lb1"])
def test_a_machine_that_runs_and_cannot_be_logged_in_to_is_a_warning(name: str) -> None:
    facts = without_answer(healthy(), name)
    assert found(facts) == [("NODE-010", "warning", (name,))]
    assert sentences(facts)[0].startswith(f"{name} cannot be inspected: no login works, though ")


def test_an_external_member_that_is_down_is_named_by_its_machine() -> None:
    facts = powered_off(healthy("external"), "etcd2")
    assert found(facts) == [("NODE-010", "critical", ("etcd2",))]
    assert sentences(facts) == ["etcd2 does not answer: no login works, and its member of etcd does not answer either."]


def test_nodes_are_undecided_where_the_api_is_down() -> None:
    facts = replace(healthy(), api=type(healthy().api)())
    assert found(facts) == []
    assert undecided(facts, "NODE-001") == {"was not collected"}


@pytest.mark.parametrize("name", ["cp2", "w2"])
def test_a_machine_that_is_down_is_one_finding_of_all_kinds(name: str) -> None:
    assert loud(powered_off(healthy(), name)) == [("NODE-010", "critical", (name,))]
