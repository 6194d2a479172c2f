"""What stops a whole cluster, so that findings about single machines would only follow from it."""

from __future__ import annotations

from checks.facts.cluster import ApiServer, Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts, Reached
from checks.rules.component_flags import API_SERVER
from checks.rules.sentences import listed
from checks.rules.system_pods import is_ready, mirror_pod


def requests(facts: Facts, kind: str, target: str | None = None) -> list[tuple[str, Reached]]:
    """Requests of a kind that machines made, with the machine's name; those to one target, where that is given."""
    return [
        (machine.name, each)
        for machine in facts.machines
        for each in machine.reached.value or ()
        if each.what == kind and target in (None, each.target)
    ]


def server_on(facts: Facts, machine: MachineFacts) -> ApiServer | None:
    """What the API server on a machine answered; None where it got no request."""
    return next((each for each in facts.servers if each.machine == machine.name), None)


def answers(facts: Facts, machine: MachineFacts) -> bool | None:
    """Whether the API server on a control plane answers anything; None where nothing says it.

    That this host does not reach it proves nothing: only the load balancer may be open to it.
    """
    server = server_on(facts, machine)
    if server and (server.ready.known or server.version.known):
        return True
    tried = requests(facts, "api-server", machine.name)
    if tried:
        return any(each.answered for _, each in tried)
    if server and server.certificate.known:
        return True  # it hides its health from users without a login
    if not facts.api.pods.known:
        return None
    pod = mirror_pod(facts, machine.name, API_SERVER)
    return None if pod and is_ready(pod) else False


def some_api_server_is_ready(facts: Facts) -> bool:
    """Whether one API server is ready; it is not where etcd has no majority."""
    return any(each.ready.known and not each.ready.get() for each in facts.servers)


def down(facts: Facts) -> tuple[str, ...]:
    """The control planes whose API servers are known not to answer."""
    return tuple(each.name for each in facts.control_planes if answers(facts, each) is False)


def stopped_members(facts: Facts) -> tuple[str, ...]:
    """The machines of etcd's members that did not answer: those without a login, or whose member gave no status."""
    return tuple(
        each.name
        for each in facts.members
        if each.unreachable or (each.identity.known and not each.etcd_status.known)
    )  # fmt: skip


def without_majority(facts: Facts) -> tuple[str, ...]:
    """The members that do not answer, where they are so many that etcd has no majority; empty otherwise."""
    stopped = stopped_members(facts)
    lost = 2 * len(stopped) >= len(facts.members) > 0
    return stopped if lost and not some_api_server_is_ready(facts) else ()


def alarms(facts: Facts) -> frozenset[str]:
    """The kinds of etcd's alarms that any member knows of."""
    return frozenset(alarm.kind for each in facts.members if each.etcd.value for alarm in each.etcd.value.alarms)


def endpoint_is_down(facts: Facts) -> bool:
    """Whether nothing reaches the endpoint, of all that tried; at least one did."""
    tried = requests(facts, "endpoint")
    through = facts.through_endpoint
    if through and (through.ready.known or through.version.known):
        return False
    return bool(tried) and not any(each.answered for _, each in tried)


def unless_etcd_stands_still(facts: Facts) -> None:
    """Raises Unknown where etcd takes no writes: what the API says of nodes, pods and leases is old then."""
    if "NOSPACE" in alarms(facts):
        raise Unknown("etcd is out of space and takes no writes: leases and states in the API are old")
    if stopped := without_majority(facts):
        raise Unknown(f"etcd has no majority without {listed(stopped)}: leases and states in the API are old")


def unless_an_api_server_is_down(facts: Facts) -> None:
    """Raises Unknown where a connection may have met an API server that does not answer."""
    if names := down(facts):
        raise Unknown(f"the API server on {listed(names)} does not answer, and a connection may have met it")
