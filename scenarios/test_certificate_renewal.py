"""Certificates renewed by hand: all of them are new, the same as before but for their end, and in use.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal
"""

from __future__ import annotations

import pytest

from fixtures.certificates import AUTHORITIES, ISSUED, OWN, alternative_names, issued_by, name, public_key
from fixtures.files import PKI
from fixtures.renewals import RENEW, Renewed
from provision.cluster import Cluster

pytestmark = pytest.mark.lengthy

CONFIGS = ("admin.conf", "controller-manager.conf", "scheduler.conf")
SERVERS = [(6443, "apiserver"), *(pytest.param(*each, marks=pytest.mark.topology("stacked")) for each in
           ((2379, "etcd/server"), (2380, "etcd/peer")))]  # fmt: skip
"""Port → the certificate that is shown there."""


@pytest.mark.parametrize("own", OWN)
def test_certificate_is_another(renewed: Renewed, own: str) -> None:
    before, after = (each.certificates[f"{PKI}{own}.crt"] for each in (renewed.before, renewed.after))
    assert (before.serial_number != after.serial_number, public_key(before) != public_key(after)) == (True, True)


@pytest.mark.parametrize("own", OWN)
def test_certificate_says_the_same(renewed: Renewed, own: str) -> None:
    before, after = (each.certificates[f"{PKI}{own}.crt"] for each in (renewed.before, renewed.after))
    assert (name(after), alternative_names(after)) == (name(before), alternative_names(before))


@pytest.mark.parametrize("own", OWN)
def test_certificate_has_its_issuer(renewed: Renewed, own: str) -> None:
    certificates = renewed.after.certificates
    assert issued_by(certificates[f"{PKI}{own}.crt"], certificates[f"{PKI}{ISSUED[own][0]}.crt"])


@pytest.mark.parametrize("own", OWN)
def test_key_belongs_to_the_certificate(renewed: Renewed, own: str) -> None:
    after = renewed.after
    assert public_key(after.certificates[f"{PKI}{own}.crt"]) == after.public_keys[f"{PKI}{own}.key"]


@pytest.mark.parametrize("config", CONFIGS)
def test_kubeconfig_has_another_certificate(renewed: Renewed, config: str) -> None:
    before, after = (each.kubeconfigs[config].client for each in (renewed.before, renewed.after))
    assert before is not None
    assert after is not None
    assert (before.serial_number != after.serial_number, name(before)) == (True, name(after))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_authority_stays(renewed: Renewed, authority: str) -> None:
    files = [f"{PKI}{authority}.{kind}" for kind in ("crt", "key")]
    assert [renewed.after.facts[file] for file in files] == [renewed.before.facts[file] for file in files]


def test_kubelet_keeps_its_own(renewed: Renewed) -> None:
    """It renews that by itself; the page: kubelet.conf is not in the list."""
    assert renewed.after.kubelet_client.serial_number == renewed.before.kubelet_client.serial_number


def test_files_stay_as_protected(renewed: Renewed) -> None:
    before, after = ({path: (fact.mode, fact.owner) for path, fact in each.facts.items()}
                     for each in (renewed.before, renewed.after))  # fmt: skip
    assert after == before


def test_they_end_later(renewed: Renewed) -> None:
    """As `check-expiration` says; what is missing, and the authorities, excepted."""
    before, after = renewed.ends_before, renewed.ends_after
    later = {path for path, each in after.items() if each.ends and each.ends > (before[path].ends or each.ends)}
    assert later == {path for path, each in after.items() if each.authority and not each.missing}


def test_says_what_to_restart(renewed: Renewed) -> None:
    assert "You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd" in renewed.output


@pytest.mark.parametrize(("port", "certificate"), SERVERS)
def test_server_shows_it(renewed: Renewed, port: int, certificate: str) -> None:
    """On the wire, after the restart that the page asks for."""
    assert renewed.shown[port] == renewed.after.certificates[f"{PKI}{certificate}.crt"].serial_number


def test_what_is_not_there_is_not_made(mutable: Cluster, renewed: Renewed) -> None:
    """super-admin.conf stays with the first control plane."""
    output = renewed.machine.succeed(f"{RENEW} super-admin.conf")
    assert ("MISSING" in output, set(mutable.facts.first_kubeconfigs) & set(renewed.after.kubeconfigs)) == (True, set())
