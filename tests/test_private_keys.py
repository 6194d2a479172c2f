"""Lines of private keys: those that are secret, and not those that anybody may see."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from fixtures.plugin.searching import secret_lines

RSA, EC = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, kind: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, kind, NoEncryption()).decode()


@pytest.mark.parametrize(("key", "lines"), [(RSA, {18, 19, 20}), (EC, {1})])
def test_public_lines_of_a_private_key_are_not_secret(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, lines: set[int]
) -> None:  # fmt: skip
    pem = _pem(key, PrivateFormat.TraditionalOpenSSL)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = list(secret_lines(f"apiVersion: v1\n{pem}"))
    assert len(found) in lines
    assert set(found) <= set(pem.splitlines())
    assert not any(base64.b64decode(line) in public for line in found)


@pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_every_other_line_of_a_private_key_is_secret(kind: PrivateFormat) -> None:
    """All but the head, the modulus and the end of the last number, which is short."""
    lines = _pem(RSA, kind).splitlines()[1:-1]
    assert lines[7:-1] == [line for line in secret_lines(_pem(RSA, kind)) if line in lines[7:-1]]


def test_a_text_without_keys_has_no_secret_lines() -> None:
    assert list(secret_lines("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")) == []


def test_an_unknown_kind_of_private_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="Ed25519"):
        list(secret_lines(_pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8)))
