"""The endpoint of the API: its addresses, who holds them, and what forwards or moves them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.addresses import addresses_of, is_address, is_loopback, machine_of_host, normal
from checks.facts.balancer import Balancer, Server
from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import BALANCER, CONTROL_PLANE, MachineFacts

EVERY_BALANCER = "an inventory that names every load balancer"


def host_and_port(endpoint: str) -> tuple[str, str]:
    """The two parts of `name:port`; the port is empty where there is none."""
    if endpoint.startswith("["):
        host, _, port = endpoint[1:].partition("]")
        return host, port.lstrip(":")
    host, _, port = endpoint.partition(":")
    return (endpoint, "") if ":" in port else (host, port)


def addresses(facts: Facts) -> frozenset[str]:
    """The endpoint's addresses, as machines resolve its name; none where that is not known."""
    host, _ = host_and_port(facts.endpoint)
    if is_address(host):
        return frozenset({normal(host)})
    found = [each for machine in facts.machines for each in machine.resolved.value or ()]
    return frozenset(normal(each) for each in found if is_address(each) and not is_loopback(each))


def holders(facts: Facts) -> tuple[MachineFacts, ...]:
    """The machines that have an address of the endpoint; raises Unknown where the endpoint has no known address."""
    wanted = addresses(facts)
    if not wanted:
        raise Unknown(f"the address of the endpoint {facts.endpoint or '(none is known)'} is not known", LOGIN)
    return tuple(each for each in facts.machines if wanted & set(addresses_of(facts, each)))


def forwarders(machine: MachineFacts) -> tuple[Balancer, ...]:
    """The balancers on a machine that forward requests; raises Unknown."""
    return tuple(each for each in machine.balancers.get() if each.servers and not is_put_away(machine, each))


def movers(facts: Facts) -> Iterator[tuple[MachineFacts, Balancer]]:
    """What moves an address of the endpoint between machines, and each machine that has it.

    Where the endpoint's addresses are not known, every address that is moved counts.
    """
    wanted = addresses(facts)
    for machine in facts.machines:
        for each in machine.balancers.value or ():
            virtual = {normal(address) for address in each.virtual_addresses}
            if is_put_away(machine, each):
                continue
            if virtual and (virtual & wanted or not wanted or host_and_port(facts.endpoint)[0] in virtual):
                yield machine, each


def virtual_addresses(facts: Facts) -> frozenset[str]:
    """The endpoint's addresses that are moved between machines."""
    wanted = addresses(facts)
    found = {normal(address) for _, each in movers(facts) for address in each.virtual_addresses if is_address(address)}
    return frozenset(found & wanted if found & wanted else found)


def runs(machine: MachineFacts, balancer: Balancer) -> bool:
    """Whether a balancer runs, by its unit or by its process; raises Unknown."""
    if balancer.where.endswith(".service"):
        units = machine.units.get()
        unit = units.get(balancer.where) or units.get(balancer.where.removesuffix(".service"))
        if unit is not None:
            return unit.active in ("active", "reloading", "activating")
    return any(balancer.kind in each.name for each in machine.processes.get())


def is_put_away(machine: MachineFacts, balancer: Balancer) -> bool:
    """Whether a balancer is a leftover: a unit that is off and stays off, on a machine that has other roles."""
    units = machine.units.value or {}
    unit = units.get(balancer.where) or units.get(balancer.where.removesuffix(".service"))
    if machine.is_a(BALANCER) or unit is None:
        return False
    return unit.active in ("inactive", "failed") and not unit.starts_with_its_machine


def can_move(facts: Facts) -> bool:
    """Whether another machine would take the endpoint's virtual address; raises Unknown.

    A load balancer is found by the address that it holds: without an inventory, the one that waits is not known.
    """
    found = list(movers(facts))
    able = {machine.name for machine, each in found if each.everywhere or runs(machine, each)}
    if len(able) > 1:
        return True
    for machine in (*facts.balancers, *facts.control_planes):
        machine.balancers.get()
    if len(facts.balancers) < 2 and any(not machine.is_a(CONTROL_PLANE) for machine, _ in found):
        raise Unknown("which machine takes over the virtual address is not known", EVERY_BALANCER)
    return False


def targets(facts: Facts, carrier: MachineFacts, server: Server) -> MachineFacts | None:
    """The machine that a server of a balancer is; None where it is none that is known.

    Loopback is the machine itself. Raises Unknown for a name that no machine has and that nothing resolved.
    """
    if is_loopback(server.address):
        return carrier
    for host in (*server.resolved, server.address):
        if machine := machine_of_host(facts, host):
            return machine
    if not is_address(server.address) and not server.resolved:
        raise Unknown(f"which machine {server.address}, a server of the load balancer on {carrier.name}, is")
    return None


def only_balancer(facts: Facts) -> MachineFacts | None:
    """The one machine without which there is no endpoint, where it is not a control plane; raises Unknown.

    An address that is moved is on another machine after a loss. Raises Unknown where no known machine has the address.
    """
    if virtual_addresses(facts):
        return None
    found = holders(facts)
    if not found:
        what = f"the endpoint {facts.endpoint} is on no machine that is known: how it forwards cannot be read"
        raise Unknown(what, "a login on the load balancer: an inventory that names it")
    if len(found) > 1 or not found[0].is_a(BALANCER):
        return None
    found[0].balancers.get()  # where it was not read, something may move the address
    return found[0]
