"""Facts of a release against what a cluster shows: all probes agree on what is known, and differences are one row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.plugin.clusters import registry_key
from fixtures.subjects import known_facts
from fixtures.subjects.facts_patch import FILE
from fixtures.subjects.observed_facts import PROBES, UNOBSERVABLE, Kubeconfig, Observed, observed
from provision.cluster import ADMIN
from provision.config.facts import Facts
from provision.config.versions import Version
from provision.util.result import Result
from scenarios import test_facts as scenario
from tests.fake_machine import Answers
from tests.observed_clusters import DIFFERENT, ENDPOINT, EXCLUDED, FACTS, KNOWN, ROLE, UNKNOWN, asking, node, seen
from tests.stand_ins import fake_cluster


def test_every_fact_has_a_probe_or_a_reason_why_none() -> None:
    assert PROBES.keys() | UNOBSERVABLE.keys() == FACTS
    assert PROBES.keys() & UNOBSERVABLE.keys() == set()


@pytest.mark.parametrize("version", [*KNOWN, UNKNOWN], ids=str)
def test_all_probes_agree_on_a_cluster_that_is_as_known(version: Version) -> None:
    found = observed(seen(version))
    assert found.different(Facts(version)) == {}
    assert found.values.keys() == PROBES.keys()
    assert (found.unseen, found.unread) == (UNOBSERVABLE, {})


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_fact_that_changed_is_found_and_no_other(name: str) -> None:
    changes, value = DIFFERENT[name]
    found = observed(seen(**changes))
    different = found.different(Facts(UNKNOWN))
    assert list(different) == [name], found
    assert different[name] == value
    assert found.unread == {}


def test_each_probe_is_tried_on_a_change() -> None:
    assert DIFFERENT.keys() == PROBES.keys()


UNUSUAL: dict[str, tuple[dict[str, Any], set[str]]] = {
    "one control plane": (
        {"planes": seen().planes[:1], "plane_nodes": seen().plane_nodes[:1]}, {"kubeconfigs", "first_kubeconfigs"},
    ),
    "no worker": ({"worker_nodes": []}, {"excluding_label"}),
    "labels that the configuration gives": (
        {"plane_nodes": [node(ROLE, EXCLUDED, "rack", taints=(ROLE,))] * 3, "given_labels": {"rack"}}, set(),
    ),
    "taints that the configuration gives": (
        {"plane_nodes": [node(ROLE, EXCLUDED)] * 3, "taints_given": True}, {"control_plane_taints"},
    ),
    "a node that is not ready at the moment": (
        {"plane_nodes": [node(ROLE, EXCLUDED, taints=(ROLE, "node.kubernetes.io/not-ready"))] * 3}, set(),
    ),
    "a first kubelet.conf that the user signed": (
        {"planes": [replace(each, kubeconfigs={**each.kubeconfigs, "kubelet.conf": Kubeconfig(ENDPOINT, None)})
                    if number == 0 else each for number, each in enumerate(seen().planes)],
         "kubelet_conf_made": False}, set(),
    ),
}  # fmt: skip
"""Clusters that are healthy and unusual, and the facts that these do not show."""


@pytest.mark.parametrize("name", UNUSUAL)
def test_probes_are_quiet_on_what_is_healthy_and_unusual(name: str) -> None:
    changes, unseen = UNUSUAL[name]
    found = observed(seen(**changes))
    assert (found.different(Facts(UNKNOWN)), found.unread) == ({}, {})
    assert found.unseen.keys() - UNOBSERVABLE.keys() == unseen


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"listed": []}, {"etcd", "coredns", "pause"}),
        ({"printed": "Lorem ipsum"}, {"configuration_apis"}),
        ({"bindings": {}}, {"kubelet_client_role"}),
        ({"planes": asking("https://elsewhere:6443", "kubelet.conf")}, {"kubelets_ask_locally"}),
        ({"plane_nodes": [node(EXCLUDED, taints=(ROLE,))] * 3}, {"control_plane_label"}),
        (
            {"plane_nodes": [*[node(ROLE, EXCLUDED, taints=(ROLE,))] * 2, node(ROLE, EXCLUDED)]},
            {"control_plane_taints"},
        ),
    ],
)  # fmt: skip
def test_what_makes_no_answer_has_no_value(changes: dict[str, Any], names: set[str]) -> None:
    found = observed(seen(**changes))
    assert found.unread.keys() == names
    assert found.different(Facts(UNKNOWN)) == {}


def _observed_cluster(found: Observed) -> Any:
    return SimpleNamespace(kubeadm_version=UNKNOWN), found


def test_the_scenario_names_all_differences_in_one_row_with_a_patch() -> None:
    changes = {**DIFFERENT["kubelet_client"][0], **DIFFERENT["control_plane_taints"][0]}
    with pytest.raises(AssertionError) as caught:
        scenario.test_facts_that_are_known_hold_for_the_release(*_observed_cluster(observed(seen(**changes))))
    message = str(caught.value)
    row = message.splitlines()[0]
    assert row.startswith("1.38 differs from 1.37 in: control_plane_taints (")
    assert "kubelet_client ('CN=other', known as 'CN=kube-apiserver-kubelet-client')" in row
    assert "not observed: dry_join_leaves, etcd_client_check," in message
    assert f"+++ b/{FILE}" in message


def test_the_scenario_is_quiet_where_all_is_as_known() -> None:
    scenario.test_facts_that_are_known_hold_for_the_release(*_observed_cluster(observed(seen())))


def test_the_scenario_is_red_where_facts_were_not_read() -> None:
    with pytest.raises(AssertionError, match=r"were not read: .*etcd"):
        scenario.test_facts_that_are_known_hold_for_the_release(*_observed_cluster(observed(seen(listed=[]))))


def test_scenarios_go_by_what_was_observed() -> None:
    facts = Facts(UNKNOWN, {"kubelet_client": "CN=other", "socket_annotation": "unix:///x"})
    assert (facts.kubelet_client, facts.socket_annotation) == ("CN=other", "unix:///x")
    assert facts.control_plane_label == ROLE
    assert Facts.kubelet_client.at(UNKNOWN) == "CN=kube-apiserver-kubelet-client"


def test_what_cannot_be_read_fails_no_other_scenario() -> None:
    cluster = fake_cluster({"sudo true": Result(0, "", "")})
    found = known_facts._observed(cluster)
    assert (found.values, list(found.unread)) == ({}, ["everything"])


def test_what_probes_go_by_is_read_of_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    made, accepted = seen(Version(37, 2)).planes, "kubeadm.k8s.io/v1beta4"
    monkeypatch.setattr(known_facts, "_plane", lambda machine: made[int(machine.name[-1]) - 1])
    objects = [node(ROLE, EXCLUDED, taints=(ROLE,))] * 3 + [node()] * 3
    named = [{**each, "metadata": {**each["metadata"], "name": name}}
             for each, name in zip(objects, ("cp1", "cp2", "cp3", "w1", "w2", "w3"), strict=True)]  # fmt: skip
    bindings = {name: {"metadata": {"name": name}, "roleRef": {"name": role}}
                for name, role in seen(Version(37, 2)).bindings.items()}  # fmt: skip
    kubectl = f"sudo {ADMIN} kubectl get"
    validated: list[str | Result] = [
        Result(1, "", 'no kind "ClusterConfiguration" is registered for version "kubeadm.k8s.io/v1beta3"'),
        "",
    ]
    answers = Answers(
        {
            f"{kubectl} nodes -o json": json.dumps({"items": named}),
            f"{kubectl} clusterrolebindings -o json": json.dumps({"items": list(bindings.values())}),
            "kubeadm config images list --kubernetes-version v1.37.2": "\n".join(seen(Version(37, 2)).listed),
            "kubeadm config print init-defaults": seen().printed,
            "kubeadm config validate --config /dev/stdin": lambda *_: validated.pop(0),
        }
    )
    with answers:
        found = known_facts.read(fake_cluster(answers))
    assert (found.accepted, found.endpoint) == ([accepted], ENDPOINT)
    assert observed(found) == observed(seen(Version(37, 2)))


def test_a_cluster_of_a_known_release_is_not_read_for_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _set_up(monkeypatch, "v1.37.2", "stacked-uploaded-1.37") == ({}, 0)


def test_a_cluster_of_an_unknown_release_is_read_once_and_its_scenarios_go_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _set_up(monkeypatch, str(UNKNOWN), "stacked-uploaded-1.38-own") == ({"kubelet_client": "CN=other"}, 1)


def test_a_cluster_that_is_upgraded_has_what_an_older_release_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _set_up(monkeypatch, str(UNKNOWN), "stacked-uploaded-1.38-from-1.37") == ({}, 0)


def _set_up(monkeypatch: pytest.MonkeyPatch, version: str, name: str) -> tuple[Mapping[str, Any], int]:
    """What a cluster's facts are overridden by when two tests were set up on it, and how often it was read."""
    cluster, reads = fake_cluster(name=name), []
    cluster.state = cluster.state.but(version=version)

    def read(_: object) -> Observed:
        reads.append(1)
        return Observed({"kubelet_client": "CN=other"})

    monkeypatch.setattr(known_facts, "_observed", read)
    registry = SimpleNamespace(building=lambda _: SimpleNamespace(cluster=cluster))
    stash = {registry_key: registry, known_facts._observed_key: {}}
    item: Any = SimpleNamespace(
        config=SimpleNamespace(stash=stash),
        fixturenames=["cluster"],
        callspec=SimpleNamespace(params={"building": name}),
    )
    for _ in range(2):
        known_facts.pytest_runtest_setup(item)
    return cluster.observed, len(reads)
