"""What kubeadm stores in a cluster and runs in it: configuration, DNS, kube-proxy, tokens.

The facts are those of upstream's own suite (kubernetes/kubernetes, test/e2e_kubeadm), with values where it tests
presence.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
import yaml

from fixtures.facts import Object
from provision.cluster import Cluster
from provision.kubeadm.commands import printed_joins
from provision.machines.machine import Machine
from provision.network import plugin

_SYSTEM = ("-n", "kube-system")


def _configuration(cluster: Cluster, name: str, key: str) -> dict[str, Any]:
    """A YAML document in a ConfigMap of kube-system."""
    return dict(yaml.safe_load(cluster.get("configmap", name, *_SYSTEM)["data"][key]))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("kubeadm-config", {"ClusterConfiguration"}),
        ("kubelet-config", {"kubelet"}),
        ("kube-proxy", {"config.conf", "kubeconfig.conf"}),
        ("coredns", {"Corefile"}),
    ],
)
def test_keys_of_a_configuration(cluster: Cluster, name: str, keys: set[str]) -> None:
    assert set(cluster.get("configmap", name, *_SYSTEM)["data"]) == keys


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("apiVersion", "kubelet.config.k8s.io/v1beta1"),
        ("kind", "KubeletConfiguration"),
        ("cgroupDriver", "systemd"),
        ("clusterDNS", ["10.96.0.10"]),
        ("clusterDomain", "cluster.local"),
        ("rotateCertificates", True),
        ("staticPodPath", "/etc/kubernetes/manifests"),
        ("authorization", {"mode": "Webhook"}),
        ("authentication", {"x509": {"clientCAFile": "/etc/kubernetes/pki/ca.crt"}, "anonymous": {"enabled": False}}),
    ],
)
def test_every_kubelet_is_told(cluster: Cluster, field: str, value: object) -> None:
    """Of nested values, the parts that are named: the others are the kubelet's defaults, written out."""
    found = _configuration(cluster, "kubelet-config", "kubelet")[field]
    assert {key: found[key] for key in value} == value if isinstance(value, dict) else found == value


def test_kube_proxy_knows_the_pod_network(cluster: Cluster) -> None:
    assert _configuration(cluster, "kube-proxy", "config.conf")["clusterCIDR"] == plugin.pod_cidr(cluster)


def test_stored_pod_network(cluster: Cluster, kubeadm_config: Object) -> None:
    assert kubeadm_config["networking"]["podSubnet"] == plugin.pod_cidr(cluster)


def test_api_has_the_first_service_address(cluster: Cluster, kubeadm_config: Object) -> None:
    service = cluster.get("service", "kubernetes", "-n", "default")["spec"]
    subnet = IPv4Network(kubeadm_config["networking"]["serviceSubnet"])
    assert IPv4Address(service["clusterIP"]) == subnet[1]


def test_corefile_serves_the_clusters_domain(cluster: Cluster) -> None:
    corefile = cluster.get("configmap", "coredns", *_SYSTEM)["data"]["Corefile"]
    assert "kubernetes cluster.local in-addr.arpa ip6.arpa {" in corefile


def test_dns_service(cluster: Cluster) -> None:
    service = cluster.get("service", "kube-dns", *_SYSTEM)["spec"]
    ports = {(port["port"], port["protocol"]) for port in service["ports"]}
    assert (service["clusterIP"], ports) == ("10.96.0.10", {(53, "UDP"), (53, "TCP"), (9153, "TCP")})


@pytest.mark.parametrize(("kind", "name"), [("deployment", "coredns"), ("daemonset", "kube-proxy")])
def test_runs_as_its_own_account(cluster: Cluster, kind: str, name: str) -> None:
    pod = cluster.get(kind, name, *_SYSTEM)["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == name


def test_tokens_are_the_printed_one_and_the_certificates(cluster: Cluster) -> None:
    """One to join with, and, where certificates were uploaded, one whose end is theirs."""
    found = cluster.get("secrets", *_SYSTEM, "--field-selector", "type=bootstrap.kubernetes.io/token", secret=True)
    names = {each["metadata"]["name"] for each in found["items"]}
    printed = "bootstrap-token-" + printed_joins(cluster).token.split(".")[0]
    assert (printed in names, len(names)) == (True, 2 if cluster.id.uploads else 1)


def test_cluster_info_is_signed_for_the_printed_token(cluster: Cluster) -> None:
    found = set(cluster.get("configmap", "cluster-info", "-n", "kube-public")["data"])
    assert found == {"kubeconfig", "jws-kubeconfig-" + printed_joins(cluster).token.split(".")[0]}


def test_container_runtime_is_the_nodes_own_business(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:
    """Since 1.34 a file of the node's own says which runtime it has; before, an annotation did."""
    annotations = node_objects[node.name]["metadata"]["annotations"]
    socket = annotations.get("kubeadm.alpha.kubernetes.io/cri-socket")
    expected = None if cluster.version.minor >= 34 else "unix:///var/run/containerd/containerd.sock"
    assert socket == expected
