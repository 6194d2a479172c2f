"""Certificates, keys and kubeconfigs, without any secret of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address


@dataclass(frozen=True)
class Certificate:
    """One X.509 certificate. `place` is its file, or `ADDRESS:PORT` of the process that presents it.

    `serial` is hexadecimal; `public_key` the SHA-256 of its SubjectPublicKeyInfo, hexadecimal; names are DNS names.
    `signed_by` is the authority key identifier, `key_id` the subject key identifier; both hexadecimal, maybe empty.
    """

    place: str
    subject: str
    issuer: str
    serial: str
    begins: datetime
    ends: datetime
    common_name: str = ""
    organizations: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    public_key: str = ""
    key_id: str = ""
    signed_by: str = ""
    authority: bool = False
    usages: tuple[str, ...] = ()

    @property
    def lifetime(self) -> timedelta:
        """From its begin to its end."""
        return self.ends - self.begins

    @property
    def is_its_own_authority(self) -> bool:
        """Whether no other authority signed it; the kubelet signs its first serving certificate as `NODE-ca@TIME`."""
        return self.issuer == self.subject or "-ca@" in self.issuer

    def same_as(self, other: Certificate) -> bool:
        """Whether the two are one certificate in two places."""
        return (self.serial, self.public_key) == (other.serial, other.public_key)

    def covers(self, host: str) -> bool:
        """Whether a client that connects to an address, or to a name, takes it; `*` stands for one label."""
        try:
            return ip_address(host) in {ip_address(each) for each in self.addresses}
        except ValueError:
            name = host.lower().rstrip(".")
            return {name, f"*.{name.partition('.')[2]}"} & {each.lower().rstrip(".") for each in self.names} != set()


@dataclass(frozen=True)
class Key:
    """A private or public key: `public_key` is the SHA-256 of its SubjectPublicKeyInfo, hexadecimal."""

    place: str
    public_key: str
    private: bool


@dataclass(frozen=True)
class Kubeconfig:
    """A kubeconfig of one cluster and one user. Its certificate is embedded, or is `certificate_file`'s.

    `authority` is the SHA-256 of the authority's certificate (DER), hexadecimal; empty where none is embedded.
    """

    place: str
    server: str
    certificate: Certificate | None = None
    certificate_file: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Presented:
    """What a process that listens with TLS presented: its certificate, or the error."""

    address: str
    certificate: Certificate | None = None
    error: str = ""
