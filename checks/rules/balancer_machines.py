"""Load balancers as programs on machines: whether they run, come back, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.balancer import Balancer
from checks.facts.cluster import Facts
from checks.facts.endpoint import is_put_away, only_balancer, runs
from checks.facts.fact import Unknown
from checks.facts.machine import BALANCER, MachineFacts, Unit
from checks.findings import Found, Severity
from checks.rules.balancer_words import AVAILABILITY
from checks.rules.packages import installing
from checks.rules.rule import about_each, about_the_cluster, balancers

_OPTIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"

PROGRAMS = ("haproxy", "nginx", "keepalived", "kube-vip")
"""Programs that are known as load balancers, or to move an address."""

_NOT_AT_START = ("disabled", "masked", "masked-runtime", "linked", "linked-runtime")


@about_each(
    balancers,
    "KHA-LB-004",
    Severity.CRITICAL,
    title="The load balancer does not start with its machine.",
    why="After the next start of the machine there is no endpoint.",
    fix="sudo systemctl enable {unit}  # on {machine}",
    page=AVAILABILITY,
)
def starts_with_its_machine(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Static pods are started by the kubelet. Where another machine takes over, this one is missing silently."""
    _unless_pacemaker_starts_them(machine)
    for each in machine.balancers.get():
        unit = _unit(machine, each)
        if unit is None or unit.starts_with_its_machine or is_put_away(machine, each):
            continue
        if unit.enabled in _NOT_AT_START:
            severity = Severity.WARNING if _another_runs(facts, machine, each) else None
            text = f"{each.kind} on {machine.name} is {unit.enabled}: it does not start with the machine."
            line = f"{unit.name}: {unit.active}, {unit.enabled}"
            yield Found(
                text, (machine.name,), (line,), {"unit": each.where.removesuffix(".service")}, severity=severity
            )


@about_each(
    balancers,
    "KHA-LB-007",
    Severity.CRITICAL,
    title="The load balancer does not run.",
    why="Nothing forwards requests on this machine: where no other takes over, there is no endpoint.",
    fix="sudo systemctl restart {unit}; sudo journalctl --no-pager --lines 50 --unit {unit}  # on {machine}",
    page=AVAILABILITY,
)
def runs_now(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A load balancer with no program that is known is undecided."""
    _unless_pacemaker_starts_them(machine)
    found = machine.balancers.get()
    for each in found:
        if not runs(machine, each) and not is_put_away(machine, each):
            severity = Severity.WARNING if _another_runs(facts, machine, each) else None
            unit = _unit(machine, each)
            line = f"{unit.name}: {unit.active}, {unit.enabled}" if unit else f"no process {each.kind}"
            values = {"unit": each.where.removesuffix(".service")}
            text = f"{each.kind} on {machine.name} does not run."
            yield Found(text, (machine.name,), (line,), values, severity=severity, about=(each.kind,))
    if not found and machine.is_a(BALANCER):
        yield from _stopped(machine)


def _unless_pacemaker_starts_them(machine: MachineFacts) -> None:
    """Raise Unknown where units are disabled, and on one machine stopped, by design."""
    unit = machine.units.value.get("pacemaker") if machine.units.value else None
    if unit and unit.active == "active":
        raise Unknown(f"Pacemaker starts and stops what runs on {machine.name}: `pcs status` says whether it is well")


def _stopped(machine: MachineFacts) -> Iterator[Found]:
    """A unit whose configuration was not read, as where its file is gone."""
    units = [unit for name, unit in machine.units.get().items() if name.removesuffix(".service") in PROGRAMS]
    for unit in units:
        if unit.active == "failed" or (unit.active == "inactive" and unit.starts_with_its_machine):
            text, line = f"{unit.name} on {machine.name} does not run.", f"{unit.name}: {unit.active}, {unit.enabled}"
            yield Found(text, (machine.name,), (line,), {"unit": unit.name}, about=(unit.name,))
            return
    raise Unknown(f"no load balancer that is known was found on {machine.name}: {', '.join(PROGRAMS)}")


def _unit(machine: MachineFacts, balancer: Balancer) -> Unit | None:
    """The unit of a balancer; None for a static pod. Raises Unknown for a unit that was not read."""
    if not balancer.where.endswith(".service"):
        return None
    units = machine.units.get()
    unit = units.get(balancer.where) or units.get(balancer.where.removesuffix(".service"))
    if unit is None:
        raise Unknown(f"the unit {balancer.where} on {machine.name} was not read")
    return unit


def _another_runs(facts: Facts, machine: MachineFacts, balancer: Balancer) -> bool:
    for other in facts.machines:
        for each in other.balancers.value or ():
            if other is not machine and each.kind == balancer.kind and _surely_runs(other, each):
                return True
    return False


def _surely_runs(machine: MachineFacts, balancer: Balancer) -> bool:
    try:
        return runs(machine, balancer)
    except Unknown:
        return False


@about_the_cluster(
    "KHA-LB-014",
    Severity.NOTICE,
    title="There is one load balancer, and no other takes over.",
    why="The API is lost through its endpoint with this machine, however many control planes run.",
    fix="{install}  # on {machine} and on a second load balancer, with one virtual address",
    page=_OPTIONS,
)
def one_alone(facts: Facts) -> Iterator[Found]:
    """As every documented set-up has it: the page leaves it to the reader. An appliance is not judged."""
    machine = only_balancer(facts)
    if machine is not None and len(facts.control_planes) > 1:
        text = f"{machine.name} is the only load balancer: the endpoint {facts.endpoint} ends with it."
        yield Found(text, (machine.name,), values={"install": installing(machine, "keepalived")})
