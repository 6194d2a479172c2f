"""Certificate authorities that no machine has a key of: they are made here, and sign what kubeadm requests.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#external-ca-mode, and for contents
https://kubernetes.io/docs/setup/best-practices/certificates/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = {"ca": "kubernetes", "etcd/ca": "etcd-ca", "front-proxy-ca": "front-proxy-ca"}
"""The authorities of a cluster by their files below /etc/kubernetes/pki, and what each calls itself."""

_YEAR = timedelta(days=365)  # as kubeadm's certificates, and ten of them as its authorities
_BACKDATED = timedelta(minutes=5)  # for clocks that differ, as kubeadm does it
_CURVES = {"ecdsa-p256": ec.SECP256R1(), "ecdsa-p384": ec.SECP384R1()}
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
_USAGES = {"apiserver": (_SERVER,), "etcd/server": (_SERVER, _CLIENT), "etcd/peer": (_SERVER, _CLIENT)}


@dataclass(frozen=True, repr=False)
class Authority:
    """One authority. `key`, in PEM, is a secret: it is remembered on this host, and never sent anywhere."""

    certificate: str
    key: str

    @classmethod
    def make(cls, name: str, keys: str) -> Authority:
        """A new one that signs itself, for ten years. `keys` is an algorithm by kubeadm's name."""
        key: CertificateIssuerPrivateKeyTypes = (
            ec.generate_private_key(_CURVES[keys])
            if keys in _CURVES
            else rsa.generate_private_key(65537, int(keys.removeprefix("rsa-")))
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = _usage(digital_signature=True, key_encipherment=True, key_cert_sign=True)
        made = (
            _valid(x509.CertificateBuilder(subject, subject, key.public_key()), 10 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return cls(made.public_bytes(Encoding.PEM).decode(), secret)

    def sign(self, request: str, what: str = "") -> str:
        """The certificate for a request, both in PEM. `what` is its file below pki/, as in `etcd/peer`."""
        requested = x509.load_pem_x509_csr(request.encode())
        issuer = x509.load_pem_x509_certificate(self.certificate.encode())
        key = load_pem_private_key(self.key.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        made = (
            _valid(x509.CertificateBuilder(issuer.subject, requested.subject, requested.public_key()), _YEAR)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True, key_encipherment=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_USAGES.get(what, (_CLIENT,))), critical=False)
        )
        for extension in requested.extensions:  # kubeadm requests the names that it is for, and nothing else
            if isinstance(extension.value, x509.SubjectAlternativeName):
                made = made.add_extension(extension.value, critical=False)
        return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def subject(request: str) -> str:
    """Whom a request, in PEM, is for: as in RFC 4514, parts sorted, as in `CN=system:node:w1,O=system:nodes`."""
    return ",".join(sorted(part.rfc4514_string() for part in x509.load_pem_x509_csr(request.encode()).subject.rdns))


def issuer_of(what: str) -> str:
    """The authority that signs a file below pki/, or a kubeconfig."""
    if what == "front-proxy-client":
        return "front-proxy-ca"
    return "etcd/ca" if what.startswith("etcd/") or what == "apiserver-etcd-client" else "ca"


def _valid(builder: x509.CertificateBuilder, lasting: timedelta) -> x509.CertificateBuilder:
    """Valid from a little before now."""
    now = datetime.now(UTC).replace(microsecond=0)
    serial = x509.random_serial_number()
    return builder.serial_number(serial).not_valid_before(now - _BACKDATED).not_valid_after(now + lasting)


def _usage(
    *, digital_signature: bool, key_encipherment: bool, key_cert_sign: bool = False
) -> x509.KeyUsage:  # fmt: skip
    return x509.KeyUsage(
        digital_signature=digital_signature, key_encipherment=key_encipherment, key_cert_sign=key_cert_sign,
        content_commitment=False, data_encipherment=False, key_agreement=False, crl_sign=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
