"""Certificate placement: which files are on which machine, what is shared, what is its own, and who may read it.

Source: https://kubernetes.io/docs/setup/best-practices/certificates/ and kubeadm's own list of what it distributes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.certificates import alternative_names, issued_by, lifetime, name, public_key
from fixtures.files import PKI, NodeFiles
from provision.cluster import Cluster
from provision.machines.machine import Machine

SHARED = (
    "ca.crt", "ca.key", "etcd/ca.crt", "etcd/ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub",
)  # fmt: skip
"""What every control plane has in common."""

AUTHORITIES = {"ca": "CN=kubernetes", "etcd/ca": "CN=etcd-ca", "front-proxy-ca": "CN=front-proxy-ca"}

OWN = {
    "apiserver": ("ca", "CN=kube-apiserver"),
    "apiserver-kubelet-client": ("ca", "CN=kube-apiserver-kubelet-client"),
    "apiserver-etcd-client": ("etcd/ca", "CN=kube-apiserver-etcd-client"),
    "etcd/healthcheck-client": ("etcd/ca", "CN=kube-etcd-healthcheck-client"),
    "etcd/peer": ("etcd/ca", "CN={machine}"),
    "etcd/server": ("etcd/ca", "CN={machine}"),
    "front-proxy-client": ("front-proxy-ca", "CN=front-proxy-client"),
}
"""What each control plane has of its own: the authority that issues it, and its subject."""

_YEAR = timedelta(days=365)
_BACKDATED = timedelta(minutes=10)  # kubeadm starts validity five minutes early

Files = dict[str, NodeFiles]


def _below_pki(files: NodeFiles) -> set[str]:
    return {path.removeprefix(PKI) for path in files.facts if path.startswith(PKI)}


def test_files_of_a_control_plane(files: Files, control_plane: Machine) -> None:
    expected = {*SHARED, *(f"{own}.{kind}" for own in OWN for kind in ("crt", "key"))}
    assert _below_pki(files[control_plane.name]) == expected


def test_files_of_a_worker(files: Files, worker: Machine) -> None:
    """The cluster's authority, to check servers with, and nothing that could sign or act."""
    assert _below_pki(files[worker.name]) == {"ca.crt"}


def test_no_private_key_on_a_worker(files: Files, worker: Machine) -> None:
    """The kubelet's own key is in /var/lib/kubelet; below /etc/kubernetes there is none, whatever a file is called."""
    found = worker.run("sudo grep -rlE 'PRIVATE KEY|client-key-data' /etc/kubernetes").stdout.split()
    assert found == []


def test_no_manifest_on_a_worker(files: Files, worker: Machine) -> None:
    assert [path for path in files[worker.name].facts if path.startswith("/etc/kubernetes/manifests/")] == []


@pytest.mark.parametrize("path", SHARED)
def test_shared_file_is_the_same_everywhere(files: Files, cluster: Cluster, path: str) -> None:
    digests = {files[machine.name].facts[PKI + path].sha256 for machine in cluster.control_planes}
    assert len(digests) == 1


def test_workers_have_the_clusters_authority(files: Files, cluster: Cluster, worker: Machine) -> None:
    first = files[cluster.control_planes[0].name]
    assert files[worker.name].facts[f"{PKI}ca.crt"].sha256 == first.facts[f"{PKI}ca.crt"].sha256


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_is_nobody_elses(files: Files, cluster: Cluster, own: str) -> None:
    """Also kubeadm's caution against copying all certificates: one that is copied is for the wrong machine."""
    serials = [files[each.name].certificates[f"{PKI}{own}.crt"].serial_number for each in cluster.control_planes]
    assert len(set(serials)) == len(serials)


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_has_its_issuer(files: Files, control_plane: Machine, own: str) -> None:
    certificates = files[control_plane.name].certificates
    authority = certificates[f"{PKI}{OWN[own][0]}.crt"]
    assert issued_by(certificates[f"{PKI}{own}.crt"], authority)


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_has_its_subject(files: Files, cluster: Cluster, control_plane: Machine, own: str) -> None:
    subject = name(files[control_plane.name].certificates[f"{PKI}{own}.crt"])
    if own == "apiserver-kubelet-client" and cluster.version.minor < 36:
        # 1.29 put it into the administrators' group; 1.36, and late patches of older minors, bind it by name alone.
        subject = subject.removesuffix(",O=kubeadm:cluster-admins")
    assert subject == OWN[own][1].format(machine=control_plane.name)


