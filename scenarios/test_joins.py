"""Join success: every machine is the node it was meant to be, and there are no others.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#install-workers
"""

from __future__ import annotations

from cryptography import x509

from fixtures.subjects.certificates import issued_by, name
from fixtures.subjects.configured import skip_without_pod_network, taints_of
from fixtures.subjects.facts import Object, conditions
from fixtures.subjects.files import PKI, NodeFiles
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.config.topology import Role
from provision.machines.machine import Machine

_ROLES = "node-role.kubernetes.io/"


def _is_control_plane(machine: Machine) -> bool:
    return machine.role is Role.CONTROL_PLANE


def test_nodes_are_exactly_the_machines(cluster: Cluster, node_objects: dict[str, Object]) -> None:
    assert set(node_objects) == {machine.name for machine in cluster.nodes}


def test_number_of_control_plane_nodes_is_as_requested(cluster: Cluster, node_objects: dict[str, Object]) -> None:
    label = cluster.facts.control_plane_label
    assert sum(label in node["metadata"]["labels"] for node in node_objects.values()) == len(cluster.control_planes)


def test_number_of_worker_nodes_is_as_requested(cluster: Cluster, node_objects: dict[str, Object]) -> None:
    label = cluster.facts.control_plane_label
    assert sum(label not in node["metadata"]["labels"] for node in node_objects.values()) == len(cluster.workers)


def test_node_is_ready(node_objects: dict[str, Object], node: Machine) -> None:
    ready = conditions(node_objects[node.name])["Ready"]
    assert ready == "True", f"the node's condition Ready is {ready}, must be True"


def test_node_reports_no_pressure(node_objects: dict[str, Object], node: Machine) -> None:
    found = conditions(node_objects[node.name])
    assert {name: status for name, status in found.items() if name != "Ready" and status != "False"} == {}


def test_node_has_exactly_the_label_of_its_role(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:
    labels = node_objects[node.name]["metadata"]["labels"]
    roles = {label for label in labels if label.startswith(_ROLES)}
    assert roles == ({cluster.facts.control_plane_label} if _is_control_plane(node) else set())


def test_node_has_exactly_the_taints_of_its_role(
    cluster: Cluster, expected: Expected, node_objects: dict[str, Object], node: Machine
) -> None:
    """Workers have none, unless the configuration says otherwise."""
    taints = [(taint["key"], taint["effect"]) for taint in node_objects[node.name]["spec"].get("taints", [])]
    assert taints == [*taints_of(cluster, expected, node)]


def test_only_control_planes_are_labelled_for_exclusion_from_balancers(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:
    labels = node_objects[node.name]["metadata"]["labels"]
    assert (cluster.facts.excluding_label in labels) == _is_control_plane(node)


def test_node_has_the_address_of_its_machine(
    cluster: Cluster, node_objects: dict[str, Object], node: Machine
) -> None:  # fmt: skip
    """Of each family, where machines have addresses of both."""
    addresses = node_objects[node.name]["status"]["addresses"]
    wanted = [{"type": "InternalIP", "address": each} for each in cluster.addresses_of(node)]
    assert [each for each in wanted if each not in addresses] == [], addresses


def test_kubelet_has_the_version(cluster: Cluster, node_objects: dict[str, Object], node: Machine) -> None:
    version, expected = node_objects[node.name]["status"]["nodeInfo"]["kubeletVersion"], cluster.kubelet_version(node)
    assert version == str(expected), f"the kubelet is {version}, must be {expected}"


def test_kubeadm_has_the_version(cluster: Cluster, node: Machine) -> None:
    assert node.succeed("kubeadm version -o short").strip() == str(cluster.kubeadm_version)


def test_pod_cidrs_of_nodes_differ(expected: Expected, node_objects: dict[str, Object]) -> None:
    skip_without_pod_network(expected)
    cidrs = [cidr for node in node_objects.values() for cidr in node["spec"]["podCIDRs"]]
    assert len(set(cidrs)) == len(cidrs)


def test_kubelet_runs_and_is_enabled(cluster: Cluster, node: Machine) -> None:
    states = node.succeed("systemctl is-active kubelet containerd; systemctl show -p Wants multi-user.target")
    kubelet, containerd = states.split()[:2]
    assert kubelet == "active", f"kubelet is {kubelet}, must be active"
    assert containerd == "active", f"containerd is {containerd}, must be active"
    assert "kubelet.service" in states, "kubelet is not among what multi-user.target wants, and will not start at boot"


def test_kubelet_has_a_client_certificate_for_its_node(files: dict[str, NodeFiles], node: Machine) -> None:
    """The one that TLS bootstrap issued for the node's own name, not the token that requested it."""
    assert name(files[node.name].kubelet_client) == f"CN=system:node:{node.name},O=system:nodes"


def test_kubelet_client_certificate_is_signed_by_the_cluster_ca(files: dict[str, NodeFiles], node: Machine) -> None:
    authority: x509.Certificate = files[node.name].certificates[f"{PKI}ca.crt"]
    assert issued_by(files[node.name].kubelet_client, authority)


def test_bootstrap_kubelet_conf_is_gone(files: dict[str, NodeFiles], node: Machine) -> None:
    assert "/etc/kubernetes/bootstrap-kubelet.conf" not in files[node.name].facts
