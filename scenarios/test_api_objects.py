"""What kubeadm stores in a cluster: configuration, discovery, DNS and kube-proxy.

Source: kubernetes/kubernetes test/e2e_kubeadm, re-expressed, values pinned where upstream only tests presence.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from fixtures.subjects.configured import skip_without, skip_without_pod_network
from fixtures.subjects.facts import Object, document_in
from fixtures.subjects.rbac import ApiObjects, Key
from provision.cluster import Cluster
from provision.config.addresses import networks
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

SYSTEM = "kube-system"

SERVICES = [("default", "kubernetes"), (SYSTEM, "kube-dns")]
"""Those whose addresses pods and certificates take for granted."""

_SOCKET = "kubeadm.alpha.kubernetes.io/cri-socket"


def _modes(kubelet: Object) -> tuple[Any, Any]:
    """Whether a kubelet lets in who shows nothing, and who decides what others may do."""
    anonymous = kubelet.get("authentication", {}).get("anonymous", {}).get("enabled", False)
    return anonymous, kubelet.get("authorization", {}).get("mode", "Webhook")


def _stored(objects: ApiObjects, name: str, key: str) -> Object:
    """A YAML document in a ConfigMap of kube-system; empty where there is none."""
    return document_in(objects.data(SYSTEM, name), key)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("kubeadm-config", {"ClusterConfiguration"}),
        ("kubelet-config", {"kubelet"}),
        ("kube-proxy", {"config.conf", "kubeconfig.conf"}),
        ("coredns", {"Corefile"}),
    ],
)
def test_stored_configuration_has_exactly_the_expected_keys(
    api_objects: ApiObjects, expected: Expected, name: str, keys: set[str]
) -> None:
    skip_without(expected, name)
    assert set(api_objects.data(SYSTEM, name)) == keys


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "ClusterConfiguration"),
        ("clusterName", "kubernetes"),
        ("certificatesDir", "/etc/kubernetes/pki"),
    ],
)
def test_kubeadm_config_field_has_the_expected_value(
    kubeadm_config: Object, expected: Expected, field: str, value: str
) -> None:
    """Every later join and upgrade reads it."""
    chosen = {"clusterName": expected.cluster_name}
    assert kubeadm_config.get(field) == chosen.get(field, value)


def test_kubeadm_config_has_the_api_version_of_the_release(cluster: Cluster, kubeadm_config: Object) -> None:
    assert kubeadm_config.get("apiVersion") == cluster.facts.configuration_api


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("apiVersion", "kubelet.config.k8s.io/v1beta1"),
        ("kind", "KubeletConfiguration"),
        ("clusterDNS", ["10.96.0.10"]),
        ("clusterDomain", "cluster.local"),
        ("rotateCertificates", True),
        ("cgroupDriver", "systemd"),
        ("staticPodPath", "/etc/kubernetes/manifests"),
    ],
)
def test_kubelet_config_field_has_the_expected_value(
    api_objects: ApiObjects, expected: Expected, field: str, value: object
) -> None:
    """What kubeadm sets unless the configuration does; DNS by the networks that it says."""
    networks = {"clusterDNS": list(expected.cluster_dns), "clusterDomain": expected.dns_domain}
    wanted = expected.kubelet.get(field, networks.get(field, value))
    assert _stored(api_objects, "kubelet-config", "kubelet").get(field) == wanted


def test_kubelet_config_refuses_anonymous_requests(api_objects: ApiObjects, expected: Expected) -> None:
    """A kubelet's own default is to let everybody in."""
    found = _stored(api_objects, "kubelet-config", "kubelet")
    usual = {"authentication": {"anonymous": {"enabled": False}}, "authorization": {"mode": "Webhook"}}
    assert _modes(found) == _modes(usual | dict(expected.kubelet))


@pytest.mark.parametrize(
    ("field", "value"), [("apiVersion", "kubeproxy.config.k8s.io/v1alpha1"), ("kind", "KubeProxyConfiguration")]
)
def test_kube_proxy_config_field_has_the_expected_value(
    api_objects: ApiObjects, expected: Expected, field: str, value: str
) -> None:
    skip_without(expected, "kube-proxy")
    assert _stored(api_objects, "kube-proxy", "config.conf").get(field) == value


