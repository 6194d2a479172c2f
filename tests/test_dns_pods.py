"""Scenarios about where CoreDNS runs, and about a member's list: red on what they are about, and quiet otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from fixtures.subjects.facts import Object
from provision.cluster import ADMIN, Cluster
from scenarios import test_dns_pods as scenarios
from scenarios import test_etcd as etcd
from tests.fake_machine import Replies
from tests.stand_ins import commands, fake_cluster

GET = f"sudo {ADMIN} kubectl get"
RESTART = f"sudo {ADMIN} kubectl -n kube-system rollout restart deployment coredns"
STATUS = re.compile(rf"^sudo {re.escape(ADMIN)} kubectl -n kube-system rollout status deployment coredns ")
MANIFEST = "sudo cat /etc/kubernetes/manifests/etcd.yaml"


def _pod(name: str, node: str, *, ending: bool = False, app: str = "kube-dns") -> dict[str, Any]:
    more = {"deletionTimestamp": "2026-11-27T20:00:00Z"} if ending else {}
    return {"metadata": {"name": name, "labels": {"k8s-app": app}, **more}, "spec": {"nodeName": node}}


def _cluster(pods: Sequence[Object] = (), generation: int = 1, name: str = "stacked-uploaded-1.37") -> Cluster:
    """A cluster with these pods of kube-system, whose Deployment of CoreDNS was changed as often."""
    replies: Replies = {
        f"{GET} deployment coredns -n kube-system -o json": json.dumps({"metadata": {"generation": generation}}),
        f"{GET} pods -n kube-system -o json": json.dumps({"items": list(pods)}),
        RESTART: "deployment.apps/coredns restarted\n",
        STATUS: 'deployment "coredns" successfully rolled out\n',
    }
    return fake_cluster(replies, name=name)


def _judged(pods: Sequence[Object], **more: Any) -> None:
    scenarios.test_dns_pods_stay_where_init_ran(_cluster(pods, **more), list(pods))


def test_pods_of_coredns_that_stayed_on_the_first_control_plane_are_as_expected() -> None:
    _judged([_pod("a", "cp1"), _pod("b", "cp1"), _pod("proxy", "w1", app="kube-proxy")])


@pytest.mark.parametrize("places", [("cp1", "w1"), ("w1", "w1"), ("cp1",), ()])
def test_pods_of_coredns_that_are_elsewhere_refute_that_they_stay(places: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError):
        _judged([_pod(f"coredns-{number}", place) for number, place in enumerate(places)])


@pytest.mark.parametrize("more", [{"generation": 2}, {"name": "stacked-uploaded-1.37-flannel"}])
def test_where_coredns_was_restarted_or_its_start_is_a_race_the_scenario_is_skipped(more: dict[str, Any]) -> None:
    with pytest.raises(pytest.skip.Exception):
        _judged([_pod("a", "cp2"), _pod("b", "w1")], **more)


def test_restarted_pods_of_coredns_are_judged_without_those_that_end() -> None:
    mutable = _cluster([_pod("old", "cp1", ending=True), _pod("a", "w1"), _pod("b", "w2")])
    scenarios.test_restarted_dns_pods_are_on_two_machines(mutable)
    assert RESTART in commands(mutable, "cp1")


@pytest.mark.parametrize("places", [("w1", "w1"), ("w1",), ("w1", "w2", "w3")])
def test_restarted_pods_of_coredns_that_are_not_two_on_two_machines_are_a_failure(places: tuple[str, ...]) -> None:
    pods = [_pod(f"coredns-{number}", place) for number, place in enumerate(places)]
    with pytest.raises(AssertionError, match="the pods of CoreDNS are on w1"):
        scenarios.test_restarted_dns_pods_are_on_two_machines(_cluster(pods))


def test_two_nodes_are_too_few_for_a_restart_to_be_judged() -> None:
    with pytest.raises(pytest.skip.Exception):
        scenarios.test_restarted_dns_pods_are_on_two_machines(_cluster(name="stacked-uploaded-1.37-1cp-1w"))


def _listed(*options: str) -> None:
    containers = [{"name": "etcd", "image": "etcd", "command": ["etcd", *options]}]
    manifest = json.dumps({"kind": "Pod", "metadata": {"name": "etcd"}, "spec": {"containers": containers}})
    cluster = fake_cluster({MANIFEST: manifest})
    etcd.test_etcd_member_is_started_with_a_list_of_members(cluster, cluster.machines["cp2"])


def test_a_member_that_is_in_its_list_was_started_with_it() -> None:
    _listed("--initial-cluster=cp1=https://198.18.0.3:2380,cp2=https://198.18.0.4:2380", "--name=cp2")


@pytest.mark.parametrize(
    "options",
    [
        ["--initial-cluster=cp1=https://198.18.0.3:2380"],
        ["--initial-cluster=cp2=https://198.18.0.4:2380", "--discovery-srv=etcd.example"],
    ],
)
def test_a_member_without_itself_in_its_list_or_with_discovery_is_found(options: list[str]) -> None:
    with pytest.raises(AssertionError):
        _listed(*options)
