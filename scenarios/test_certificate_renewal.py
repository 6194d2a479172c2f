"""Certificates renewed by hand: all of them are new, the same as before but for their end, and in use.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal
"""

from __future__ import annotations

import pytest

from fixtures.subjects.certificates import AUTHORITIES, ISSUED, OWN, alternative_names, issued_by, name, public_key
from fixtures.subjects.files import PKI
from fixtures.subjects.renewals import RENEW, Renewed
from provision.cluster import Cluster

pytestmark = pytest.mark.lengthy

CONFIGS = ("admin.conf", "controller-manager.conf", "scheduler.conf")
SERVERS = [(6443, "apiserver"), *(pytest.param(*each, marks=pytest.mark.topology("stacked")) for each in
           ((2379, "etcd/server"), (2380, "etcd/peer")))]  # fmt: skip
"""Port → the certificate that is shown there."""


@pytest.mark.parametrize("own", OWN)
def test_renewed_certificate_and_key_are_new(renewed: Renewed, own: str) -> None:
    before, after = (each.certificates[f"{PKI}{own}.crt"] for each in (renewed.before, renewed.after))
    assert (before.serial_number != after.serial_number, public_key(before) != public_key(after)) == (True, True)


@pytest.mark.parametrize("own", OWN)
def test_renewed_certificate_keeps_its_subject_and_names(renewed: Renewed, own: str) -> None:
    before, after = (each.certificates[f"{PKI}{own}.crt"] for each in (renewed.before, renewed.after))
    assert (name(after), alternative_names(after)) == (name(before), alternative_names(before))


@pytest.mark.parametrize("own", OWN)
def test_renewed_certificate_is_signed_by_its_authority(renewed: Renewed, own: str) -> None:
    certificates = renewed.after.certificates
    assert issued_by(certificates[f"{PKI}{own}.crt"], certificates[f"{PKI}{ISSUED[own][0]}.crt"])


@pytest.mark.parametrize("own", OWN)
def test_renewed_key_belongs_to_its_certificate(renewed: Renewed, own: str) -> None:
    after = renewed.after
    assert public_key(after.certificates[f"{PKI}{own}.crt"]) == after.public_keys[f"{PKI}{own}.key"]


@pytest.mark.parametrize("config", CONFIGS)
def test_renewed_kubeconfig_has_a_new_certificate_for_the_same_subject(renewed: Renewed, config: str) -> None:
    before, after = (each.kubeconfigs[config].client for each in (renewed.before, renewed.after))
    assert before is not None
    assert after is not None
    assert (before.serial_number != after.serial_number, name(before)) == (True, name(after))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_renewal_leaves_the_authority_unchanged(renewed: Renewed, authority: str) -> None:
    files = [f"{PKI}{authority}.{kind}" for kind in ("crt", "key")]
    assert [renewed.after.facts[file] for file in files] == [renewed.before.facts[file] for file in files]


def test_renewal_leaves_the_kubelets_certificate_unchanged(renewed: Renewed) -> None:
    """It renews that by itself; the page: kubelet.conf is not in the list."""
    assert renewed.after.kubelet_client.serial_number == renewed.before.kubelet_client.serial_number


def test_renewal_keeps_modes_and_owners_of_files(renewed: Renewed) -> None:
    before, after = ({path: (fact.mode, fact.owner) for path, fact in each.facts.items()}
                     for each in (renewed.before, renewed.after))  # fmt: skip
    assert after == before


def test_renewed_certificates_expire_later(renewed: Renewed) -> None:
    """As `check-expiration` says; what is missing, and the authorities, excepted."""
    before, after = renewed.ends_before, renewed.ends_after
    later = {path for path, each in after.items() if each.ends and each.ends > (before[path].ends or each.ends)}
    assert later == {path for path, each in after.items() if each.authority and not each.missing}


def test_renewal_says_what_to_restart(renewed: Renewed) -> None:
    assert "You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd" in renewed.output


@pytest.mark.parametrize(("port", "certificate"), SERVERS)
def test_restarted_server_presents_the_renewed_certificate(renewed: Renewed, port: int, certificate: str) -> None:
    """On the wire, after the restart that the page asks for."""
    assert renewed.shown[port] == renewed.after.certificates[f"{PKI}{certificate}.crt"].serial_number


def test_renewal_does_not_create_a_missing_super_admin_conf(mutable: Cluster, renewed: Renewed) -> None:
    """super-admin.conf stays with the first control plane."""
    output = renewed.machine.succeed(f"{RENEW} super-admin.conf")
    assert ("MISSING" in output, set(mutable.facts.first_kubeconfigs) & set(renewed.after.kubeconfigs)) == (True, set())
