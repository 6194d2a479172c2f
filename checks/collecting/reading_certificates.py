"""Certificates, keys and kubeconfigs, of what openssl and grep printed of them. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.extensions import ExtensionNotFound
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from checks.facts.certificates import Certificate, Key, Kubeconfig, Presented

_PRINTED = re.compile(r"(/[^\n\0]*?):(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----)")
_PEM = re.compile(r"-----BEGIN (CERTIFICATE|PUBLIC KEY)-----.*?-----END \1-----", re.DOTALL)
_UNREADABLE = (
    ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
"""What cryptography raises for what is not a certificate or key, or one of a kind that it does not know."""

_T = TypeVar("_T", bound=x509.ExtensionType)
_ROTATED = re.compile(r"/kubelet-(client|server)-\d{4}-[\d-]+\.pem$")
_USAGES = {ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth", ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth"}


def certificate(pem: bytes, place: str) -> Certificate:
    """A certificate in PEM or DER; raises ValueError for what is none."""
    try:
        return certificate_of(with_signature(pem), place)
    except _UNREADABLE as error:
        raise ValueError(f"is not a certificate that can be read: {type(error).__name__}") from None


def with_signature(pem: bytes) -> x509.Certificate:
    """The same as cryptography has it, with its signature, which facts leave out."""
    read = x509.load_pem_x509_certificate if pem.lstrip().startswith(b"-----") else x509.load_der_x509_certificate
    return read(pem)


def certificate_of(read: x509.Certificate, place: str = "") -> Certificate:
    """The facts of a certificate."""
    names = _extension(read, x509.SubjectAlternativeName)
    basic, usages = _extension(read, x509.BasicConstraints), _extension(read, x509.ExtendedKeyUsage)
    own, signer = _extension(read, x509.SubjectKeyIdentifier), _extension(read, x509.AuthorityKeyIdentifier)
    return Certificate(
        place, read.subject.rfc4514_string(), read.issuer.rfc4514_string(), f"{read.serial_number:x}",
        read.not_valid_before_utc, read.not_valid_after_utc,
        _names(read.subject, NameOID.COMMON_NAME)[0] if _names(read.subject, NameOID.COMMON_NAME) else "",
        _names(read.subject, NameOID.ORGANIZATION_NAME),
        tuple(names.get_values_for_type(x509.DNSName)) if names else (),
        tuple(map(str, names.get_values_for_type(x509.IPAddress))) if names else (),
        _digest(read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        own.digest.hex() if own else "",
        signer.key_identifier.hex() if signer and signer.key_identifier else "",
        bool(basic and basic.ca),
        tuple(_USAGES.get(each, each.dotted_string) for each in usages) if usages else (),
    )  # fmt: skip


def _names(name: x509.Name, oid: x509.ObjectIdentifier) -> tuple[str, ...]:
    return tuple(str(each.value) for each in name.get_attributes_for_oid(oid))


def _extension(read: x509.Certificate, kind: type[_T]) -> _T | None:
    with suppress(ExtensionNotFound):
        return read.extensions.get_extension_for_class(kind).value
    return None


def _digest(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def certificates(printed: str) -> tuple[Certificate, ...]:
    """Certificates, of `grep -H -z -o` for all that stand in files, in their order: chains, and several authorities.

    Those that a kubelet has rotated away stay beside the current one, which is a link, and count for nothing.
    """
    return tuple(_readable(printed_certificates(printed)))


def printed_certificates(printed: str) -> Iterator[tuple[str, str]]:
    """The same in PEM, each with its file."""
    return ((path, pem) for path, pem in _PRINTED.findall(printed) if not _ROTATED.search(path))


def every_name(read: x509.Certificate) -> frozenset[str]:
    """Every name of every kind that a certificate is for: what surplus ones there are is seen by all of them."""
    names = _extension(read, x509.SubjectAlternativeName)
    return frozenset(str(each.value) for each in names) if names else frozenset()


def _readable(files: Iterable[tuple[str, str]]) -> Iterator[Certificate]:
    for path, pem in files:
        with suppress(ValueError):
            yield certificate(pem.encode(), path)


def keys(printed: str, *, private: bool) -> tuple[Key, ...]:
    """The public parts of keys, of `find -print -exec openssl pkey -pubout`; a key that is encrypted has none."""
    found = printed_keys(printed) if private else _each_by_file(printed)  # sa.pub holds several while keys are rotated
    return tuple(Key(path, digest, private) for path, pem in found if (digest := _of_key(pem)))


def _of_key(pem: str) -> str:
    with suppress(*_UNREADABLE):
        key = load_pem_public_key(pem.encode())
        return _digest(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return ""


def printed_keys(printed: str) -> Iterator[tuple[str, str]]:
    """Paths, each with the first PEM text that was printed behind it; of other files there is none."""
    end = 0
    for match in _PEM.finditer(printed):
        paths = [line for line in printed[end : match.start()].splitlines() if line.startswith("/")]
        end = match.end()
        if paths:
            yield paths[-1], match[0]


def _each_by_file(printed: str) -> Iterator[tuple[str, str]]:
    """Paths, each with every PEM text that was printed behind it."""
    end, path = 0, ""
    for match in _PEM.finditer(printed):
        paths = [line for line in printed[end : match.start()].splitlines() if line.startswith("/")]
        end, path = match.end(), paths[-1] if paths else path
        if path:
            yield path, match[0]


def presented(address: str, printed: str) -> Presented:
    """What openssl s_client got of a process."""
    match = _PEM.search(printed)
    if match is None:
        lines = [line for line in printed.strip().splitlines() if line] or ["nothing was presented"]
        return Presented(address, None, lines[0])
    try:
        return Presented(address, certificate(match[0].encode(), address))
    except ValueError as error:
        return Presented(address, None, f"what it presents {error}")


def kubeconfigs(printed: str) -> tuple[Kubeconfig, ...]:
    """Kubeconfigs, of the lines of them that grep printed with their files."""
    return tuple(_kubeconfig(path, given) for path, given in public_fields(printed).items())


def public_fields(printed: str) -> Mapping[str, Mapping[str, str]]:
    """The same lines as fields, by file: of each field the first, which is that of the first cluster or user."""
    found: dict[str, dict[str, str]] = {}
    for line in printed.splitlines():
        path, _, rest = line.partition(":")
        name, _, value = rest.strip().partition(":")
        if path.startswith("/"):
            found.setdefault(path, {}).setdefault(name, value.strip().strip("\"'"))
    return found


def _kubeconfig(path: str, given: Mapping[str, str]) -> Kubeconfig:
    own, authority = embedded(given, "client-certificate-data"), embedded(given, "certificate-authority-data")
    read = None
    with suppress(ValueError):
        read = certificate(own, path) if own else None
    return Kubeconfig(
        path, given.get("server", ""), read, given.get("client-certificate", ""), _fingerprint(authority)
    )  # fmt: skip


def _fingerprint(pem: bytes) -> str:
    with suppress(*_UNREADABLE):
        return _digest(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    return ""


def embedded(given: Mapping[str, str], field: str) -> bytes:
    """What a field of a kubeconfig embeds; empty where there is none, or something else than base64."""
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(given.get(field, ""))
    return b""
