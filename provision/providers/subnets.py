"""A free /24 for each cluster. 198.18.0.0/15 is reserved for benchmarks (RFC 2544): no network of the host is there."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from ipaddress import IPv4Network

from provision.errors import HostLacks
from provision.util import local
from provision.util.result import last_lines


def choose(addresses: str, cluster: str, taken: Iterable[IPv4Network]) -> IPv4Network:
    """A /24 of the range that overlaps nothing in `taken`; the same one for the same cluster where it can. Pure.

    Raises HostLacks naming what is in the way.
    """
    used = list(taken)
    candidates = list(IPv4Network(addresses).subnets(new_prefix=24))
    start = zlib.crc32(cluster.encode()) % len(candidates)
    for candidate in candidates[start:] + candidates[:start]:
        if not any(candidate.overlaps(network) for network in used):
            return candidate
    within = [str(network) for network in used if network.overlaps(IPv4Network(addresses))]
    raise HostLacks(
        f"no free /24{cluster and f' for {cluster}'} in {addresses}",
        answer="in use on this host: " + ", ".join(within[:8]),
        fix="./run clean  # removes what ended runs left; or choose another range by --ha-addresses",
    )


def taken() -> list[IPv4Network]:
    """The networks that this host has routes to, the default route aside; raises HostLacks for an ip without JSON."""
    command = ["ip", "-4", "-json", "route", "show", "table", "all"]
    answer = local.run(command).stdout
    try:
        routes = json.loads(answer or "[]")
    except ValueError:
        what = f"`{' '.join(command)}` does not answer with JSON"
        raise HostLacks(what, answer=last_lines(answer, 3), fix="sudo apt-get install iproute2") from None
    # iproute2 prints {} for what it leaves out
    destinations = [route["dst"] for route in routes if route and route.get("type", "unicast") != "broadcast"]
    return [
        network for text in destinations if text != "default" and (network := IPv4Network(text, strict=False)).prefixlen
    ]
