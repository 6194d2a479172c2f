"""What is in the certificates: who issued them, for whom, for how long, and whether their keys are theirs.

Source: https://kubernetes.io/docs/setup/best-practices/certificates/
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.subjects.certificates import (
    AUTHORITIES,
    AUTHORITY_NAMES,
    ISSUED,
    KEYED_AUTHORITIES,
    OWN,
    alternative_names,
    issued_by,
    lifetime,
    name,
    public_key,
)
from fixtures.subjects.files import PKI, NodeFiles
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

_BACKDATED = timedelta(minutes=10)  # kubeadm starts validity five minutes early

Files = dict[str, NodeFiles]


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_is_signed_by_its_authority(files: Files, control_plane: Machine, own: str) -> None:
    certificates = files[control_plane.name].certificates
    authority = certificates[f"{PKI}{ISSUED[own][0]}.crt"]
    assert issued_by(certificates[f"{PKI}{own}.crt"], authority)


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_has_the_expected_subject(
    files: Files, cluster: Cluster, control_plane: Machine, own: str
) -> None:
    """An upgrade renews certificates, and a renewal leaves the subject as it is."""
    subject = name(files[control_plane.name].certificates[f"{PKI}{own}.crt"])
    expected = ISSUED[own][1].format(machine=control_plane.name, kubelet_client=cluster.original_facts.kubelet_client)
    assert subject == expected


@pytest.mark.parametrize("pair", [*KEYED_AUTHORITIES, *OWN])
def test_key_belongs_to_the_certificate(files: Files, control_plane: Machine, pair: str) -> None:
    found = files[control_plane.name]
    assert public_key(found.certificates[f"{PKI}{pair}.crt"]) == found.public_keys[f"{PKI}{pair}.key"]


def test_api_server_certificate_has_exactly_the_expected_names(
    files: Files, cluster: Cluster, expected: Expected, control_plane: Machine
) -> None:
    """Its own, the cluster's Service by every name, the load balancer's, and what the configuration adds."""
    names = {control_plane.name, control_plane.address, cluster.endpoint.name, *expected.server_names}
    assert alternative_names(files[control_plane.name].certificates[f"{PKI}apiserver.crt"]) == names


@pytest.mark.topology("stacked")
@pytest.mark.parametrize("own", ["etcd/server", "etcd/peer"])
def test_etcd_certificate_has_exactly_the_expected_names(
    files: Files, expected: Expected, control_plane: Machine, own: str
) -> None:
    added = expected.etcd_server_names if own == "etcd/server" else expected.etcd_peer_names
    names = {control_plane.name, control_plane.address, "localhost", "127.0.0.1", "::1", *added}
    assert alternative_names(files[control_plane.name].certificates[f"{PKI}{own}.crt"]) == names


@pytest.mark.parametrize("own", OWN)
def test_own_certificate_lasts_as_long_as_configured(
    files: Files, expected: Expected, control_plane: Machine, own: str
) -> None:
    """A year, unless the configuration says otherwise."""
    certificate, lasting = files[control_plane.name].certificates[f"{PKI}{own}.crt"], expected.certificate_validity
    assert lasting <= lifetime(certificate) <= lasting + _BACKDATED


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_authority_lasts_as_long_as_configured(
    files: Files, expected: Expected, control_plane: Machine, authority: str
) -> None:
    """Ten years, unless the configuration says otherwise."""
    certificate, lasting = files[control_plane.name].certificates[f"{PKI}{authority}.crt"], expected.authority_validity
    assert lasting <= lifetime(certificate) <= lasting + _BACKDATED


def test_no_certificate_of_the_node_is_expired(files: Files, node: Machine) -> None:
    now = datetime.now(UTC)
    found = files[node.name].certificates.items()
    assert [path for path, each in found if not each.not_valid_before_utc <= now < each.not_valid_after_utc] == []


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_authority_signed_itself(files: Files, control_plane: Machine, authority: str) -> None:
    certificate = files[control_plane.name].certificates[f"{PKI}{authority}.crt"]
    assert (name(certificate), issued_by(certificate, certificate)) == (AUTHORITY_NAMES[authority], True)
