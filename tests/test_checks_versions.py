"""Versions: each rule sees one broken thing, and healthy clusters of other kinds stay quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.facts.cluster import Facts
from checks.rules.releases import release, release_of_image
from tests.healthy import healthy, with_api, with_each, with_machine, without_login
from tests.healthy.judging import found, report, undecided
from tests.healthy.values import known


def all_of(facts: Facts) -> list[tuple[str, str, tuple[str, ...]]]:
    return found(facts, "KHA-VER")


def with_image(facts: Facts, name: str, component: str, tag: str) -> Facts:
    """A component of a control plane has another image, in its manifest and in its pod."""
    image = f"registry.k8s.io/{component}{tag}"
    manifests = tuple(
        replace(each, containers=(replace(each.containers[0], image=image),)) if each.name == component else each
        for each in facts.machine(name).manifests.get()
    )
    pods = tuple(
        {**each, "spec": {**each["spec"], "containers": [{"name": component, "image": image}]}}
        if each["metadata"]["name"] == f"{component}-{name}" else each
        for each in facts.api.pods.get()
    )  # fmt: skip
    return with_api(with_machine(facts, name, manifests=manifests), pods=pods)


def with_control_plane(facts: Facts, name: str, version: str) -> Facts:
    """A control plane is of another version as a whole."""
    for component in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        facts = with_image(facts, name, component, f":{version}")
    servers = tuple(replace(each, version=known(version)) if each.machine == name else each for each in facts.servers)
    return replace(facts, servers=servers)


def with_kubelet(facts: Facts, name: str, running: str, stored: str = "") -> Facts:
    """A node's kubelet runs another version, and has one on disk."""
    nodes = tuple(
        {**each, "status": {**each["status"], "nodeInfo": {**each["status"]["nodeInfo"], "kubeletVersion": running}}}
        if each["metadata"]["name"] == name else each
        for each in facts.api.nodes.get()
    )  # fmt: skip
    kubelet = replace(facts.machine(name).kubelet.get(), version=stored or running)
    return with_machine(with_api(facts, nodes=nodes), name, kubelet=kubelet)


def with_stored(facts: Facts, version: str) -> Facts:
    configuration = {**facts.api.cluster_configuration.get(), "kubernetesVersion": version}
    return with_api(facts, cluster_configuration=configuration)


def with_kube_proxy(facts: Facts, version: str) -> Facts:
    pods = tuple(
        {**each, "spec": {**each["spec"], "containers": [{"name": "kube-proxy", "image": f"kube-proxy:{version}"}]}}
        if each["metadata"]["labels"].get("k8s-app") == "kube-proxy" else each
        for each in facts.api.pods.get()
    )  # fmt: skip
    return with_api(facts, pods=pods)


# -- control planes


@pytest.mark.parametrize("login", [True, False])
def test_a_component_that_an_upgrade_left_behind_is_a_notice(login: bool) -> None:
    facts = with_image(healthy(), "cp3", "kube-scheduler", ":v1.36.0")
    assert all_of(facts if login else without_login(facts)) == [("KHA-VER-001", "notice", ("cp3",))]


def test_a_cluster_in_the_middle_of_an_upgrade_is_a_notice_that_names_what_is_left() -> None:
    facts = with_stored(with_kubelet(with_control_plane(healthy(), "cp1", "v1.38.0"), "cp1", "v1.38.0"), "v1.38.0")
    # cp1's kubelet is newer than the API servers of the others, which the policy does not support
    assert [each for each in all_of(facts) if each[0] != "KHA-VER-003"] == [("KHA-VER-001", "notice", ("cp2", "cp3"))]
    before = with_stored(with_control_plane(healthy(), "cp1", "v1.38.0"), "v1.37.2")
    assert all_of(before) == [("KHA-VER-001", "notice", ("cp2", "cp3"))]


def test_control_planes_two_minors_apart_are_a_warning() -> None:
    facts = with_control_plane(healthy(), "cp3", "v1.35.1")
    assert ("KHA-VER-001", "warning", ("cp3",)) in all_of(facts)


@pytest.mark.parametrize("component", ["kube-controller-manager", "kube-scheduler"])
@pytest.mark.parametrize("login", [True, False])
def test_a_component_that_is_newer_than_its_api_server_is_a_warning(component: str, login: bool) -> None:
    facts = with_image(healthy(), "cp2", component, ":v1.38.0")
    assert all_of(facts if login else without_login(facts)) == [("KHA-VER-002", "warning", ("cp2",))]


def through_the_endpoint(facts: Facts) -> Facts:
    return with_each(facts, lambda machine: {"kubeconfigs": tuple(
        replace(each, server="https://k8s.example.org:6443") for each in machine.kubeconfigs.get()
    )})  # fmt: skip


def test_a_component_that_connects_to_the_endpoint_counts_against_every_api_server() -> None:
    facts = with_control_plane(healthy(), "cp1", "v1.38.0")
    assert ("KHA-VER-002", "warning", ("cp1",)) not in all_of(facts)
    assert ("KHA-VER-002", "warning", ("cp1",)) in all_of(through_the_endpoint(facts))


def test_a_newer_patch_of_a_component_is_healthy() -> None:
    assert all_of(with_image(healthy(), "cp2", "kube-scheduler", ":v1.37.9")) == []


@pytest.mark.parametrize(("stored", "severity"), [
    ("v1.36.0", "warning"), ("v1.38.0", "warning"), ("v1.37.1", "notice"), ("v1.37.2", ""), ("v1.37.2+abc", ""),
    ("1.37.2", ""), ("stable", ""), ("", ""),
])  # fmt: skip
def test_the_stored_version_is_what_runs(stored: str, severity: str) -> None:
    assert all_of(with_stored(healthy(), stored)) == ([("KHA-VER-004", severity, ())] if severity else [])


