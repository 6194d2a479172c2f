"""Attempts that must fail, and lost machines, on stand-ins: what is changed for one is put back, whatever happens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest
import yaml

from fixtures.subjects import refusals as subject
from fixtures.subjects.outages import Outages
from fixtures.subjects.refusals import Described, Refusals
from provision.cluster import ADMIN, Cluster
from provision.kubeadm import rejoining
from provision.machines.machine import Machine
from provision.util.result import Result
from scenarios.test_outages import test_etcd_loses_a_member_with_its_control_plane as _loses_a_member
from tests.fake_machine import Replies
from tests.stand_ins import commands, fake_cluster

STORED = "clusterName: kubernetes\ncontrolPlaneEndpoint: balancer:6443\n"
GET = f"sudo {ADMIN} kubectl get configmap kubeadm-config -n kube-system -o json"
JOIN = "kubeadm join balancer:6443 --control-plane"
ANSWER = (
    "unable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint address"
)


def _patches(cluster: Cluster) -> list[Any]:
    """The configurations that were stored, one after the other."""
    patched = [each for each in commands(cluster, "cp1") if " kubectl patch configmap kubeadm-config " in each]
    texts = [json.loads(each.partition(" -p ")[2].strip("'"))["data"]["ClusterConfiguration"] for each in patched]
    return [yaml.safe_load(each) for each in texts]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    left: list[str] = []
    monkeypatch.setattr(rejoining, "new_join", lambda *_: JOIN.removesuffix(" --control-plane"))
    monkeypatch.setattr(rejoining, "leave", lambda _, machine: left.append(machine.name))
    monkeypatch.setattr(subject, "described", lambda _: Described({}, [], {}))

    def answer(_machine: str, command: str) -> Result | str:
        if command == GET:
            return json.dumps({"data": {"ClusterConfiguration": STORED}})
        return Result(1, "", ANSWER) if JOIN in command else "configmap/kubeadm-config patched\n"

    replies: Replies = {re.compile(""): answer}
    return fake_cluster(replies, name="stacked-uploaded-1.37-mutable")


def test_a_join_without_an_endpoint_is_tried_and_the_endpoint_is_put_back(cluster: Cluster) -> None:
    refusal = Refusals(cluster).attempt("with_no_endpoint")
    assert (refusal.rc, ANSWER in refusal.output) == (1, True)
    assert _patches(cluster) == [{"clusterName": "kubernetes"}, yaml.safe_load(STORED)]


def test_the_endpoint_is_put_back_where_the_attempt_breaks_off(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(subject, "with_workarounds", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Refusals(cluster).attempt("with_no_endpoint")
    assert _patches(cluster)[-1] == yaml.safe_load(STORED)


class _Lost:
    """Outages in which so many members of etcd stay healthy."""

    def __init__(self, healthy: int) -> None:
        self._healthy = healthy

    @contextmanager
    def without(self, machines: Sequence[Machine]) -> Iterator[None]:
        yield

    def until_writing(self, survivor: Machine) -> None:
        """Writes go on."""

    def healthy(self) -> set[str]:
        return {f"member {number}" for number in range(self._healthy)}


def _lost(healthy: int, name: str = "stacked-uploaded-1.37-mutable") -> None:
    cluster = fake_cluster(name=name)
    _loses_a_member(cluster, cast(Outages, _Lost(healthy)), cluster.control_planes[0])


def test_one_member_less_is_as_expected_of_a_lost_control_plane() -> None:
    _lost(2)


@pytest.mark.parametrize("healthy", [3, 1, 0])
def test_any_other_number_of_members_fails(healthy: int) -> None:
    with pytest.raises(AssertionError):
        _lost(healthy)


def test_two_members_are_too_few_to_lose_one() -> None:
    with pytest.raises(pytest.skip.Exception):
        _lost(1, "stacked-uploaded-1.37-2cp-mutable")
