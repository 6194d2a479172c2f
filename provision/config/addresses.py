"""Addresses of machines as values of one family or the other, and the one place that writes them beside a port. Pure.

Sources: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/dual-stack-support/ and, for brackets,
RFC 3986, section 3.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from types import MappingProxyType

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Family(StrEnum):
    """Which addresses machines, pods and Services have. With both, IPv4 is first, and is what kubeadm goes by."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DUAL = "dual"

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions of the Internet Protocol, the first one first."""
        return _VERSIONS[self]

    @property
    def has_ipv6(self) -> bool:
        """Whether machines need what IPv6 does."""
        return 6 in self.versions

    def listed(self, of_version: Mapping[int, str]) -> str:
        """One text a version, as kubeadm and kubelet have lists: `10.244.0.0/16,fd00:10:244::/56`."""
        return ",".join(of_version[version] for version in self.versions)


_VERSIONS: Mapping[Family, tuple[int, ...]] = MappingProxyType(
    {Family.IPV4: (4,), Family.IPV6: (6,), Family.DUAL: (4, 6)}
)

PODS: Mapping[int, str] = MappingProxyType({4: "10.244.0.0/16", 6: "fd00:10:244::/56"})
"""The pod network of each version: flannel's, so that both can be exchanged; and one with a /64 for 256 nodes."""

SERVICES: Mapping[int, str] = MappingProxyType({4: "10.96.0.0/12", 6: "fd00:10:96::/112"})
"""The Service network of each version: kubeadm's own default, and one of the size of the page's example."""

UNIQUE_LOCAL = "fd6b:7562:6561::/48"
"""Where clusters have their /64 from: unique local addresses (RFC 4193), whose 40 bits spell `kubea`."""


def at(address: Address | str, port: int) -> str:
    """A name or an address with a port: `198.18.0.2:6443`, `[fd00::2]:6443`."""
    return f"{bracketed(address)}:{port}"


def url(address: Address | str, port: int) -> str:
    """The same as the beginning of a URL: `https://[fd00::2]:6443`."""
    return f"https://{at(address, port)}"


def bracketed(address: Address | str) -> str:
    """A name or an address as it stands before a colon, in URLs and for scp."""
    text = str(address)
    return f"[{text}]" if ":" in text else text


def version_of(text: str) -> int:
    """The version of an address or a network, 4 or 6; a name counts as 4, for which nothing has to be different."""
    return 6 if ":" in text else 4


def networks(texts: str) -> tuple[Network, ...]:
    """Networks that are listed with commas, the first one first; raises ValueError for what is not one."""
    return tuple(ip_network(each.strip()) for each in texts.split(",") if each.strip())


def family_of(texts: Iterable[str]) -> Family:
    """The family of addresses or networks, whatever their order."""
    versions = {version_of(each) for each in texts}
    return Family.DUAL if len(versions) > 1 else Family.IPV6 if 6 in versions else Family.IPV4


def ranges(texts: str) -> dict[int, Network]:
    """The range of each version that clusters take their networks from: one IPv4, and one IPv6 where it is given.

    Raises ValueError for an invalid range, for two of a version, and for one that is smaller than a cluster's network.
    """
    given = networks(texts)
    found = {6: networks(UNIQUE_LOCAL)[0]} | {each.version: each for each in given}
    if [each.version for each in given] not in ([4], [4, 6]):
        raise ValueError("one IPv4 range, or one with an IPv6 range behind it")
    for version, each in found.items():
        if each.prefixlen > PREFIX[version]:
            raise ValueError(f"{each} is smaller than a /{PREFIX[version]}")
    return found


PREFIX: Mapping[int, int] = MappingProxyType({4: 24, 6: 64})
"""The length of the prefix of a cluster's network, by version."""
