"""What is a secret is replaced; what only looks like one stays readable."""

from __future__ import annotations

import base64
import io
import json
import pprint
import shlex
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fixtures.plugin.searching import Search
from provision.observations import Request
from provision.util.redaction import Redactor, guard
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


def test_the_secrets_that_kubeadm_init_prints_are_redacted() -> None:
    text = Redactor()(PRINTED)
    assert ("0123456789abcdef" in text.replace("sha256:1234567890123456", ""), "a" * 64 in text) == (False, False)


def test_the_hash_that_joins_check_stays() -> None:
    assert "sha256:1234567890123456789012345678901234567890123456789012345678901234" in Redactor()(PRINTED)


@pytest.mark.parametrize("pem", _PEMS, ids=range(len(_PEMS)))
def test_a_private_key_is_redacted(pem: str) -> None:
    body = pem.splitlines()[1]
    assert body not in Redactor()(f"before\n{pem}after")


@pytest.mark.parametrize("pem", _PEMS, ids=range(len(_PEMS)))
def test_a_private_key_in_base64_is_redacted(pem: str) -> None:
    encoded = base64.b64encode(pem.encode()).decode()
    assert encoded[40:90] not in Redactor()(f"data: {encoded}\nnext: line")


def test_a_private_key_that_is_cut_off_is_redacted() -> None:
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
def test_secrets_in_other_forms_are_redacted(text: str) -> None:
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
def test_lines_without_secrets_stay_as_they_are(text: str) -> None:
    assert Redactor()(text) == text


def test_a_secret_that_was_learned_is_redacted() -> None:
    redact = Redactor()
    redact.learn("a very peculiar secret", "short")
    assert redact("a very peculiar secret, and short") == "‹secret›, and short"


def test_redacting_twice_is_the_same_as_once() -> None:
    redact = Redactor()
    assert redact(redact(PRINTED)) == redact(PRINTED)


BOOTSTRAP, KEY, SHA = "abcdef.0123456789abcdef", "c0ffee42" * 8, "sha256:" + "1234567890abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        "['kubeadm', 'join', '--certificate-key', '{}', '--token', 'x']",
        '["--certificate-key","{}"]',
        '\\"certificateKey\\": \\"{}\\"',
        "--certificate-key='{}'",
        "--certificate-key%3D{}",
        "[upload-certs] Using certificate key:\\n{}\\n",
        "E   Using certificate key:\nE   {}",
        "--certificate-key {}",
    ],
)
def test_a_certificate_key_is_found_however_it_is_spelled(text: str) -> None:
    assert KEY[:12] not in Redactor()(text.format(KEY))


@pytest.mark.parametrize("text", ["{}", "\\n{}", "%20{}", "--token={}", "'--token', '{}'", "--token {}\\\n"])
@pytest.mark.parametrize("token", [BOOTSTRAP, BOOTSTRAP.replace(".", "%2E")])
def test_a_bootstrap_token_is_found_however_it_is_spelled(text: str, token: str) -> None:
    assert "0123456789ab" not in Redactor()(text.format(token))


@pytest.mark.parametrize("text", ["--token abcdef.0123456789a...", "--certificate-key c0ffee42c0ffee42…"])
def test_the_value_of_a_secret_option_is_redacted_when_it_is_cut_off(text: str) -> None:
    found = Redactor()(text)
    assert ("0123456789a" in found, "c0ffee42" in found) == (False, False)


@pytest.mark.parametrize(
    "text",
    ["kubeadm join --token <token> --certificate-key <certificate-key>", "--token $TOKEN", "--token-ttl 2h0m0s",
     "The bearer authentication-configuration", "if '-----BEGIN PRIVATE KEY-----' in text:\n    assert not text",
     "-----BEGIN CERTIFICATE-----\n" + "MIIC" * 16 + "\n-----END CERTIFICATE-----",
     f"--discovery-token-ca-cert-hash {SHA}",
     "certificate-authority-data: " + base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIC").decode(),
     f"registry.k8s.io/pause@{SHA} {'fedcba9876543210' * 2}", "commit 7e23882b2f1d4c60a2b7f3d9b1a6c5e4d3f2a1b0",
     base64.b64encode(b"a text in which there is nothing that is secret").decode(),
     "/var/lib/kubelet/pki/something/long",
     "-----BEGIN PUBLIC KEY-----\n" + "MFkw" * 16 + "\n-----END PUBLIC KEY-----"],
)  # fmt: skip
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    redact = Redactor()
    redact.learn(BOOTSTRAP, KEY, *_PEMS)
    assert redact(text) == text


def test_a_bearer_token_is_found() -> None:
    assert "abc123" not in Redactor()("Authorization: Bearer abc123def456ghi789jkl")