# -- nodes


def test_a_kubelet_that_is_newer_than_the_api_servers_is_a_warning() -> None:
    facts = with_kubelet(healthy(), "w3", "v1.38.2")
    assert all_of(facts) == [("KHA-VER-003", "warning", ("w3",))]
    assert "install one of 1.34 to 1.37" in report(facts, "KHA-VER").findings[0].fix


def test_a_kubelet_that_is_newer_than_the_oldest_api_server_is_a_warning() -> None:
    facts = with_kubelet(with_control_plane(healthy(), "cp3", "v1.36.4"), "cp1", "v1.37.2")
    assert next(each[:2] for each in all_of(facts)) == ("KHA-VER-003", "warning")


@pytest.mark.parametrize(("version", "finding"), [
    ("v1.37.0", False), ("v1.37.9", False), ("v1.36.1", False), ("v1.34.9", False), ("v1.33.2", True),
])  # fmt: skip
def test_a_kubelet_may_be_three_minors_older(version: str, finding: bool) -> None:
    expected = [("KHA-VER-003", "warning", ("w2",))] if finding else []
    assert all_of(with_kubelet(healthy(), "w2", version)) == expected


@pytest.mark.parametrize(("server", "kubelet", "finding"), [
    ("v1.27.3", "v1.24.1", True), ("v1.27.3", "v1.25.1", False), ("v1.28.3", "v1.25.1", False),
    ("v1.26.3", "v1.24.1", False),
])  # fmt: skip
def test_kubelets_before_1_25_may_be_two_minors_older(server: str, kubelet: str, finding: bool) -> None:
    facts = with_stored(with_kube_proxy(healthy(workers=1), server), server)
    for name in ("cp1", "cp2", "cp3"):
        facts = with_kubelet(with_control_plane(facts, name, server), name, server)
    facts = with_kubelet(facts, "w1", kubelet)
    assert all_of(facts) == ([("KHA-VER-003", "warning", ("w1",))] if finding else [])


@pytest.mark.parametrize(("stored", "severity"), [("v1.37.3", "notice"), ("v1.38.0", "warning"), ("v1.37.2", "")])
def test_a_kubelet_that_was_replaced_and_not_restarted_is_named(stored: str, severity: str) -> None:
    expected = [("KHA-VER-005", severity, ("w1",))] if severity else []
    assert all_of(with_kubelet(healthy(), "w1", "v1.37.2", stored)) == expected


@pytest.mark.parametrize(
    ("version", "finding"), [("v1.38.0", True), ("v1.36.1", False), ("v1.33.0", True), ("v1.34.0", False)]
)
def test_the_version_of_kube_proxy_is_one_that_api_servers_support(version: str, finding: bool) -> None:
    expected = [("KHA-VER-006", "warning", ("cp1", "cp2", "cp3", "w1", "w2", "w3"))] if finding else []
    assert all_of(with_kube_proxy(healthy(), version)) == expected


# -- healthy and unusual


@pytest.mark.parametrize("version", ["v1.37.2+abc", "v1.37.2-rke2r1", "v1.37.2-gke.100", "1.37.2", "v1.37.2_vendor.1"])
def test_a_distributions_own_versions_are_healthy(version: str) -> None:
    facts = with_kube_proxy(healthy(), version)
    for each in ("cp1", "cp2", "cp3"):
        facts = with_control_plane(facts, each, version)
    for each in ("cp1", "w1"):
        facts = with_kubelet(facts, each, version)
    assert all_of(facts) == []


@pytest.mark.parametrize("tag", [":latest", "@sha256:" + "0" * 64, "", ":my-build-7", ":v1.37", ":v1.37.2@sha256:aa"])
def test_images_without_a_version_are_healthy(tag: str) -> None:
    facts = healthy()
    for component in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        facts = with_image(facts, "cp2", component, tag)
    assert all_of(facts) == []
    assert undecided(facts, "KHA-VER") == []


@pytest.mark.parametrize("change", [
    lambda pod: None if pod["metadata"]["labels"].get("k8s-app") == "kube-proxy" else pod,
    lambda pod: {**pod, "metadata": {"name": pod["metadata"]["name"], "namespace": "kube-system"}},
])  # fmt: skip
def test_no_kube_proxy_and_pods_without_labels_are_healthy(change: Callable[[Any], Any]) -> None:
    pods = tuple(each for pod in healthy().api.pods.get() if (each := change(pod)))
    assert all_of(with_api(healthy(), pods=pods)) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("v1.37.2", "v1.37.2"), ("1.38.0-rc.0", "v1.38.0-rc.0"), ("v1.38.0-alpha.1.23+abcdef", "v1.38.0-alpha.1"),
    ("v1.37.2-eks-1234", "v1.37.2"), ("v1.37", "None"), ("", "None"), ("v2.0.1", "None"), ("v1.370.22", "v1.370.22"),
])  # fmt: skip
def test_a_release_is_what_a_version_begins_with(text: str, expected: str) -> None:
    assert str(release(text)) == expected


@pytest.mark.parametrize(("image", "expected"), [
    ("registry.k8s.io/kube-apiserver:v1.37.2", "v1.37.2"), ("host:5000/kube-apiserver", "None"),
    ("host:5000/a/kube-apiserver:v1.37.2@sha256:00", "v1.37.2"), ("kube-apiserver@sha256:00", "None"),
])  # fmt: skip
def test_the_release_of_an_image_is_its_tags(image: str, expected: str) -> None:
    assert str(release_of_image(image)) == expected
