"""What expires, made anew: the uploaded certificates with their key, and join commands.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#steps-for-the-first-control-plane-node
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from fixtures.subjects.tokens import UploadedCertificates, token_of
from provision.cluster import Cluster
from provision.kubeadm import rejoining


@dataclass(frozen=True, repr=False)
class Upload:
    """An upload: the version of the Secret, what is in it for its key, and the key."""

    version: str
    certificates: UploadedCertificates
    key: str


def _upload(cluster: Cluster, key: str) -> Upload:
    secret = cluster.get("secret", "kubeadm-certs", "-n", "kube-system", secret=True)
    return Upload(secret["metadata"]["resourceVersion"], UploadedCertificates(secret, key), key)


@pytest.fixture(scope="module")
def uploads(mutable: Cluster) -> Mapping[str, Upload]:
    """Three uploads in a row: twice the page's command with a key made by it, then with a key of one's own."""
    host = mutable.control_planes[1]
    found = {name: _upload(mutable, rejoining.upload_again(mutable, host)) for name in ("first", "second")}
    own = rejoining.new_key(mutable, host)
    rejoining.upload_again(mutable, host, own)
    return found | {"own": _upload(mutable, own)}


def test_every_upload_has_a_key_of_its_own(uploads: Mapping[str, Upload]) -> None:
    assert len({upload.key for upload in uploads.values()}) == len(uploads)


@pytest.mark.parametrize("which", ["first", "second", "own"])
def test_upload_is_decrypted_by_its_key(mutable: Cluster, uploads: Mapping[str, Upload], which: str) -> None:
    authority = mutable.control_planes[0].succeed("cat /etc/kubernetes/pki/ca.crt").encode()
    assert uploads[which].certificates.decrypted("ca.crt") == authority


@pytest.mark.parametrize("which", ["first", "second", "own"])
def test_certificate_key_has_32_bytes(uploads: Mapping[str, Upload], which: str) -> None:
    """The page: "a hex encoded string that is an AES key of size 32 bytes"."""
    assert bool(re.fullmatch("[0-9a-f]{64}", uploads[which].key))


def test_previous_certificate_key_does_not_decrypt_a_new_upload(uploads: Mapping[str, Upload]) -> None:
    values = uploads["second"].certificates
    with pytest.raises(InvalidTag):
        values.with_key(uploads["first"].key).decrypted("ca.crt")


def test_new_upload_has_exactly_the_expected_files(mutable: Cluster, uploads: Mapping[str, Upload]) -> None:
    """With external etcd, its client certificate, and not an authority that is not there."""
    etcd = {"etcd-ca.crt", "etcd-ca.key"}
    if not mutable.id.stacked:
        etcd = {"external-etcd-ca.crt", "external-etcd.crt", "external-etcd.key"}
    always = {"ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"}
    assert set(uploads["second"].certificates.names) == always | etcd


def test_upload_expires_after_two_hours(mutable: Cluster, uploads: Mapping[str, Upload]) -> None:
    token = token_of(mutable, uploads["own"].certificates.owners[0]["name"])
    left = datetime.fromisoformat(str(token["expiration"])) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=50) < left <= timedelta(hours=2)


def test_upload_certs_phase_without_its_flag_changes_nothing(mutable: Cluster, uploads: Mapping[str, Upload]) -> None:
    """What the page's sample output suggests: `kubeadm init phase upload-certs`. It ends well, and changes nothing."""
    output = mutable.control_planes[1].succeed("sudo kubeadm init phase upload-certs")
    version = _upload(mutable, uploads["own"].key).version
    skipped = "[upload-certs] Skipping phase. Please see --upload-certs" in output
    assert (skipped, version) == (True, uploads["own"].version)


def test_new_join_command_lasts_a_day(mutable: Cluster) -> None:
    command = rejoining.new_join(mutable, mutable.control_planes[1])
    identity = command.split("--token ")[1].split(".")[0]
    token = token_of(mutable, f"bootstrap-token-{identity}")
    left = datetime.fromisoformat(str(token["expiration"])) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=50) < left <= timedelta(hours=24)


def test_new_join_command_names_the_endpoint(mutable: Cluster) -> None:
    command = rejoining.new_join(mutable, mutable.control_planes[1])
    assert command.split()[:3] == ["kubeadm", "join", str(mutable.endpoint)]


def test_new_join_command_for_a_control_plane_has_a_certificate_key(mutable: Cluster) -> None:
    """kubeadm adds what the page says belongs there, where it is given the key."""
    host = mutable.control_planes[1]
    command = rejoining.new_join(mutable, host, rejoining.upload_again(mutable, host))
    assert command.split()[-3:-1] == ["--control-plane", "--certificate-key"]
