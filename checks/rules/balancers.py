"""Load balancers: where they forward to, and what they take for down. Servers are known by their addresses."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.balancer import Balancer
from checks.facts.cluster import ApiServer, Facts
from checks.facts.endpoint import forwarders, targets
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.balancer_words import AVAILABILITY, lines_of, values_of
from checks.rules.rule import about_each, balancers


@about_each(
    balancers,
    "KHA-LB-003",
    Severity.CRITICAL,
    title="The load balancer takes all API servers for down.",
    why="Nothing reaches the API through the endpoint, though every API server answers.",
    fix="curl --insecure --include https://{server}{path}  # on {machine}; what {kind} checks is in {file}",
    page=AVAILABILITY,
)
def takes_all_for_down(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Where no API server answers, the balancer is right."""
    for each in forwarders(machine):
        if not all(server.up is False for server in each.servers):
            continue
        answering = [server for server in facts.servers if server.ready.known]
        if not answering:
            if facts.servers:
                facts.servers[0].ready.get()
            raise Unknown("whether an API server answers")
        names = ", ".join(server.machine or server.address for server in answering)
        text = f"{each.kind} on {machine.name} takes all its servers for down; the API servers of {names} answer."
        values = {"server": answering[0].address, "path": each.check_path or "/livez"}
        yield Found(text, (machine.name,), lines_of(each), values_of(each) | values, about=(each.kind,))


@about_each(
    balancers,
    "KHA-LB-005",
    Severity.WARNING,
    title="The load balancer does not forward to every control plane.",
    why="The API ends with the machines that it knows, while others run.",
    fix="{edit}  # on {machine}: a server at {addresses}",
    page=AVAILABILITY,
)
def forwards_to_every_control_plane(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """By address. A server that is only a backup is one, and one that was taken out in the configuration is none."""
    for each in forwarders(machine):
        known, unclear = _targets(facts, machine, each)
        left_out = [cp for cp in facts.control_planes if cp.name not in known]
        if left_out and unclear:
            raise unclear
        if left_out:
            names = ", ".join(cp.name for cp in left_out)
            text = f"{each.kind} on {machine.name} does not forward to {names}."
            values = values_of(each) | {"addresses": ", ".join(cp.address for cp in left_out)}
            yield Found(text, (machine.name,), lines_of(each), values)


def _targets(facts: Facts, machine: MachineFacts, balancer: Balancer) -> tuple[set[str], Unknown | None]:
    """Names of the machines that it forwards to, and why that may not be all of them."""
    found, unclear = set(), None
    for server in balancer.servers:
        try:
            target = targets(facts, machine, server)
        except Unknown as unknown:
            unclear = unknown
            continue
        if target is not None:
            found.add(target.name)
        elif silent := next((each for each in facts.control_planes if not each.interfaces.known), None):
            unclear = Unknown(f"{server.address} may be another address of {silent.name}", silent.interfaces.needs)
    return found, unclear


@about_each(
    balancers,
    "KHA-LB-008",
    Severity.WARNING,
    title="The load balancer takes an API server for down that is ready.",
    why="The others have to do without it: the endpoint is lost with fewer machines than it seems.",
    fix="curl --insecure --include https://{server}{path}  # on {machine}; what {kind} checks is in {file}",
    page=AVAILABILITY,
    because_of=("KHA-LB-003",),
)
def takes_one_for_down(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """An API server that is not ready, or does not answer, is another rule's."""
    ready = {each.machine: each for each in facts.servers if each.ready.known and not each.ready.value}
    for each in forwarders(machine):
        for server in each.servers:
            if server.up is not False or all(other.up is False for other in each.servers):
                continue
            target = targets(facts, machine, server)
            if target is not None and target.name in ready:
                yield _down(machine, each, ready[target.name])


def _down(machine: MachineFacts, balancer: Balancer, ready: ApiServer) -> Found:
    text = f"{balancer.kind} on {machine.name} takes {ready.machine} for down, whose API server is ready."
    values = values_of(balancer) | {"server": ready.address, "path": balancer.check_path or "/livez"}
    return Found(text, (machine.name, ready.machine), lines_of(balancer), values, about=(balancer.kind,))


@about_each(
    balancers,
    "KHA-LB-009",
    Severity.NOTICE,
    title="The load balancer forwards to a machine that is not a control plane.",
    why="Where nothing answers there, it is a line too many; where another cluster does, requests go astray.",
    fix="{edit}  # on {machine}: without the line of this server",
    page=AVAILABILITY,
)
def forwards_elsewhere(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A control plane that left, or one that is to come. A name that nothing resolved may be any machine's."""
    for each in forwarders(machine):
        for server in each.servers:
            target = targets(facts, machine, server)
            if target is None and any(not cp.interfaces.known for cp in facts.control_planes):
                raise Unknown(f"{server.address} may be another address of a control plane", LOGIN)
            if target is None or target not in facts.control_planes:
                what = target.name if target else server.address
                text = f"{each.kind} on {machine.name} forwards to {server.name} at {what}: not a control plane."
                yield Found(text, (machine.name,), lines_of(each), values_of(each))
