"""A free network for each cluster: a /24, a /64, or one of each.

198.18.0.0/15 is reserved for benchmarks (RFC 2544), so no network of the host is there; a /64 is of unique local
addresses (RFC 4193).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from provision.config.addresses import PREFIX, Family, Network, ranges
from provision.util import local
from provision.util.errors import HostLacks
from provision.util.result import last_lines


def choose(addresses: str, cluster: str, taken: Iterable[Network], family: Family = Family.IPV4) -> str:
    """Networks of the ranges that overlap nothing in `taken`; the same ones for the same cluster where they can. Pure.

    As a cluster's state has them: one of each version, with a comma between two. Raises HostLacks naming what is in the
    way.
    """
    used, within = list(taken), ranges(addresses)
    return ",".join(str(_free(within[version], cluster, used)) for version in family.versions)


def _free(within: Network, cluster: str, used: list[Network]) -> Network:
    prefix = PREFIX[within.version]
    for candidate in _candidates(within, prefix, zlib.crc32(cluster.encode())):
        if not any(_overlap(candidate, network) for network in used):
            return candidate
    there = [str(network) for network in used if _overlap(network, within)]
    raise HostLacks(
        f"no free /{prefix}{cluster and f' for {cluster}'} in {within}",
        answer="in use on this host: " + ", ".join(there[:8]),
        fix="./run clean  # removes what ended runs left; or choose another range by --ha-addresses",
    )


def _candidates(within: Network, prefix: int, start: int) -> Iterator[Network]:
    """Every network of a length in a range, beginning with the one that has the number `start`, and round once."""
    count, size = 1 << (prefix - within.prefixlen), 1 << (within.max_prefixlen - prefix)
    first = int(within.network_address)
    for number in range(count):
        address = first + (start + number) % count * size
        yield type(within)((address, prefix))


def overlapping(wanted: Iterable[Network], taken: Iterable[Network]) -> Network | None:
    """The first of the networks in use that a wanted one overlaps. Pure."""
    used = list(taken)
    return next((network for each in wanted for network in used if _overlap(each, network)), None)


def _overlap(one: Network, other: Network) -> bool:
    """Networks of different versions never do."""
    return one.version == other.version and one.overlaps(other)


def taken(family: Family = Family.IPV4) -> list[Network]:
    """The networks that this host has routes to, default routes aside; raises HostLacks for an ip without JSON."""
    return [network for version in family.versions for network in _routed(version)]


def _routed(version: int) -> Iterator[Network]:
    command = ["ip", f"-{version}", "-json", "route", "show", "table", "all"]
    answer = local.run(command).stdout
    try:
        routes = json.loads(answer or "[]")
    except ValueError:
        what = f"`{' '.join(command)}` does not answer with JSON"
        raise HostLacks(what, answer=last_lines(answer, 3), fix="sudo apt-get install iproute2") from None
    # iproute2 prints {} for what it leaves out
    destinations = [route["dst"] for route in routes if route and route.get("type", "unicast") != "broadcast"]
    for text in destinations:
        if text != "default" and (network := ip_network(text, strict=False)).prefixlen:
            yield network