@pytest.mark.parametrize("pair", [*AUTHORITIES, *OWN])
def test_key_belongs_to_the_certificate(files: Files, control_plane: Machine, pair: str) -> None:
    found = files[control_plane.name]
    assert public_key(found.certificates[f"{PKI}{pair}.crt"]) == found.public_keys[f"{PKI}{pair}.key"]


def test_service_account_keys_belong_together(files: Files, control_plane: Machine) -> None:
    public = control_plane.succeed(f"sudo openssl pkey -pubin -in {PKI}sa.pub -pubout")
    assert files[control_plane.name].public_keys[f"{PKI}sa.key"] == public


def test_names_of_the_api_server(files: Files, cluster: Cluster, control_plane: Machine) -> None:
    """Its own, the cluster's Service by every name, and the load balancer's."""
    service = {f"kubernetes{tail}" for tail in ("", ".default", ".default.svc", ".default.svc.cluster.local")}
    expected = {control_plane.name, control_plane.address, cluster.endpoint.name, "10.96.0.1", *service}
    assert alternative_names(files[control_plane.name].certificates[f"{PKI}apiserver.crt"]) == expected


@pytest.mark.parametrize("own", ["etcd/server", "etcd/peer"])
def test_names_of_the_etcd_member(files: Files, control_plane: Machine, own: str) -> None:
    expected = {control_plane.name, control_plane.address, "localhost", "127.0.0.1", "::1"}
    assert alternative_names(files[control_plane.name].certificates[f"{PKI}{own}.crt"]) == expected


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_lasts_a_year(files: Files, control_plane: Machine, own: str) -> None:
    certificate = files[control_plane.name].certificates[f"{PKI}{own}.crt"]
    assert _YEAR <= lifetime(certificate) <= _YEAR + _BACKDATED


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_authority_lasts_ten_years(files: Files, control_plane: Machine, authority: str) -> None:
    certificate = files[control_plane.name].certificates[f"{PKI}{authority}.crt"]
    assert 10 * _YEAR <= lifetime(certificate) <= 10 * _YEAR + _BACKDATED


def test_nothing_is_expired(files: Files, node: Machine) -> None:
    now = datetime.now(UTC)
    found = files[node.name].certificates.items()
    assert [path for path, each in found if not each.not_valid_before_utc <= now < each.not_valid_after_utc] == []


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_authority_signed_itself(files: Files, control_plane: Machine, authority: str) -> None:
    certificate = files[control_plane.name].certificates[f"{PKI}{authority}.crt"]
    assert (name(certificate), issued_by(certificate, certificate)) == (AUTHORITIES[authority], True)


def test_everything_is_roots(files: Files, node: Machine) -> None:
    facts = files[node.name].facts
    assert {path: fact.owner for path, fact in facts.items() if fact.owner != "root:root"} == {}


def test_keys_are_for_root_alone(files: Files, control_plane: Machine) -> None:
    facts = files[control_plane.name].facts
    assert {path: fact.mode for path, fact in facts.items() if path.endswith(".key") and fact.mode != "600"} == {}


def test_certificates_can_be_read(files: Files, node: Machine) -> None:
    facts = files[node.name].facts
    assert {path: fact.mode for path, fact in facts.items() if path.endswith(".crt") and fact.mode != "644"} == {}
