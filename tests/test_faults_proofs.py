"""What proves that a fault took effect: seen where it did, and not where it did not; and kinds of load balancers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from provision.config.balancers import KINDS, Balancer
from provision.util.concurrency import NotYet
from provision.util.result import Result
from resilience.faults.means.proofs import ended, started_anew
from tests.test_faults_catalogue import named, scene
from tests.test_faults_health import node


def everything(*names: str) -> list[dict[str, Any]]:
    return [each for name in names for each in node(name)]


@pytest.mark.parametrize(
    ("before", "now", "proved"),
    [("12 13", "99\n", True), ("12", "", True), ("12 13", "13 99\n", False), ("", "", False)],
)
def test_a_process_has_ended_where_none_of_those_before_is_left(before: str, now: str, proved: bool) -> None:
    where = scene(replies={"ps -o pid= -C nginx": now})
    where.hit = [where.cluster.machines["lb"]]
    assert isinstance(ended("nginx").seen(where, before), str) is proved


@pytest.mark.parametrize(("now", "proved"), [("777\n", True), ("500\n", False), ("", False)])
def test_a_machine_was_started_anew_where_its_first_process_is_another(now: str, proved: bool) -> None:
    begun = iter(["500\n", "500\n", "900\n", now])
    where = scene(replies={"cut -d' ' -f22 /proc/1/stat": lambda *_: next(begun)})
    where.hit = where.cluster.control_planes[:2]
    earlier = started_anew().before(where)
    assert isinstance(started_anew().seen(where, earlier), str) is proved


@pytest.mark.parametrize(("now", "proved"), [(12, True), (3, False), (0, False)])
def test_pods_starve_where_the_kernel_had_them_wait_since_then(now: int, proved: bool) -> None:
    counts = iter([3, now])
    printed = "nr_periods 99\nnr_throttled {}\nthrottled_time 1\n"
    proof = named("etcd-leader-starved").proof
    where = scene(replies={re.compile(r"cpu\.stat"): lambda *_: printed.format(next(counts))})
    where.hit = [where.cluster.machines["cp1"]]
    assert isinstance(proof.seen(where, proof.before(where)), str) is proved


@pytest.mark.parametrize(("found", "lacks"), [(Result(0, "", ""), False), (Result(1, "", ""), True)])
def test_a_kernel_that_limits_no_processor_time_is_named(found: Result, lacks: bool) -> None:
    where = scene(replies={re.compile(r"^test -e /sys/fs/cgroup/"): found})
    assert bool(named("etcd-leader-starved").lacking(where)) is lacks


@pytest.mark.parametrize(
    ("used", "lines", "proved"), [("100%", "2", True), ("100%", "1", False), ("100%", "", False), ("99%", "2", False)]
)
def test_a_disk_is_full_where_it_says_so_and_the_member_does(used: str, lines: str, proved: bool) -> None:
    where = scene(replies={re.compile("^df "): f" {used}\n", re.compile("grep -c 'no space"): lines})
    where.hit = [where.cluster.machines["cp3"]]
    assert isinstance(named("etcd-member-disk-full").proof.seen(where, "1"), str) is proved


@pytest.mark.parametrize(("lost_by", "proved"), [("every node", True), ("no node", False), ("cp1", False)])
def test_the_endpoint_s_name_is_gone_where_no_node_finds_it(lost_by: str, proved: bool) -> None:
    def found(machine: str, command: str) -> Result:
        return Result(2, "", "") if lost_by in ("every node", machine) else Result(0, "198.18.0.2", "")

    where = scene(replies={"getent hosts cluster-endpoint.kubeadm-ha.test": found})
    proof = named("endpoint-name-gone").proof
    assert isinstance(proof.seen(where, "cp1"), str) is proved
    assert isinstance(proof.seen(where, ""), NotYet)


@pytest.mark.parametrize(
    ("printed", "whole"),
    [
        (json.dumps({"items": everything("cp1", "cp2", "cp3", "w1", "w2", "w3")}), True),
        (json.dumps({"items": everything("cp1", "cp2", "cp3", "w1", "w2")}), False), ("", False), ("nonsense", False),
    ],
)  # fmt: skip
def test_nodes_are_read_at_an_api_server_s_address_while_its_name_is_gone(printed: str, whole: bool) -> None:
    where = scene(replies={re.compile(r"kubectl --server=https://198\.18\.0\.11:6443 get nodes,pods,leases "): printed})
    must = named("endpoint-name-gone").must
    assert must
    assert isinstance(must.seen(where, ""), str) is whole


def pods(*nodes: str) -> str:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    items = [{"metadata": {"name": f"p-{node}"}, "spec": {"nodeName": node}, "status": ready} for node in nodes]
    return json.dumps({"items": items})


@pytest.mark.parametrize(
    ("before", "now", "proved"),
    [
        (("w1", "w1"), ("w2", "w3"), True), (("w1", "w1"), ("w1", "w2"), False), (("w1",), ("w2",), False),
        (("w1",), (), False), (("w2", "w3"), ("w2", "w3"), False),
    ],
)  # fmt: skip
def test_pods_have_moved_where_all_are_ready_elsewhere(
    before: tuple[str, ...], now: tuple[str, ...], proved: bool
) -> None:
    shown = iter([pods(*before), pods(*now)])
    where = scene(replies={re.compile("kubectl get pods -n kubeadm-ha-moving"): lambda *_: next(shown)})
    where.hit = [where.cluster.machines["w1"]]
    must = named("worker-off-until-its-pods-move").must
    assert must
    assert isinstance(must.seen(where, must.before(where)), str) is proved


@pytest.mark.parametrize("kind", KINDS, ids=[each.name for each in KINDS])
def test_what_a_kind_of_balancer_lacks_is_named(kind: Balancer) -> None:
    where = scene(kind="" if kind is KINDS[0] else kind.name)
    some = ("balancer-killed", "nginx-killed", "keepalived-killed")
    lacking = {name: bool(named(name).lacks(where)) for name in some}
    assert lacking["balancer-killed"] is ("haproxy" not in kind.programs)
    assert lacking["nginx-killed"] is ("nginx" not in kind.programs)
    assert lacking["keepalived-killed"] is not kind.virtual
    assert not named("balancer-restarted").lacks(where)
    assert not named("balancer-cut-from-an-api-server").lacks(where)


@pytest.mark.parametrize(
    ("kind", "holder", "killed"),
    [
        ("", "lb", "systemctl kill --signal=KILL haproxy"), ("nginx", "lb", "systemctl kill --signal=KILL nginx"),
        ("keepalived", "lb2", "systemctl kill --signal=KILL haproxy"), ("static-pods", "cp2", "pkill -KILL -x haproxy"),
    ],
)  # fmt: skip
def test_the_proxy_of_each_kind_is_killed_where_the_address_is(kind: str, holder: str, killed: str) -> None:
    where = scene(kind=kind)
    fault = named("nginx-killed" if kind == "nginx" else "balancer-killed")
    where.hit = fault.where(where)
    assert where.names == [holder]
    (step,) = fault.do(where)
    assert killed in step.by_hand(where)
    (cut,) = named("balancer-cut-from-an-api-server").do(where)
    assert f"-d {where.cluster.machines['cp1'].address} --dport 6443" in cut.by_hand(where)


def test_the_virtual_address_has_moved_where_another_machine_has_it() -> None:
    where = scene(replies={"ps -o pid= -C keepalived": ""}, kind="keepalived")
    for name, proved in (("lb1", True), ("lb2", False)):
        where.hit = [where.cluster.machines[name]]
        assert isinstance(named("virtual-address-given-up").proof.seen(where, "12\0"), str) is proved


def test_members_of_a_ring_drop_what_those_send_that_they_do_not_see() -> None:
    where = scene()
    fault = named("etcd-majorities-in-a-ring")
    where.hit = fault.where(where)
    assert where.names == ["cp2", "cp3"]
    second, third = (step.by_hand(where) for step in fault.do(where))
    assert f"-s {where.cluster.machines['cp3'].address} --dport 2380" in second
    assert f"-s {where.cluster.machines['cp2'].address} --dport 2380" in third
    assert f"-s {where.cluster.machines['cp1'].address} " not in second + third
