"""Machines of a cluster, from what its API says: roles, addresses and ports."""

from __future__ import annotations

from typing import Any

import pytest

from checks.collecting.discovery import Known, machines
from checks.collecting.targets import Ports
from checks.facts.cluster import Api
from checks.facts.fact import Unknown, unread
from checks.facts.machine import CONTROL_PLANE, ETCD, WORKER
from tests.healthy.objects import node, pod
from tests.healthy.values import known


def found(*nodes: Any, pods: Any = (), **configuration: Any) -> list[Known]:
    return list(machines(Api(nodes=known(nodes), pods=known(pods), cluster_configuration=known(configuration))))


def test_roles_of_a_stacked_cluster() -> None:
    assert [(each.name, each.roles, each.address) for each in found(node("cp1", True), node("w1"))] == [
        ("cp1", (CONTROL_PLANE, ETCD), "10.0.0.11"), ("w1", (WORKER,), "10.0.0.21"),
    ]  # fmt: skip


def test_a_node_without_the_label_that_runs_an_api_server_is_a_control_plane() -> None:
    [one] = found(node("cp1"), pods=(pod("kube-apiserver-cp1", "cp1", component="kube-apiserver"),))
    assert one.roles == (CONTROL_PLANE, ETCD)


def test_members_of_an_external_etcd_are_machines_of_their_own() -> None:
    listed = ["https://10.0.0.31:2379", "https://etcd.example.org:2379", "https://10.0.0.11:2379", "https://[fd00::5]:2379",
              "https://[", "https://x;y:1"]  # fmt: skip
    every = found(node("cp1", True), etcd={"external": {"endpoints": listed}})
    assert [(each.name, each.roles, each.address, each.node) for each in every] == [
        ("cp1", (CONTROL_PLANE,), "10.0.0.11", True), ("etcd1", (ETCD,), "10.0.0.31", False),
        ("etcd.example.org", (ETCD,), "etcd.example.org", False), ("etcd4", (ETCD,), "fd00::5", False),
    ]  # fmt: skip


def test_ports_are_those_of_the_pods_annotation_and_of_the_kubelets_report() -> None:
    server = dict(pod("kube-apiserver-cp1", "cp1", component="kube-apiserver"))
    annotation = "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint"
    server["metadata"] = {**server["metadata"], "annotations": {annotation: "10.0.0.11:8443"}}
    one = dict(node("cp1", True))
    one["status"] = {**one["status"], "daemonEndpoints": {"kubeletEndpoint": {"Port": 10350}}}
    assert found(one, pods=(server,))[0].ports == Ports(8443, 10350)
    assert found(node("cp1", True))[0].ports == Ports()


def test_a_node_without_an_internal_address_is_known_by_another_or_by_its_name() -> None:
    one: dict[str, Any] = {"metadata": {"name": "w1"}, "status": {"addresses": [{"type": "Hostname", "address": "w"}]}}
    assert found(one)[0].address == "w1"
    one["status"]["addresses"].append({"type": "ExternalIP", "address": "203.0.113.1"})
    assert found(one)[0].address == "203.0.113.1"


def test_the_first_of_two_internal_addresses_counts() -> None:
    addresses = [{"type": "InternalIP", "address": each} for each in ("10.0.0.21", "fd00::21")]
    assert found({"metadata": {"name": "w1"}, "status": {"addresses": addresses}})[0].address == "10.0.0.21"


def test_without_nodes_no_machine_is_known() -> None:
    with pytest.raises(Unknown, match="forbidden"):
        machines(Api(nodes=unread("forbidden")))


@pytest.mark.parametrize(
    "configuration",
    [{"etcd": None}, {"etcd": "x"}, {"etcd": {"external": None}}, {"etcd": {"external": {"endpoints": 5}}}],
)
def test_a_configuration_of_another_shape_names_no_members(configuration: Any) -> None:
    assert [each.name for each in found(node("w1"), **configuration)] == ["w1"]
