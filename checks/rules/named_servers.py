"""Which machine the server of a kubeconfig is, and whether the endpoint stands in front of it."""

from __future__ import annotations

from ipaddress import ip_address

from checks.facts.addresses import is_address
from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.rules.hosts import host_of

LOOPBACK = "lo"


def shared_addresses(facts: Facts) -> frozenset[str]:
    """Addresses that are not one machine's own: those that are moved, that several have, or loopback's."""
    seen: set[str] = set()
    shared: set[str] = set()
    for machine in facts.machines:
        for balancer in machine.balancers.value or ():
            shared |= {each.partition("/")[0] for each in balancer.virtual_addresses}
        own = {each for interface in machine.interfaces.value or () for each in interface.addresses}
        for interface in machine.interfaces.value or ():
            shared |= set(interface.addresses) if interface.name == LOOPBACK else set()
        shared |= seen & own
        seen |= own
    return frozenset(shared)


def resolved(facts: Facts) -> frozenset[str]:
    """What the endpoint's name stands for, on any machine."""
    return frozenset(each for machine in facts.machines for each in machine.resolved.value or ())


def control_plane_at(facts: Facts, host: str) -> MachineFacts | None:
    """The control plane that a host is, by its own address or its name; None for an address that moves."""
    shared = shared_addresses(facts)
    for machine in facts.control_planes:
        if host == machine.address and host not in shared:
            return machine
        if not is_address(host):
            if host.partition(".")[0] == machine.name.partition(".")[0].lower():
                return machine
        elif host not in shared | resolved(facts) and facts.owner(host) == machine:
            return machine
    return None


def names_one(facts: Facts, server: str) -> MachineFacts | None:
    """The control plane that a kubeconfig's server is, where it is neither the endpoint nor a proxy on the machine."""
    host = host_of(server)
    if not host or host == host_of(facts.endpoint) or host == "localhost":
        return None
    if is_address(host) and ip_address(host).is_loopback:
        return None
    return control_plane_at(facts, host)


def stored_server(facts: Facts) -> str:
    """The server of a kubeconfig by which everything connects through the stored endpoint; raises Unknown."""
    stored = facts.api.cluster_configuration.get().get("controlPlaneEndpoint")
    if not stored:
        raise Unknown("kubeadm-config has no controlPlaneEndpoint")
    return f"https://{stored}"


def instead_of_the_endpoint(facts: Facts, server: str) -> str:
    """The control plane that a server is in the endpoint's place; empty where it is none.

    On a cluster as documented it is whatever is not the stored endpoint, letter by letter.
    """
    named = names_one(facts, server)
    if named:
        return named.name
    return (server or "nothing") if facts.as_documented and server != stored_server(facts) else ""
