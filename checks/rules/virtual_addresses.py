"""A virtual address: on exactly one machine, and movable to another."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.addresses import addresses_of
from checks.facts.balancer import Balancer
from checks.facts.cluster import Facts
from checks.facts.endpoint import can_move, host_and_port, movers, runs, virtual_addresses
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.rule import about_each, about_the_cluster, balancers

_OPTIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"
_VRRP = "https://www.rfc-editor.org/rfc/rfc5798#section-5.2.3"
_NONLOCAL = "https://docs.kernel.org/networking/ip-sysctl.html"


def _movers(facts: Facts) -> list[tuple[MachineFacts, Balancer]]:
    """What moves the endpoint's address; raises Unknown where there is none, and a machine was not read."""
    found = list(movers(facts))
    if not found:
        _read_all(facts)
    return found


def _read_all(facts: Facts) -> None:
    for machine in (*facts.balancers, *facts.control_planes):
        machine.balancers.get()


def _on_one(facts: Facts) -> Iterator[tuple[str, list[MachineFacts]]]:
    """Each virtual address that one machine is to hold, and those that hold it; raises Unknown."""
    if any(each.everywhere for _, each in _movers(facts)):
        return
    for address in sorted(virtual_addresses(facts)):
        yield address, [each for each in facts.machines if address in set(addresses_of(facts, each))]


@about_the_cluster(
    "KHA-LB-010",
    Severity.CRITICAL,
    title="No machine holds the endpoint's virtual address.",
    why="Nothing answers at the endpoint.",
    fix="sudo systemctl restart {kind}; sudo journalctl --no-pager --lines 50 --unit {kind}  # on {machine}",
    page=_OPTIONS,
    because_of=("KHA-LB-007",),
)
def is_held(facts: Facts) -> Iterator[Found]:
    """Undecided where a machine that may hold it was not read."""
    for address, found in _on_one(facts):
        if not found:
            carriers = _movers(facts)
            for machine in facts.machines:
                machine.interfaces.get()
            names = tuple(machine.name for machine, _ in carriers)
            yield Found(f"No machine holds the virtual address {address}.", names, (), {"kind": carriers[0][1].kind})


@about_the_cluster(
    "KHA-LB-011",
    Severity.CRITICAL,
    title="Two machines hold the endpoint's virtual address.",
    why="Which of them a client meets is chance, and connections end when its neighbours learn of the other.",
    fix="ip -oneline address show to {address}  # on each; then see whether VRRP (protocol 112) passes between them",
    page=_OPTIONS,
    because_of=("KHA-LB-013",),
)
def is_held_once(facts: Facts) -> Iterator[Found]:
    """Each of them has not heard of the other."""
    for address, found in _on_one(facts):
        if len(found) > 1:
            names = tuple(each.name for each in found)
            yield Found(
                f"The virtual address {address} is on {' and on '.join(names)}.", names, (), {"address": address}
            )


@about_the_cluster(
    "KHA-LB-012",
    Severity.WARNING,
    title="The endpoint's virtual address cannot move.",
    why="It is there to move when its machine is lost, and no other machine would take it.",
    fix="sudo systemctl enable --now keepalived  # on a second machine; kube-vip's manifest on every control plane",
    page=_OPTIONS,
    because_of=("KHA-LB-007", "KHA-LB-010"),
)
def moves(facts: Facts) -> Iterator[Found]:
    """Two machines that run what moves it are enough."""
    found = _movers(facts)
    if not found:
        return
    if can_move(facts):
        return
    able = [machine.name for machine, each in found if runs(machine, each)]
    names = tuple(machine.name for machine, _ in found)
    address = ", ".join(sorted(virtual_addresses(facts)))
    where = f"on {', '.join(able)} alone" if able else "on no machine"
    lines = tuple(f"{machine.name}: {each.kind} ({each.where})" for machine, each in found)
    kinds = tuple({each.kind for _, each in found})
    yield Found(f"The virtual address {address} cannot move: what moves it runs {where}.", names, lines, about=kinds)


@about_the_cluster(
    "KHA-LB-013",
    Severity.CRITICAL,
    title="Machines share a virtual address and not its router id.",
    why="They do not hear each other: each of them takes the address.",
    fix="sudo grep --line-number virtual_router_id /etc/keepalived/keepalived.conf  # on {machine} and the others",
    page=_VRRP,
)
def one_router_id(facts: Facts) -> Iterator[Found]:
    """The number of one virtual router is the same on all its machines."""
    found = [(machine, each) for machine, each in _movers(facts) if each.kind == "keepalived" and each.router_id]
    if len({each.router_id for _, each in found}) > 1:
        lines = tuple(f"{machine.name}: virtual_router_id {each.router_id}" for machine, each in found)
        names = tuple(machine.name for machine, _ in found)
        yield Found(f"keepalived has different router ids on {', '.join(names)}.", names, lines)


@about_each(
    balancers,
    "KHA-LB-015",
    Severity.WARNING,
    title="The load balancer listens at a virtual address that it may not use.",
    why="Where the address is on another machine it does not start, and after a move there is no load balancer.",
    fix="sudo sysctl --write net.ipv4.ip_nonlocal_bind=1  # on {machine}, and in a file of /etc/sysctl.d",
    page=_NONLOCAL,
)
def may_listen(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """`transparent`, and listening at every address, need no setting."""
    for each in machine.balancers.get():
        for address in virtual_addresses(facts):
            if _listens_at(each, address) and ":" not in address:
                value = machine.sysctls.get().get("net.ipv4.ip_nonlocal_bind")
                if value == "0":
                    text = f"{each.kind} on {machine.name} listens at {address}, and net.ipv4.ip_nonlocal_bind is 0."
                    yield Found(text, (machine.name,), each.listens)


def _listens_at(balancer: Balancer, address: str) -> bool:
    bound = (each for each in balancer.listens if "transparent" not in each)
    return any(host_and_port(each.split()[0])[0] == address for each in bound if each.split())
