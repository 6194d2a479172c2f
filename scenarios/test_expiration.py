"""`kubeadm certs check-expiration` says of every control plane's certificates what is true of them.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#check-certificate-expiration
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fixtures.subjects.certificates import AUTHORITIES, ISSUED, OWN
from fixtures.subjects.files import NodeFiles
from fixtures.subjects.renewals import Expiration, expirations
from provision.cluster import Cluster
from provision.config.cluster_id import ELSEWHERE
from provision.machines.machine import Machine
from provision.util.concurrency import together

Files = dict[str, NodeFiles]
Listed = Mapping[str, Mapping[str, Expiration]]


@pytest.fixture(scope="module")
def listed(cluster: Cluster) -> Listed:
    """What it says, by control plane."""
    machines = cluster.control_planes
    return dict(zip((each.name for each in machines), together(expirations, machines), strict=True))


def _path(name: str) -> str:
    return f"pki/{name}.crt"


def test_check_expiration_lists_every_certificate_that_exists(
    files: Files, listed: Listed, cluster: Cluster, control_plane: Machine
) -> None:
    """Of kubeconfigs, too, but for the kubelet's, which renews its own; where etcd is elsewhere, of nothing of etcd."""
    found = files[control_plane.name]
    certificates = {f"pki/{path}" for path in found.pki if path.endswith(".crt")}
    if not cluster.id.stacked:
        certificates -= {_path("etcd/ca"), _path("apiserver-etcd-client")}
    there = {path for path, each in listed[control_plane.name].items() if not each.missing}
    assert there == certificates | set(found.kubeconfigs) - {"kubelet.conf"}


def test_check_expiration_reports_missing_what_only_the_first_control_plane_has(
    listed: Listed, cluster: Cluster, control_plane: Machine
) -> None:
    first = control_plane is cluster.control_planes[0]
    missing = {path for path, each in listed[control_plane.name].items() if each.missing}
    assert missing == (set() if first else set(cluster.facts.first_kubeconfigs))


@pytest.mark.parametrize("certificate", [*OWN, *AUTHORITIES])
def test_check_expiration_shows_the_end_that_the_certificate_has(
    files: Files, listed: Listed, control_plane: Machine, certificate: str
) -> None:
    found = files[control_plane.name].certificates[f"/etc/kubernetes/{_path(certificate)}"]
    assert listed[control_plane.name][_path(certificate)].ends == found.not_valid_after_utc


@pytest.mark.parametrize("own", OWN)
def test_check_expiration_names_the_authority_that_signed(listed: Listed, control_plane: Machine, own: str) -> None:
    assert listed[control_plane.name][_path(own)].authority == ISSUED[own][0].replace("/", "-")


def test_check_expiration_says_what_kubeadm_does_not_manage(
    listed: Listed, cluster: Cluster, control_plane: Machine
) -> None:
    """Where an authority's key is not there, kubeadm can renew nothing that it signed."""
    found = {path: each for path, each in listed[control_plane.name].items() if not each.missing}
    elsewhere = {path for path, each in found.items() if each.elsewhere}
    assert elsewhere == (set(found) if cluster.id.authority == ELSEWHERE else set())
