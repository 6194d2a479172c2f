"""Which API servers answer, and whether the endpoint does."""

from __future__ import annotations

from checks.facts.addresses import is_loopback
from checks.facts.cluster import ApiServer, Facts
from checks.facts.endpoint import host_and_port


def answering(facts: Facts) -> tuple[str, ...]:
    """Names of the machines whose API servers answer this host or, where it reaches none, another machine."""
    return tuple(each.machine for each in facts.servers if _answers(each) or _is_reached(facts, each.machine))


def heard(facts: Facts) -> bool:
    """Whether any API server answered: by its own address, or through the endpoint, as where that alone is open."""
    through = facts.through_endpoint
    return bool(answering(facts)) or facts.api.nodes.known or (through is not None and _answers(through))


def silent(facts: Facts) -> tuple[str, ...]:
    """Names of the machines whose API servers were sent a request and did not answer. A missing permission is none.

    That this host reaches no API server proves nothing, as where the load balancer alone is open to it.
    """
    there = answering(facts)
    here = any(_answers(each) for each in facts.servers)
    return tuple(
        each.machine
        for each in facts.servers
        if each.machine not in there and not each.ready.known and not each.ready.needs
        and (here or _was_tried(facts, each.machine))
    )  # fmt: skip


def endpoint_is_silent(facts: Facts) -> bool:
    """Whether the endpoint was sent requests and answered none, from every machine that tried.

    Where only this host tried, the endpoint has to have taken its connection, since all else may be the way to it; and
    a tunnel of the user's takes connections whatever is at its end.
    """
    server = facts.through_endpoint
    if server is None or _answers(server) or server.ready.needs:
        return False
    reached = [each for machine in facts.machines for each in machine.reached.value or () if each.what == "endpoint"]
    if reached:
        return not any(each.answered for each in reached)
    host = host_and_port(facts.endpoint)[0]
    return server.accepts and not facts.api.nodes.known and not is_loopback(host)


def not_reached(facts: Facts) -> str:
    """Why nothing of the cluster was reached from here; empty where something was, or something else is known."""
    server = facts.through_endpoint
    if facts.api.nodes.known or facts.machines or (server and (_answers(server) or server.accepts)):
        return ""
    return facts.api.nodes.missing


def _answers(server: ApiServer) -> bool:
    """One that hides its health from users without a login answers, too: it says so (anonymous-auth)."""
    hidden = server.certificate.known and "hidden" in server.ready.missing
    return server.ready.known or server.version.known or hidden


def _is_reached(facts: Facts, name: str) -> bool:
    reached = [each for machine in facts.machines for each in machine.reached.value or ()]
    return any(each.what == "api-server" and each.target == name and each.answered for each in reached)


def _was_tried(facts: Facts, name: str) -> bool:
    reached = [each for machine in facts.machines for each in machine.reached.value or ()]
    return any(each.what == "api-server" and each.target == name for each in reached)
