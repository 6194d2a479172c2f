"""Certificate placement: which files are on which machine, what is shared, what is its own, and who may read it.

Source: https://kubernetes.io/docs/setup/best-practices/certificates/
"""

from __future__ import annotations

import pytest

from fixtures.subjects.certificates import OWN, SHARED, of_a_control_plane
from fixtures.subjects.files import PKI, NodeFiles, wrong_modes
from fixtures.subjects.finding import found
from provision.cluster import Cluster
from provision.machines.machine import Machine

Files = dict[str, NodeFiles]


def test_control_plane_has_exactly_the_expected_pki_files(
    files: Files, cluster: Cluster, control_plane: Machine
) -> None:
    """Where etcd is elsewhere, its authority's key and its members' certificates are, too."""
    assert files[control_plane.name].pki == of_a_control_plane(cluster.id)


def test_worker_has_only_the_cluster_ca_certificate(files: Files, worker: Machine) -> None:
    """The cluster's authority, to check servers with, and nothing that could sign or act."""
    assert files[worker.name].pki == {"ca.crt"}


def test_no_private_key_on_a_worker(files: Files, worker: Machine) -> None:
    """The kubelet's own key is in /var/lib/kubelet; below /etc/kubernetes there is none, whatever a file is called."""
    search = "sudo grep -roE 'PRIVATE KEY|client-key-data|^kind: Config' /etc/kubernetes"
    assert found(worker, search, ["/etc/kubernetes/kubelet.conf:kind: Config"]) == []


def test_no_manifest_on_a_worker(files: Files, worker: Machine) -> None:
    assert [path for path in files[worker.name].facts if path.startswith("/etc/kubernetes/manifests/")] == []


@pytest.mark.parametrize("path", SHARED)
def test_shared_file_is_the_same_on_all_control_planes(files: Files, cluster: Cluster, path: str) -> None:
    digests = {machine.name: files[machine.name].facts[PKI + path].sha256 for machine in cluster.control_planes}
    assert len(set(digests.values())) == 1, f"{PKI}{path} is not the same everywhere: {digests}"


def test_worker_has_the_cluster_ca_of_the_first_control_plane(files: Files, cluster: Cluster, worker: Machine) -> None:
    first = files[cluster.control_planes[0].name]
    assert files[worker.name].facts[f"{PKI}ca.crt"].sha256 == first.facts[f"{PKI}ca.crt"].sha256


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_differs_between_control_planes(files: Files, cluster: Cluster, own: str) -> None:
    """Also kubeadm's caution against copying all certificates: one that is copied is for the wrong machine."""
    serials = [files[each.name].certificates[f"{PKI}{own}.crt"].serial_number for each in cluster.control_planes]
    assert len(set(serials)) == len(serials)


def test_files_of_the_node_belong_to_root(files: Files, node: Machine) -> None:
    owners = {path: fact.owner for path, fact in files[node.name].facts.items() if fact.owner != "root:root"}
    wrong = [f"{path} is {owner}'s, must be root:root's" for path, owner in owners.items()]
    assert wrong == [], "; ".join(wrong)


def test_private_keys_have_mode_600(files: Files, control_plane: Machine) -> None:
    wrong = wrong_modes(files[control_plane.name], ".key", "600")
    assert wrong == [], "; ".join(wrong)


def test_certificates_have_mode_644(files: Files, node: Machine) -> None:
    wrong = wrong_modes(files[node.name], ".crt", "644")
    assert wrong == [], "; ".join(wrong)
