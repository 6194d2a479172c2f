"""Which API servers answer, and whether the endpoint does."""

from __future__ import annotations

from checks.facts.cluster import ApiServer, Facts


def answering(facts: Facts) -> tuple[str, ...]:
    """Names of the machines whose API servers answer this host or, where it reaches none, another machine."""
    return tuple(each.machine for each in facts.servers if _answers(each) or _is_reached(facts, each.machine))


def silent(facts: Facts) -> tuple[str, ...]:
    """Names of the machines whose API servers were sent a request and did not answer. A missing permission is none."""
    there = answering(facts)
    return tuple(
        each.machine
        for each in facts.servers
        if each.machine not in there and not each.ready.known and not each.ready.needs
    )


def endpoint_is_silent(facts: Facts) -> bool:
    """Whether the endpoint was sent requests and answered none, from here and from every machine.

    This host alone may not know its name, as where a kubeconfig leads to its address.
    """
    server = facts.through_endpoint
    if server is None or _answers(server) or server.ready.needs:
        return False
    reached = [each for machine in facts.machines for each in machine.reached.value or () if each.what == "endpoint"]
    if not reached and facts.api.nodes.known:
        return False
    return not any(each.answered for each in reached)


def _answers(server: ApiServer) -> bool:
    """One that hides its health from users without a login answers, too: it says so (anonymous-auth)."""
    hidden = server.certificate.known and "hidden" in server.ready.missing
    return server.ready.known or server.version.known or hidden


def _is_reached(facts: Facts, name: str) -> bool:
    reached = [each for machine in facts.machines for each in machine.reached.value or ()]
    return any(each.what == "api-server" and each.target == name and each.answered for each in reached)
