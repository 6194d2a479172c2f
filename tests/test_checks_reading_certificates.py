"""Certificates, keys and kubeconfigs, of what was printed of them."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from checks.collecting.reading_certificates import certificate, certificates, keys, kubeconfigs, presented
from tests.healthy.values import PKI
from tests.signing import signed

_KUBELET = "/var/lib/kubelet/pki"


def listed(*files: tuple[str, bytes]) -> str:
    """What `grep -H -z -o` prints."""
    return "".join(f"{path}:{pem.decode().strip()}\0" for path, pem in files)


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_certificate_is_read_whatever_its_key_is(kind: str) -> None:
    made = signed(f"node-{kind}", kind=kind)
    [found] = certificates(listed((f"{PKI}/apiserver.crt", made.certificate)))
    assert (found.place, found.common_name, found.serial) == (f"{PKI}/apiserver.crt", f"node-{kind}", "1267")
    assert found.names == (f"node-{kind}",)
    assert found.usages == ("clientAuth",)
    assert not found.authority
    assert (found.ends - found.begins).days == 366


def test_a_chain_is_several_certificates_of_one_file_in_their_order() -> None:
    leaf, authority = signed("leaf", chain="between"), signed("between", authority=True)
    file = f"{PKI}/apiserver.crt"
    found = certificates(listed((file, leaf.certificate), (file, authority.certificate)))
    assert [(each.place, each.common_name, each.authority) for each in found] == [
        (file, "leaf", False), (file, "between", True),
    ]  # fmt: skip


def test_certificates_that_a_kubelet_has_rotated_away_do_not_count() -> None:
    pem = signed("node").certificate
    found = certificates(listed(
        (f"{_KUBELET}/kubelet-client-2026-01-01-10-00-00.pem", pem), (f"{_KUBELET}/kubelet-client-current.pem", pem),
    ))  # fmt: skip
    assert [each.place for each in found] == [f"{_KUBELET}/kubelet-client-current.pem"]


def test_what_is_not_a_certificate_costs_the_others_nothing() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----"
    found = certificates(listed(("/a.crt", broken), ("/b.crt", signed("node").certificate)))
    assert [each.place for each in found] == ["/b.crt"]


def test_a_certificate_of_a_kind_that_is_not_known_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="is not a certificate that can be read"):
        certificate(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "/a.crt")
    with pytest.raises(ValueError, match="is not a certificate that can be read"):
        certificate(b"", "/a.crt")


def test_an_edwards_key_is_read() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([])
    made = signed("x")
    begins = x509.load_pem_x509_certificate(made.certificate).not_valid_before_utc
    read = certificate(
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(begins).not_valid_after(begins).sign(key, None).public_bytes(Encoding.DER), "h:1",
    )  # fmt: skip
    assert (read.common_name, read.subject, len(read.public_key)) == ("", "", 64)


def test_keys_have_the_digest_of_their_certificate() -> None:
    made = signed("node")
    printed = f"{PKI}/a.key\n{made.public_key.decode()}{PKI}/encrypted.key\nCould not read key\n{PKI}/b.key\n"
    [key] = keys(printed, private=True)
    assert (key.place, key.private) == (f"{PKI}/a.key", True)
    assert key.public_key == certificate(made.certificate, "").public_key


def test_a_key_that_is_damaged_costs_the_others_nothing() -> None:
    broken = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    found = keys(f"/a.pub\n{broken}/b.pub\n{signed('node').public_key.decode()}", private=False)
    assert [each.place for each in found] == ["/b.pub"]


def test_what_a_process_presents_or_why_it_presents_nothing() -> None:
    pem = signed("node").certificate.decode()
    assert presented("10.0.0.1:6443", f"depth=0 CN=x\n{pem}").certificate
    assert presented("10.0.0.1:6443", "\nconnect:errno=111\nunable to load\n").error == "connect:errno=111"
    assert presented("10.0.0.1:6443", "").error == "nothing was presented"
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    assert presented("10.0.0.1:6443", broken).error.startswith("what it presents is not a certificate")


def test_kubeconfigs_are_read_by_lines_in_any_order_and_quotes() -> None:
    made = signed("admin")
    data = base64.b64encode(made.certificate).decode()
    admin, kubelet = "/etc/kubernetes/admin.conf", "/etc/kubernetes/kubelet.conf"
    found = kubeconfigs(
        f'{admin}:    server: "https://a:6443"\n{admin}:    client-certificate-data: {data}\n'
        f"{admin}:    certificate-authority-data: {data}\n{admin}:    server: https://second:6443\n"
        f"{kubelet}:    server: 'https://[fd00::1]:6443'\n"
        f"{kubelet}:    client-certificate: {_KUBELET}/kubelet-client-current.pem\nnoise\n"
    )
    first, second = found
    assert (first.place, first.server) == (admin, "https://a:6443")
    assert first.certificate
    assert (first.certificate.common_name, first.certificate.place) == ("admin", admin)
    assert len(first.authority) == 64
    assert (second.server, second.certificate) == ("https://[fd00::1]:6443", None)
    assert second.certificate_file == f"{_KUBELET}/kubelet-client-current.pem"


@pytest.mark.parametrize("data", ["%%%", "QUJD", "", "QUJ", "ä"])
def test_a_kubeconfig_with_broken_data_has_no_certificate(data: str) -> None:
    [found] = kubeconfigs(f"/a.conf:  client-certificate-data: {data}\n/a.conf: certificate-authority-data: {data}\n")
    assert (found.certificate, found.authority) == (None, "")
