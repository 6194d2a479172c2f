"""What is a secret is replaced; what only looks like one stays readable."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provision.redaction import Redactor
from tests.stand_ins import PRINTED

_KEYS = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
_FORMATS = (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH)
_PEMS = [
    key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    for key in _KEYS
    for form in _FORMATS
    if not (isinstance(key, ed25519.Ed25519PrivateKey) and form is PrivateFormat.TraditionalOpenSSL)
]


def test_what_init_prints() -> None:
    text = Redactor()(PRINTED)
    assert ("0123456789abcdef" in text.replace("sha256:1234567890123456", ""), "a" * 64 in text) == (False, False)


def test_the_hash_that_joins_check_is_no_secret() -> None:
    assert "sha256:1234567890123456789012345678901234567890123456789012345678901234" in Redactor()(PRINTED)


@pytest.mark.parametrize("pem", _PEMS, ids=range(len(_PEMS)))
def test_private_key(pem: str) -> None:
    body = pem.splitlines()[1]
    assert body not in Redactor()(f"before\n{pem}after")


@pytest.mark.parametrize("pem", _PEMS, ids=range(len(_PEMS)))
def test_private_key_in_base64(pem: str) -> None:
    encoded = base64.b64encode(pem.encode()).decode()
    assert encoded[40:90] not in Redactor()(f"data: {encoded}\nnext: line")


def test_a_key_that_is_cut_off() -> None:
    assert _PEMS[0].splitlines()[2] not in Redactor()("\n".join(_PEMS[0].splitlines()[:5]))


@pytest.mark.parametrize(
    "text",
    [
        "[upload-certs] Using certificate key:\n" + "c" * 64,
        "certificateKey: " + "c" * 64,
        "--certificate-key=" + "c" * 64,
        "client-key-data: " + "c" * 64,
        "token: " + "c" * 40,
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0." + "c" * 60,
    ],
)
def test_other_forms(text: str) -> None:
    assert "c" * 30 not in Redactor()(text)


@pytest.mark.parametrize(
    "text",
    [
        "containerd://" + "0123456789abcdef" * 4,
        "image@sha256:" + "0123456789abcdef" * 4,
        "etcd v3.7.0 listening on 198.18.113.11:2379",
        "kube-apiserver-cp1 1/1 Running 0 98s",
        "k8s.io/kubernetes v1.37.2",
    ],
)
def test_ordinary_lines_stay(text: str) -> None:
    assert Redactor()(text) == text


def test_what_it_was_told_of() -> None:
    redact = Redactor()
    redact.learn("a very peculiar secret", "short")
    assert redact("a very peculiar secret, and short") == "‹secret›, and short"


def test_twice_is_the_same_as_once() -> None:
    redact = Redactor()
    assert redact(redact(PRINTED)) == redact(PRINTED)


@pytest.mark.parametrize(("length", "withheld"), [(15, False), (16, True), (64, True)])
def test_what_is_learnt_is_withheld_from_sixteen_characters_on(length: int, withheld: bool) -> None:
    redact = Redactor()
    redact.learn("s" * length)
    assert ("s" * length not in redact(f"before {'s' * length} after")) == withheld


@pytest.mark.parametrize(("length", "withheld"), [(11, False), (12, True), (39, True)])
def test_the_value_of_a_token_is_withheld_from_twelve_characters_on(length: int, withheld: bool) -> None:
    assert ("x" * length not in Redactor()(f"token: {'x' * length}")) == withheld
