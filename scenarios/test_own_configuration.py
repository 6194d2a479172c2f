"""A user's own configuration of kubeadm: what it says is so, in what the cluster keeps and in what runs.

Source: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/, and the pages that the tests name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from checks.collecting import reading_kubernetes
from checks.collecting.questions import CONFIGURATION
from fixtures.plugin.parameters import only
from fixtures.subjects.answers import answers_of
from fixtures.subjects.configured import command_of, differing, labels_of, mounts_of, not_stored, skip_without
from fixtures.subjects.etcd import Etcd
from fixtures.subjects.facts import Object, document_in
from fixtures.subjects.hosts import curl
from fixtures.subjects.rbac import ApiObjects
from provision.cluster import Cluster
from provision.config.addresses import url
from provision.config.configuration.expected import COMPONENTS, Expected
from provision.config.configuration.own import Document, Kind
from provision.machines.machine import Machine

pytestmark = pytest.mark.configured(True)

_PROGRAMS = [*COMPONENTS, *only("stacked", "etcd")]

Manifests = Mapping[tuple[str, str], str]
"""By machine and component."""


@pytest.fixture(scope="session")
def manifests(cluster: Cluster) -> Manifests:
    """The manifests of all static pods."""
    names = (*COMPONENTS, *(["etcd"] if cluster.id.stacked else []))
    return {
        (machine.name, name): machine.succeed(f"sudo cat /etc/kubernetes/manifests/{name}.yaml")
        for machine in cluster.control_planes
        for name in names
    }


def _own(cluster: Cluster, kind: Kind) -> Document:
    """A document of the user's file; a test that is about one is skipped where there is none."""
    own = cluster.own_configuration
    assert own is not None, "the cluster's id names a configuration, and its state has none"
    if not own.of(kind):
        pytest.skip(f"{own.name} has no {kind}")
    return own.of(kind)


def test_stored_configuration_keeps_every_field_of_the_file(cluster: Cluster, kubeadm_config: Object) -> None:
    """Later joins and upgrades read it."""
    given, own = _own(cluster, Kind.CLUSTER), cluster.own_configuration
    assert own is not None
    assert differing(given, kubeadm_config, but=not_stored(own), silent=True) == {}


@pytest.mark.parametrize("component", _PROGRAMS)
def test_static_pod_has_the_configured_options(
    expected: Expected, manifests: Manifests, control_plane: Machine, component: str
) -> None:
    if not expected.arguments[component]:
        pytest.skip(f"the configuration has no options for {component}")
    command = command_of(manifests[control_plane.name, component])
    has = {name: command.get(name.replace("_", "-")) for name in expected.arguments[component]}
    assert has == expected.arguments[component]


@pytest.mark.parametrize("component", COMPONENTS)
def test_static_pod_has_the_configured_folders_of_its_machine(
    expected: Expected, manifests: Manifests, control_plane: Machine, component: str
) -> None:
    if not expected.mounts[component]:
        pytest.skip(f"the configuration has no extraVolumes for {component}")
    mounts = mounts_of(manifests[control_plane.name, component])
    assert {path: mounts.get(path) for path in expected.mounts[component]} == expected.mounts[component]


def test_kubelet_of_the_node_has_every_field_of_the_file(cluster: Cluster, node: Machine) -> None:
    """The file of the machine, which kubeadm writes from what the cluster keeps."""
    given = _own(cluster, Kind.KUBELET)
    has, _ = reading_kubernetes.configuration(answers_of(node, "kubelet-configuration"), CONFIGURATION)
    assert differing(given, has) == {}


def test_kube_proxy_config_keeps_every_field_of_the_file(
    cluster: Cluster, expected: Expected, api_objects: ApiObjects
) -> None:
    """But for what a host workaround sets, which the report names."""
    given = _own(cluster, Kind.PROXY)
    skip_without(expected, "kube-proxy")
    has = document_in(api_objects.data("kube-system", "kube-proxy"), "config.conf")
    changed = ("conntrack.maxPerCore",) if "conntrack" in cluster.workarounds else ()
    assert differing(given, has, but=changed) == {}


def test_node_has_the_configured_labels(
    cluster: Cluster, expected: Expected, node_objects: dict[str, Object], node: Machine
) -> None:
    given = labels_of(expected, cluster, node)
    if not given:
        pytest.skip("the configuration has no node-labels for this node")
    labels = node_objects[node.name]["metadata"]["labels"]
    assert {name: labels.get(name) for name in given} == given


def test_secrets_are_encrypted_in_etcd(cluster: Cluster, expected: Expected, etcd: Etcd, etcd_member: Machine) -> None:
    """https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/: what an API server wrote has this prefix."""
    if "encryption-provider-config" not in expected.arguments["kube-apiserver"]:
        pytest.skip("the configuration has no encryption at rest")
    prefix = "/registry/secrets/kube-system/"
    keys = etcd.ctl(etcd_member, "get", prefix, "--prefix", "--keys-only").split()
    assert keys, f"etcd has no key below {prefix}"
    clear = [key for key in keys if not etcd.ctl(etcd_member, "get", "--print-value-only", key).startswith("k8s:enc:")]
    assert clear == []


def test_audit_log_has_events(cluster: Cluster, expected: Expected, control_plane: Machine) -> None:
    """https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/: one JSON object a line, on each control plane."""
    paths = expected.arguments["kube-apiserver"].get("audit-log-path")
    if not paths:
        pytest.skip("the configuration has no audit log")
    event = json.loads(control_plane.succeed(f"sudo head -n 1 {paths[0]}"))
    assert (event["kind"], event["apiVersion"]) == ("Event", "audit.k8s.io/v1")


def test_kubelet_serves_with_a_certificate_of_the_cluster_ca(
    cluster: Cluster, expected: Expected, node: Machine
) -> None:
    """https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs: once approved.

    What is refused is the request, which shows nothing; its certificate was accepted by then.
    """
    if not expected.kubelet.get("serverTLSBootstrap"):
        pytest.skip("the configuration has kubelets sign their serving certificates themselves")
    first = cluster.control_planes[0]
    request = f"-o /dev/null -w '%{{http_code}}' --cacert /etc/kubernetes/pki/ca.crt {url(node.address, 10250)}/pods"
    assert first.succeed(f"{curl(first)} {request}").strip() == "401"
