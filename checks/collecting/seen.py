"""The endpoint and the API servers where this host does not reach them: as machines do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checks.facts.cluster import ApiServer
from checks.facts.fact import Fact
from checks.facts.machine import MachineFacts, Reached

_WELL = (200, 401, 403)  # the last two: who has no login is not heard, by a server that is up


def from_machines(server: ApiServer, machines: Sequence[MachineFacts]) -> ApiServer:
    """A server as it is, or as its own machine sees it; the endpoint as the first machine does that reaches it."""
    if server.certificate.known or server.ready.known:
        return server
    for machine, request in _requests(server, machines):
        shown = next((each for each in machine.presented.value or () if each.address == server.address), None)
        certificate = Fact(machine.presented.how, shown.certificate) if shown and shown.certificate else None
        return replace(
            server, ready=Fact(f"{machine.reached.how}: {request.url}", _failing(request)),
            certificate=certificate or server.certificate, seen_from=machine.name,
        )  # fmt: skip
    return server


def _failing(request: Reached) -> tuple[str, ...]:
    return () if request.code in _WELL else (f"/livez answers with {request.code}",)


def _requests(server: ApiServer, machines: Sequence[MachineFacts]) -> Iterator[tuple[MachineFacts, Reached]]:
    for machine in machines:
        for request in machine.reached.value or ():
            of_endpoint = not server.machine and request.what == "endpoint"
            own = request.what == "api-server" and machine.name == server.machine == request.target
            if (of_endpoint or own) and request.answered:
                yield machine, request
