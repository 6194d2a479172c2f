"""The kubeconfigs that kubeadm writes: which are where, which server they name, who they are.

Source: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#generate-kubeconfig-files-for-control-plane-components
"""

from __future__ import annotations

import pytest

from fixtures.subjects.certificates import issued_by, name
from fixtures.subjects.files import PKI, NodeFiles, wrong_modes
from provision.cluster import Cluster
from provision.config.addresses import url
from provision.config.cluster_id import CLUSTER
from provision.machines.machine import Machine

Files = dict[str, NodeFiles]

CONFIGS = ("admin.conf", "controller-manager.conf", "scheduler.conf")
"""What every control plane has; the facts of a version say as whom each acts."""


def test_control_plane_has_exactly_the_expected_kubeconfigs(
    files: Files, cluster: Cluster, control_plane: Machine
) -> None:
    """super-admin.conf, which no RBAC rule can stop, stays on the first."""
    first = cluster.facts.first_kubeconfigs if control_plane is cluster.control_planes[0] else {}
    assert set(files[control_plane.name].kubeconfigs) == {*cluster.facts.kubeconfigs, "kubelet.conf", *first}


def test_worker_has_only_kubelet_conf(files: Files, worker: Machine) -> None:
    assert set(files[worker.name].kubeconfigs) == {"kubelet.conf"}


def test_kubeconfigs_have_mode_600(files: Files, node: Machine) -> None:
    wrong = wrong_modes(files[node.name], ".conf", "600")
    assert wrong == [], "; ".join(wrong)


@pytest.mark.parametrize("config", ["controller-manager.conf", "scheduler.conf"])
def test_kubeconfig_of_a_component_names_the_server_of_its_version(
    files: Files, cluster: Cluster, control_plane: Machine, config: str
) -> None:
    """They may not be newer than their API server, which during an upgrade only the one beside them satisfies."""
    server = _server(cluster, control_plane, locally=cluster.facts.components_ask_locally)
    assert files[control_plane.name].kubeconfigs[config].server == server


def test_kubelet_conf_of_a_control_plane_names_the_server_of_its_version(
    files: Files, cluster: Cluster, control_plane: Machine
) -> None:
    """Where the version of kubeadm has it so, and makes the file: what it asks to have signed names the endpoint."""
    made = cluster.id.authority == CLUSTER or control_plane is not cluster.control_planes[0]
    server = _server(cluster, control_plane, locally=cluster.facts.kubelets_ask_locally and made)
    assert files[control_plane.name].kubeconfigs["kubelet.conf"].server == server


def _server(cluster: Cluster, machine: Machine, *, locally: bool) -> str:
    return url(machine.address, 6443) if locally else f"https://{cluster.endpoint}"


@pytest.mark.parametrize("config", CONFIGS)
def test_kubeconfig_has_the_expected_identity(
    files: Files, cluster: Cluster, control_plane: Machine, config: str
) -> None:
    client = files[control_plane.name].kubeconfigs[config].client
    assert client is not None
    assert name(client) == cluster.facts.kubeconfigs[config]


def test_super_admin_conf_has_the_expected_identity(files: Files, cluster: Cluster) -> None:
    found = files[cluster.control_planes[0].name].kubeconfigs
    clients = {config: found[config].client for config in cluster.facts.first_kubeconfigs}
    assert {config: client and name(client) for config, client in clients.items()} == cluster.facts.first_kubeconfigs


@pytest.mark.parametrize("config", CONFIGS)
def test_client_certificate_of_a_kubeconfig_is_signed_by_the_cluster_ca(
    files: Files, control_plane: Machine, config: str
) -> None:
    found = files[control_plane.name]
    client = found.kubeconfigs[config].client
    assert client is not None
    assert issued_by(client, found.certificates[f"{PKI}ca.crt"])


def test_kubeconfigs_trust_the_cluster_ca(files: Files, node: Machine) -> None:
    found = files[node.name]
    authority = found.certificates[f"{PKI}ca.crt"]
    assert {name for name, config in found.kubeconfigs.items() if config.authority != authority} == set()


def test_kubelet_conf_embeds_no_certificate(files: Files, node: Machine) -> None:
    """A file that the kubelet replaces before it expires, not a copy of a certificate."""
    assert files[node.name].kubeconfigs["kubelet.conf"].client is None