@pytest.mark.parametrize("before", ["", "-", "--", "token: "])
@pytest.mark.parametrize("secret", [BOOTSTRAP, f"--certificate-key {KEY}", _PEMS[0], _PEMS[3]])
def test_base64_is_redacted_by_what_is_encoded(before: str, secret: str) -> None:
    encoded = base64.b64encode(f"{before}{secret} and more".encode())
    again = base64.b64encode(b"client-key-data: " + encoded)
    text = f"data={encoded.decode()} '\\n{again.decode()}' {base64.encodebytes(encoded).decode()}"
    found = Redactor()(text)
    assert not [at for at in range(0, len(encoded) - 40, 8) if encoded[at : at + 40].decode() in found]
    assert not [at for at in range(0, len(again) - 40, 8) if again[at : at + 40].decode() in found]


@pytest.mark.parametrize("pem", _PEMS, ids=range(len(_PEMS)))
@pytest.mark.parametrize(
    "write",
    [json.dumps, repr, quote, quote_plus, shlex.quote, lambda pem: json.dumps(json.dumps(pem)),
     lambda pem: pprint.pformat({"key": pem}), lambda pem: repr(pem.splitlines()),
     lambda pem: pem.replace("\n", "\nE     "), lambda pem: "".join(f"+ {each}\n" for each in pem.splitlines()),
     lambda pem: "\n".join(pem.splitlines()[2:])],
    ids=["json", "repr", "url", "form", "shell", "json-json", "pprint", "lines", "assertion", "diff", "tail"],
)  # fmt: skip
def test_a_private_key_is_found_however_it_is_written(pem: str, write: Callable[[str], str]) -> None:
    found = Redactor()(f"before {write(pem)} after")
    assert not Search(whole=pem.splitlines()[1:-1]).finds(found.encode())
    assert found.endswith(" after")


@pytest.mark.parametrize("write", [str, quote, repr, lambda line: base64.b64encode(f"a\n{line}.".encode()).decode()])
def test_each_line_of_a_key_that_is_known_is_found_alone(write: Callable[[str], str]) -> None:
    redact = Redactor()
    redact.learn(_PEMS[0])
    for line in _PEMS[0].splitlines()[1:-2]:
        assert not Search(whole=[line]).finds(redact(f"x\n{write(line)}\ny").encode())


@pytest.mark.parametrize("write", [str, quote, lambda text: base64.b64encode(f"a{text}b".encode()).decode()])
def test_a_secret_without_a_pattern_is_found_in_every_form(write: Callable[[str], str]) -> None:
    redact = Redactor()
    redact.learn("kept + between = us / and ~?")
    assert not Search(whole=["between = us"]).finds(redact(write("so: kept + between = us / and ~?")).encode())


@pytest.mark.parametrize("text", [KEY[9:], f"{KEY[:40]}...", f"...{KEY[30:]} --token", f"join {KEY[:20]} …"])
def test_a_secret_that_was_cut_off_is_found(text: str) -> None:
    redact = Redactor()
    redact.learn(KEY)
    assert "c0ffee" not in redact(text)


def test_what_threads_learn_at_the_same_time_is_all_known() -> None:
    redact = Redactor()
    secrets = [f"{number:020}" for number in range(2000)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(redact.learn, secrets))
    finally:
        sys.setswitchinterval(interval)
    assert set(redact.learned) == set(secrets)


def test_plain_data_is_redacted_at_any_depth() -> None:
    assert Redactor().all_in({"a": [BOOTSTRAP, 1, None, (f"x {BOOTSTRAP}",)]}) == {
        "a": ["abcdef.‹secret›", 1, None, ("x abcdef.‹secret›",)]
    }


def test_a_tuple_with_names_is_redacted_as_a_plain_one() -> None:
    """Observations hold some, and go into a run's record."""
    request = Request(began=1.0, took=0.5, ok=True)
    assert Redactor().all_in({"availability": [request]}) == {"availability": [(1.0, 0.5, True)]}


def test_a_stream_is_guarded_for_every_holder_of_it() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    holder = stream
    guard(stream, Redactor())
    print("so", BOOTSTRAP, file=holder, flush=True)
    assert stream.buffer.getvalue().decode() == "so abcdef.‹secret›\n"


@pytest.mark.parametrize("text", ["A" * 300_000, "word " * 60_000, ("x" * 64 + "\n") * 4000, "..." * 60_000])
def test_redacting_a_long_text_ends_in_time(text: str) -> None:
    """A megabyte took hours with a pattern that looks back from each character."""
    redact = Redactor()
    redact.learn(KEY)
    begun = time.process_time()
    redact(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(("length", "withheld"), [(15, False), (16, True), (64, True)])
def test_what_is_learnt_is_withheld_from_sixteen_characters_on(length: int, withheld: bool) -> None:
    redact = Redactor()
    redact.learn("s" * length)
    assert ("s" * length not in redact(f"before {'s' * length} after")) == withheld


@pytest.mark.parametrize(("length", "withheld"), [(11, False), (12, True), (39, True)])
def test_the_value_of_a_token_is_withheld_from_twelve_characters_on(length: int, withheld: bool) -> None:
    assert ("x" * length not in Redactor()(f"token: {'x' * length}")) == withheld
