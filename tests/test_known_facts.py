"""Facts of a release against what a cluster shows: all probes agree on what is known, and differences are one row."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.plugin.clusters import registry_key
from fixtures.subjects import known_facts
from fixtures.subjects.facts_patch import FILE, patch, sentence
from fixtures.subjects.observed_facts import PROBES, UNOBSERVABLE, Kubeconfig, Observed, Plane, Seen, observed
from provision.config import facts as facts_module
from provision.config.facts import NEWEST_MINOR, Fact, Facts
from provision.config.versions import OLDEST_MINOR, Version
from provision.util.result import Result
from scenarios import test_facts as scenario
from tests.stand_ins import fake_cluster

FACTS = {name for name, each in vars(Facts).items() if isinstance(each, Fact)}
UNKNOWN = Version(NEWEST_MINOR + 1, 0, "alpha.0.123", "abcdef0123456")
KNOWN = [Version(minor, patch) for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1) for patch in (0, 5, 13)]
ENDPOINT = "https://cluster-endpoint.kubeadm-ha.test:6443"
ROLE, EXCLUDED = "node-role.kubernetes.io/control-plane", "node.kubernetes.io/exclude-from-external-load-balancers"
SOCKET = "kubeadm.alpha.kubernetes.io/cri-socket"
SUBJECTS = {
    "admin.conf": "CN=kubernetes-admin,O=kubeadm:cluster-admins",
    "controller-manager.conf": "CN=system:kube-controller-manager",
    "scheduler.conf": "CN=system:kube-scheduler",
}


def plane(number: int, client: str, **more: str) -> Plane:
    """A control plane as kubeadm makes it: the kubelet's kubeconfig has a file for its certificate."""
    beside = f"https://198.18.0.{10 + number}:6443"
    servers = {"admin.conf": ENDPOINT, "super-admin.conf": ENDPOINT}
    found = {name: Kubeconfig(servers.get(name, beside), subject) for name, subject in (SUBJECTS | more).items()}
    return Plane(found | {"kubelet.conf": Kubeconfig(beside, None)}, beside, client)


