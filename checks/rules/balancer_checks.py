"""How load balancers check their servers, and how long they let connections live."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.endpoint import forwarders
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.balancer_words import AVAILABILITY, lines_of, values_of
from checks.rules.rule import about_each, balancers

_HEALTH = "https://kubernetes.io/docs/reference/using-api/health-checks/"

SHORT = 30
"""Seconds. Clients and kubelets send something at least every 30 s where a connection is idle, as HTTP/2's pings do."""

_CHECKS = {
    "tcp": "whether the port is open",
    "ssl": "TLS' first message",
    "passive": "no server; it goes by connections that clients could not make",
}


@about_each(
    balancers,
    "KHA-LB-001",
    Severity.NOTICE,
    title="The load balancer checks no more than that the port is open.",
    why="An API server that hangs, starts or ends still gets requests.",
    fix="{edit}  # on {machine}: {check}",
    page=_HEALTH,
    because_of=("KHA-LB-006",),
)
def checks_the_port(_: Facts, machine: MachineFacts) -> Iterator[Found]:
    """What a balancer cannot do (nginx) is mentioned, too: it is how the cluster behaves."""
    for each in forwarders(machine):
        kinds = sorted({server.checked for server in each.servers} & set(_CHECKS))
        if kinds:
            text = f"{each.kind} on {machine.name} checks {' or '.join(_CHECKS[kind] for kind in kinds)}."
            yield Found(text, (machine.name,), (*lines_of(each), *each.notes), values_of(each), about=(each.kind,))


@about_each(
    balancers,
    "KHA-LB-002",
    Severity.NOTICE,
    title="The load balancer ends idle connections after less than 30 seconds.",
    why="Logs that are followed, shells and watches end while nothing is wrong.",
    fix="{edit}  # on {machine}: 35 s or more for client and server",
    page=AVAILABILITY,
)
def short_timeouts(_: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Without a limit nothing is ended."""
    for each in forwarders(machine):
        found = {"client": each.client_timeout, "server": each.server_timeout}
        short = {side: value for side, value in found.items() if value is not None and value < SHORT}
        if short:
            limits = " and ".join(f"{value:g} s of the {side}" for side, value in short.items())
            text = f"{each.kind} on {machine.name} ends connections after {limits} without data."
            yield Found(text, (machine.name,), tuple(f"timeout {side} {value:g}s" for side, value in short.items()),
                        values_of(each))  # fmt: skip


@about_each(
    balancers,
    "KHA-LB-006",
    Severity.WARNING,
    title="The load balancer does not check its servers.",
    why="After the loss of one control plane, its share of all requests fails.",
    fix="{edit}  # on {machine}: `default-server check` in the backend",
    page=AVAILABILITY,
)
def does_not_check(_: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Of one server there is none to turn to, whatever is checked."""
    for each in forwarders(machine):
        bare = [server.name for server in each.servers if server.checked == "none"]
        if bare and len(each.servers) > 1:
            which = "none of its servers" if len(bare) == len(each.servers) else f"its servers {', '.join(bare)} not"
            text = f"{each.kind} on {machine.name} checks {which}."
            yield Found(text, (machine.name,), lines_of(each), values_of(each), about=(each.kind,))
