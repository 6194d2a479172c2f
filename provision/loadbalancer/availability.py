"""How available the API is while something is done to the cluster: a request through the balancer every 0.1 s."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from provision.cluster import Cluster
from provision.observations import Request
from provision.util.concurrency import Ticker
from provision.util.errors import CommandFailed

_EVERY = 0.1  # seconds: shorter than the shortest outage that a client notices
_PATIENCE = 2.0  # seconds for each part of a request: the API answers in milliseconds
_LONGEST = 3 * _PATIENCE + 1
"""Seconds that a request may take: to connect, to agree on encryption, to answer; and one for a busy host."""

_REQUEST = "GET /readyz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Sample:
    """One request: when it began, in seconds since the first, how long it took, and whether the answer was `ok`."""

    at: float
    took: float
    ok: bool


@dataclass(frozen=True)
class Outage:
    """From the start of the first request that failed to the start of the first that succeeded again, in seconds."""

    at: float
    seconds: float


@contextmanager
def watched(cluster: Cluster, longest: float = _LONGEST) -> Iterator[None]:
    """Send requests for as long as this lasts; the results are added to the cluster's observations.

    A request that runs at the end may go on for `longest` seconds; then it has failed. Raises CommandFailed where there
    is no authority to check answers by, and whatever ended the requests too early.
    """
    authority = cluster.control_planes[0].succeed("sudo cat /etc/kubernetes/pki/ca.crt")
    if cluster.dry_run:
        yield
        return
    if "CERTIFICATE" not in authority:
        raise CommandFailed(f"on {cluster.control_planes[0].name}: /etc/kubernetes/pki/ca.crt holds no certificate")
    requests = _Requests(cluster, authority)
    ticker = Ticker(requests.beat)
    try:
        yield
    finally:
        ticker.stop(longest)
        cluster.observations.availability += requests.ended()
    if ticker.failure:
        raise ticker.failure


def samples(cluster: Cluster) -> list[Sample]:
    """Every request, in order; times count from the first."""
    recorded = cluster.observations.availability
    return [Sample(each.began - recorded[0].began, each.took, each.ok) for each in recorded]


def outages(requests: list[Sample]) -> list[Outage]:
    """Each time during which nothing succeeded. One that lasts to the end ends with the last request. Pure."""
    found: list[Outage] = []
    begin: float | None = None
    for sample in requests:
        if not sample.ok and begin is None:
            begin = sample.at
        elif sample.ok and begin is not None:
            found.append(Outage(begin, sample.at - begin))
            begin = None
    if begin is not None:
        found.append(Outage(begin, requests[-1].at + requests[-1].took - begin))
    return found


class _Requests:
    """A new connection each time, as every client makes one that has just started."""

    def __init__(self, cluster: Cluster, authority: str) -> None:
        self._context = ssl.create_default_context(cadata=authority)
        self._endpoint, self._source = cluster.endpoint, (cluster.host_address, 0)
        self._samples: list[Request] = []
        self._sent: float | None = None  # when the request began that has not ended yet

    def beat(self) -> float:
        self._sent, begin = time.time(), time.monotonic()
        ok = self._succeeds()
        took = time.monotonic() - begin
        self._samples.append(Request(round(self._sent, 3), round(took, 3), ok))
        self._sent = None
        return max(0.0, _EVERY - took)

    def ended(self) -> list[Request]:
        """Every request. One that has not ended by now has failed: it is the slow one that matters most."""
        found, sent = list(self._samples), self._sent
        if sent is not None and (not found or found[-1].began != round(sent, 3)):
            found.append(Request(round(sent, 3), round(time.time() - sent, 3), False))
        return found

    def _succeeds(self) -> bool:
        try:
            target = (self._endpoint.address, self._endpoint.port)
            with (
                socket.create_connection(target, _PATIENCE, self._source) as plain,
                self._context.wrap_socket(plain, server_hostname=self._endpoint.name) as connection,
            ):
                connection.sendall(_REQUEST.format(name=self._endpoint.name).encode())
                return connection.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False