def node(*labels: str, taints: tuple[str, ...] = (), annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
    usual = ("kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os")
    return {
        "metadata": {"labels": dict.fromkeys((*usual, *labels), ""), "annotations": dict(annotations or {})},
        "spec": {"taints": [{"key": key, "effect": "NoSchedule"} for key in taints]} if taints else {},
    }


def seen(version: Version = UNKNOWN, **changes: Any) -> Seen:
    """What is read of a healthy cluster: as a real one prints it, but for what is different between known releases."""
    of = Facts(version)
    annotations = {SOCKET: of.socket_annotation} if of.socket_annotation else {}
    role = {"kubeadm:apiserver-kubelet-client": of.kubelet_client_role} if of.kubelet_client_role else {}
    first = plane(1, of.kubelet_client, **{"super-admin.conf": "CN=kubernetes-super-admin,O=system:masters"})
    healthy = Seen(
        planes=[first, plane(2, of.kubelet_client), plane(3, of.kubelet_client)],
        plane_nodes=[node(ROLE, EXCLUDED, taints=(ROLE,), annotations=annotations) for _ in range(3)],
        worker_nodes=[node(annotations=annotations) for _ in range(3)],
        endpoint=ENDPOINT,
        bindings={"kubeadm:get-nodes": "kubeadm:get-nodes", "cluster-admin": "cluster-admin", **role},
        listed=[f"registry.k8s.io/kube-apiserver:{version.tag}", of.coredns, of.pause, of.etcd],
        printed="apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n",
        accepted=of.configuration_apis,
    )
    return replace(healthy, **changes)


def test_every_fact_has_a_probe_or_a_reason_why_none() -> None:
    assert PROBES.keys() | UNOBSERVABLE.keys() == FACTS
    assert PROBES.keys() & UNOBSERVABLE.keys() == set()


@pytest.mark.parametrize("version", [*KNOWN, UNKNOWN], ids=str)
def test_all_probes_agree_on_a_cluster_that_is_as_known(version: Version) -> None:
    found = observed(seen(version))
    assert found.different(Facts(version)) == {}
    assert found.values.keys() == PROBES.keys()
    assert (found.unseen, found.unread) == (UNOBSERVABLE, {})


def _planes(change: Mapping[str, Kubeconfig], client: str = "") -> list[Plane]:
    """The control planes with other kubeconfigs, or another client of kubelets."""
    return [
        replace(each, kubeconfigs={**each.kubeconfigs, **change}, kubelet_client=client or each.kubelet_client)
        for each in seen().planes
    ]


def _asking(server: str, *files: str) -> list[Plane]:
    return _planes({name: Kubeconfig(server, SUBJECTS.get(name)) for name in files})


DIFFERENT: dict[str, tuple[dict[str, Any], Any]] = {
    "configuration_apis": ({"printed": "apiVersion: kubeadm.k8s.io/v1\n", "accepted": ["kubeadm.k8s.io/v1beta4"]},
                           ("kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1")),
    "kubeconfigs": ({"planes": _planes({"admin.conf": Kubeconfig(ENDPOINT, "CN=other")})},
                    SUBJECTS | {"admin.conf": "CN=other"}),
    "first_kubeconfigs": ({"planes": [plane(number, Facts(UNKNOWN).kubelet_client) for number in (1, 2, 3)]}, {}),
    "components_ask_locally": ({"planes": _asking(ENDPOINT, "controller-manager.conf", "scheduler.conf")}, False),
    "kubelets_ask_locally": ({"planes": _asking(ENDPOINT, "kubelet.conf")}, False),
    "control_plane_label": (
        {"plane_nodes": [node("node-role.kubernetes.io/cp", EXCLUDED, taints=(ROLE,))] * 3},
        "node-role.kubernetes.io/cp",
    ),
    "excluding_label": ({"plane_nodes": [node(ROLE, "example.org/out", taints=(ROLE,))] * 3}, "example.org/out"),
    "control_plane_taints": ({"plane_nodes": [node(ROLE, EXCLUDED, taints=(ROLE, "x"))] * 3},
                             ((ROLE, "NoSchedule"), ("x", "NoSchedule"))),
    "socket_annotation": (
        {"plane_nodes": [node(ROLE, EXCLUDED, taints=(ROLE,), annotations={SOCKET: "unix:///x"})] * 3,
         "worker_nodes": [node(annotations={SOCKET: "unix:///x"})]}, "unix:///x",
    ),
    "kubelet_client": ({"planes": _planes({}, client="CN=other")}, "CN=other"),
    "kubelet_client_role": ({"bindings": {"kubeadm:get-nodes": "kubeadm:get-nodes"}}, None),
    **{
        name: ({"listed": [f"registry.k8s.io/{each}:9" for each in ("etcd", "coredns", "pause") if each == name] + [
            each for each in seen().listed if f"/{name}:" not in each]}, f"registry.k8s.io/{name}:9")
        for name in ("etcd", "coredns", "pause")
    },
}  # fmt: skip
"""What a newer release may show of each fact, and the value that is then true of it."""


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
        ({"planes": _asking("https://elsewhere:6443", "kubelet.conf")}, {"kubelets_ask_locally"}),
        ({"plane_nodes": [node(EXCLUDED, taints=(ROLE,))] * 3}, {"control_plane_label"}),
        (
            {"plane_nodes": [*[node(ROLE, EXCLUDED, taints=(ROLE,))] * 2, node(ROLE, EXCLUDED)]},
            {"control_plane_taints"},
        ),
    ],
)  # fmt: skip
def test_what_makes_no_answer_is_no_value(changes: dict[str, Any], names: set[str]) -> None:
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


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_patch_makes_the_file_true_for_the_release_and_leaves_older_ones(name: str, tmp_path: Path) -> None:
    different = observed(seen(**DIFFERENT[name][0])).different(Facts(UNKNOWN))
    patched = _applied(tmp_path, patch(Path(facts_module.__file__).read_text(), different, UNKNOWN))
    found, known = patched["Facts"], {each: getattr(Facts(UNKNOWN), each) for each in FACTS}
    assert {each: getattr(found(UNKNOWN), each) for each in FACTS} == known | different
    assert found(UNKNOWN).remark == ""
    for version in KNOWN:
        assert {each: getattr(found(version), each) for each in FACTS} == {
            each: getattr(Facts(version), each) for each in FACTS
        }


def _applied(tmp_path: Path, diff: str) -> dict[str, Any]:
    """What the file has when git has applied a patch to a copy of it."""
    copy = tmp_path / FILE
    copy.parent.mkdir(parents=True)
    shutil.copy(facts_module.__file__, copy)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, text=True, check=True)
    names: dict[str, Any] = {"__name__": facts_module.__name__}
    exec(compile(copy.read_text(), copy, "exec"), names)
    return names


def test_a_patch_of_a_known_minor_begins_with_the_patch_release() -> None:
    version = Version(NEWEST_MINOR, 9)
    different = {"kubelet_client": "CN=other"}
    diff = patch(Path(facts_module.__file__).read_text(), different, version)
    assert f'+        Change("1.{NEWEST_MINOR}.9", "CN=other", "#?, observed on v1.{NEWEST_MINOR}.9"),' in diff
    assert "NEWEST_MINOR" not in "".join(line for line in diff.splitlines() if line[:1] in "+-")
    assert sentence(different, version).startswith(f"1.{NEWEST_MINOR}.9 differs from what is known of it in: ")


def test_scenarios_go_by_what_was_observed() -> None:
    facts = Facts(UNKNOWN, {"kubelet_client": "CN=other", "socket_annotation": "unix:///x"})
    assert (facts.kubelet_client, facts.socket_annotation) == ("CN=other", "unix:///x")
    assert facts.control_plane_label == ROLE
    assert Facts.kubelet_client.at(UNKNOWN) == "CN=kube-apiserver-kubelet-client"


def test_what_cannot_be_read_is_no_failure_of_other_scenarios() -> None:
    cluster = fake_cluster({"sudo true": Result(0, "", "")})
    found = known_facts._observed(cluster)
    assert (found.values, list(found.unread)) == ({}, ["everything"])


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
