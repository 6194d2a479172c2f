"""The Secret `kubeadm-certs` that `--upload-certs` leaves: complete, encrypted, expiring, opened by the printed key.

Source: the page's note that the Secret and the key "will expire after two hours".
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.plugin.parameters import only
from fixtures.subjects.facts import Object
from fixtures.subjects.files import PKI, NodeFiles
from fixtures.subjects.tokens import UploadedCertificates
from provision.cluster import Cluster

pytestmark = [pytest.mark.certificates("uploaded"), pytest.mark.built]

_ALWAYS = {name: name for name in ("ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub")}
_STACKED = {"etcd-ca.crt": "etcd/ca.crt", "etcd-ca.key": "etcd/ca.key"}
_EXTERNAL = {
    "external-etcd-ca.crt": "etcd/ca.crt",
    "external-etcd.crt": "apiserver-etcd-client.crt",
    "external-etcd.key": "apiserver-etcd-client.key",
}
UPLOADED = _ALWAYS | _STACKED | _EXTERNAL
"""Key in the Secret → file below /etc/kubernetes/pki."""

KEYS = [*_ALWAYS, *only("stacked", *_STACKED), *only("external", *_EXTERNAL)]


def test_certificates_secret_has_exactly_the_expected_files(uploaded: UploadedCertificates, cluster: Cluster) -> None:
    assert set(uploaded.names) == {*_ALWAYS, *(_STACKED if cluster.id.stacked else _EXTERNAL)}


@pytest.mark.parametrize("key", KEYS)
def test_certificates_secret_is_encrypted(uploaded: UploadedCertificates, key: str) -> None:
    """Reading the Secret reveals nothing without the key: no PEM, and nothing that compresses."""
    assert not uploaded.is_readable(key)


@pytest.mark.parametrize("key", KEYS)
def test_printed_key_decrypts_the_certificates_secret(
    uploaded: UploadedCertificates, files: dict[str, NodeFiles], cluster: Cluster, key: str
) -> None:  # fmt: skip
    original = files[cluster.control_planes[0].name].facts[PKI + UPLOADED[key]]
    assert hashlib.sha256(uploaded.decrypted(key)).hexdigest() == original.sha256


def test_certificates_secret_belongs_to_one_token(uploaded: UploadedCertificates) -> None:
    assert [(owner["kind"], owner["name"].startswith("bootstrap-token-")) for owner in uploaded.owners] == [
        ("Secret", True)
    ]


def test_token_of_the_certificates_secret_says_what_it_is_for(certificate_token: Object) -> None:
    assert certificate_token["description"] == "Proxy for managing TTL for the kubeadm-certs secret"


def test_token_of_the_certificates_secret_expires_within_two_hours(certificate_token: Object, cluster: Cluster) -> None:
    left = datetime.fromisoformat(str(certificate_token["expiration"])) - datetime.now(UTC)
    assert timedelta(minutes=0) < left <= timedelta(hours=2)


def test_token_of_the_certificates_secret_has_no_usages(certificate_token: Object) -> None:
    usages = [key for key, value in certificate_token.items() if key.startswith("usage-bootstrap-") and value == "true"]
    assert usages == []


def test_printed_join_token_expires_within_a_day(join_token: Object) -> None:
    left = datetime.fromisoformat(str(join_token["expiration"])) - datetime.now(UTC)
    assert timedelta(minutes=0) < left <= timedelta(hours=24)


def test_printed_join_token_may_authenticate_and_sign(join_token: Object) -> None:
    usages = {key for key, value in join_token.items() if key.startswith("usage-bootstrap-") and value == "true"}
    assert usages == {"usage-bootstrap-authentication", "usage-bootstrap-signing"}