def test_kube_proxy_knows_the_pod_network(expected: Expected, api_objects: ApiObjects) -> None:
    """By it, kube-proxy tells traffic of pods from what comes from outside."""
    skip_without(expected, "kube-proxy")
    known = _stored(api_objects, "kube-proxy", "config.conf").get("clusterCIDR")
    assert known == expected.proxied_cidr


@pytest.mark.built
def test_stored_networks_are_the_requested_ones(expected: Expected, kubeadm_config: Object) -> None:
    pods = {"podSubnet": ",".join(expected.pod_subnets)} if expected.pod_subnets else {}
    services = {"dnsDomain": expected.dns_domain, "serviceSubnet": ",".join(expected.service_subnets)}
    assert kubeadm_config.get("networking") == services | pods


def test_pod_cidr_of_the_node_is_in_the_stored_pod_network(
    node_objects: dict[str, Object], expected: Expected, kubeadm_config: Object, node: Machine
) -> None:
    """What the cluster says of itself, not only what was configured; of each family where there are two."""
    skip_without_pod_network(expected)
    own = networks(",".join(node_objects[node.name]["spec"]["podCIDRs"]))
    stored = networks(kubeadm_config["networking"]["podSubnet"])
    pairs = list(zip(own, stored, strict=True))
    assert [str(each) for each, network in pairs if each[0] not in network or each[-1] not in network] == []


@pytest.mark.parametrize(("namespace", "name"), SERVICES)
def test_service_has_the_expected_address(
    api_objects: ApiObjects, expected: Expected, namespace: str, name: str
) -> None:  # fmt: skip
    """The first of the network is the API's, the tenth that of DNS."""
    skip_without(expected, name)
    spec = api_objects[Key("Service", namespace, name)].get("spec", {})
    assert spec.get("clusterIP") == (expected.dns_address if name == "kube-dns" else expected.api_address)


@pytest.mark.parametrize(("namespace", "name"), SERVICES)
def test_service_address_is_in_the_stored_service_network(
    api_objects: ApiObjects, expected: Expected, kubeadm_config: Object, namespace: str, name: str
) -> None:
    skip_without(expected, name)
    address = ip_address(api_objects[Key("Service", namespace, name)]["spec"]["clusterIP"])
    assert address in networks(kubeadm_config["networking"]["serviceSubnet"])[0]


def test_dns_service_has_the_expected_ports(api_objects: ApiObjects, expected: Expected) -> None:
    skip_without(expected, "kube-dns")
    spec = api_objects[Key("Service", SYSTEM, "kube-dns")].get("spec", {})
    ports = sorted((port["protocol"], port["port"]) for port in spec.get("ports", []))
    assert ports == [("TCP", 53), ("TCP", 9153), ("UDP", 53)]


def test_corefile_serves_the_clusters_domain(api_objects: ApiObjects, expected: Expected) -> None:
    skip_without(expected, "coredns")
    served = [line.split() for line in api_objects.data(SYSTEM, "coredns").get("Corefile", "").splitlines()]
    zones = [words[1:-1] for words in served if words[:1] == ["kubernetes"]]
    assert zones == [[expected.dns_domain, "in-addr.arpa", "ip6.arpa"]]


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "coredns"), ("DaemonSet", "kube-proxy")])
def test_addon_runs_as_its_own_service_account(
    api_objects: ApiObjects, expected: Expected, kind: str, name: str
) -> None:  # fmt: skip
    skip_without(expected, name)
    pod = api_objects[Key(kind, SYSTEM, name)].get("spec", {}).get("template", {}).get("spec", {})
    assert pod.get("serviceAccountName") == name


@pytest.mark.parametrize("name", ["coredns", "kube-proxy"])
def test_service_account_of_the_addon_exists(api_objects: ApiObjects, expected: Expected, name: str) -> None:
    skip_without(expected, name)
    assert api_objects[Key("ServiceAccount", SYSTEM, name)]


@pytest.mark.built
def test_cluster_info_is_signed_for_the_printed_token_alone(api_objects: ApiObjects, token_id: str) -> None:
    """Every signature is one more token that vouches for this cluster."""
    assert set(api_objects.data("kube-public", "cluster-info")) == {"kubeconfig", f"jws-kubeconfig-{token_id}"}


def test_cri_socket_annotation_is_as_the_release_has_it(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:
    """A file of the node says where its runtime is, or in older versions an annotation."""
    assert node_objects[node.name]["metadata"]["annotations"].get(_SOCKET) == cluster.facts.socket_annotation
