"""Components of the control plane: whether they run, are ready, and lead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from checks.facts.cluster import Facts, Object
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import (
    API_SERVER,
    CONNECTED,
    CONTROLLER_MANAGER,
    SCHEDULER,
    STATIC_PODS,
    command_of,
    container_of,
    flags_in,
    program,
)
from checks.rules.moments import changed_recently, parsed, when_read
from checks.rules.own_places import api_server_at
from checks.rules.rule import about_each, about_the_cluster, control_planes
from checks.rules.standing_still import (
    answers,
    requests,
    server_on,
    unless_etcd_stands_still,
)
from checks.rules.system_pods import is_ready, mirror_pod

_HEALTH = "https://kubernetes.io/docs/reference/using-api/health-checks/"
_CAUSES = (
    "KHA-NODE-004", "KHA-NODE-010", "KHA-NODE-012", "KHA-CERT-001", "KHA-CERT-010", "KHA-ETCD-004",
    "KHA-DRIFT-003",
)  # fmt: skip

_LEASE = 15
"""Seconds that a leader's lease lasts where the Lease does not say it: the components' own default."""

_MARGIN = timedelta(seconds=15)
"""How much later than its end a lease counts as lost: a new leader takes over within a second lease's time."""


@about_each(
    control_planes, "KHA-CP-001", Severity.CRITICAL,
    title="An API server does not answer.",
    why="One is lost already: the next loss may end the API, and what connects to this one alone is down.",
    fix="sudo crictl ps -a --name kube-apiserver  # on {machine}; then sudo crictl logs with the container's id",
    page="https://kubernetes.io/docs/tasks/debug/debug-cluster/", because_of=_CAUSES,
)  # fmt: skip
def api_servers_answer(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    answering = answers(facts, machine)
    if answering is None:
        server = server_on(facts, machine)
        raise Unknown(server.ready.missing if server else "no API server of this machine is known", LOGIN)
    if not answering:
        tried = requests(facts, "api-server", machine.name)
        yield Found(
            f"The API server of {machine.name} does not answer{_and_why(machine)}.", (machine.name,),
            tuple(f"from {name}: {each.url}: {each.error or 'no answer'}" for name, each in tried),
            about=(API_SERVER,), needs=(*CONNECTED[API_SERVER], STATIC_PODS),
        )  # fmt: skip


def _and_why(machine: MachineFacts) -> str:
    """What the machine itself shows, where that is known."""
    if machine.manifests.known and container_of(machine, API_SERVER) is None:
        return ": its manifest is missing"
    if machine.processes.known:
        running = any(API_SERVER in (program(each.arguments), each.name) for each in machine.processes.get())
        return ", though its process runs" if running else ": it does not run"
    return ""


@about_each(
    control_planes, "KHA-CP-002", Severity.CRITICAL,
    title="An API server is not ready.",
    why="Load balancers that check it send nothing there; those that do not send requests that fail.",
    fix="curl -k 'https://{server}/readyz?verbose'  # on any control plane",
    page=_HEALTH, because_of=_CAUSES,
)  # fmt: skip
def api_servers_are_ready(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    server = server_on(facts, machine)
    if server is None:
        raise Unknown(f"the API server of {machine.name} was not requested", LOGIN)
    failing = server.ready.get()
    if failing:
        unless_etcd_stands_still(facts)
        first = failing[0].removeprefix("[-]")
        yield Found(
            f"The API server of {machine.name} is not ready: {first}.", (machine.name,), failing,
            {"server": api_server_at(facts, machine)}, about=(API_SERVER,),
            needs=(*CONNECTED[API_SERVER], STATIC_PODS),
        )  # fmt: skip


@about_each(
    control_planes, "KHA-CP-003", Severity.WARNING,
    title="A controller manager or scheduler does not run on a control plane.",
    why="One less is left to take over when the leader's machine is lost.",
    fix="sudo crictl ps -a --name {component}  # on {machine}; then sudo crictl logs with the container's id",
    page="https://kubernetes.io/docs/concepts/architecture/", because_of=(*_CAUSES, "KHA-CP-001", "KHA-CP-002"),
)  # fmt: skip
def leaders_can_be_replaced(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    for component in (CONTROLLER_MANAGER, SCHEDULER):
        if not _runs(facts, machine, component):
            yield Found(
                f"{component} does not run on {machine.name}.", (machine.name,), (), {"component": component},
                about=(component,), needs=(*CONNECTED[component], STATIC_PODS),
            )  # fmt: skip


def _runs(facts: Facts, machine: MachineFacts, component: str) -> bool:
    """By its process, or by its mirror pod where there was no login; raises Unknown."""
    if machine.processes.known or not facts.api.pods.known:
        return any(component in (program(each.arguments), each.name) for each in machine.processes.get())
    unless_etcd_stands_still(facts)
    pod = mirror_pod(facts, machine.name, component)
    return pod is not None and (is_ready(pod) or changed_recently(facts, pod))


@about_the_cluster(
    "KHA-CP-004", Severity.CRITICAL,
    title="No controller manager or no scheduler leads.",
    why="Nothing in the cluster is moved, replaced or started any more, though the API answers.",
    fix="kubectl -n kube-system get lease {component} -o yaml  # then the logs of {component} on every control plane",
    page="https://kubernetes.io/docs/concepts/architecture/leases/",
)  # fmt: skip
def there_is_a_leader(facts: Facts) -> Iterator[Found]:
    for component in (CONTROLLER_MANAGER, SCHEDULER):
        if facts.as_documented or _elects(facts, component):
            yield from _without_leader(facts, component)


def _elects(facts: Facts, component: str) -> bool:
    """Whether there is an election: not where a flag turns it off, or gives it another Lease."""
    for machine in facts.control_planes:
        try:
            flags = flags_in(command_of(facts, machine, component))
        except Unknown:
            continue
        if flags.get("leader-elect") == ("false",) or flags.get("leader-elect-resource-name", (component,)) != (
            component,
        ):
            return False
    return True


def _without_leader(facts: Facts, component: str) -> Iterator[Found]:
    names = {each["metadata"]["name"]: each for each in facts.api.leases.get() if _in_kube_system(each)}
    if component not in names:
        raise Unknown(f"kube-system has no Lease {component}")
    spec = names[component]["spec"]
    holder, renewed = spec.get("holderIdentity") or "", spec.get("renewTime")
    age = when_read(facts) - parsed(renewed) if renewed else None
    lasts = timedelta(seconds=int(spec.get("leaseDurationSeconds") or _LEASE))
    if not holder or age is None or age > lasts + (timedelta(0) if facts.as_documented else _MARGIN):
        unless_etcd_stands_still(facts)
        last = f"; {holder} was the last, {age.total_seconds():.0f} seconds ago" if holder and age else ""
        yield Found(
            f"No {component} leads{last}.", (),
            (f"kube-system/{component}: holderIdentity: {holder}, renewTime: {renewed}",), {"component": component},
        )  # fmt: skip
    elif facts.as_documented and holder.partition("_")[0] not in {each.name for each in facts.control_planes}:
        yield Found(
            f"The {component} that leads is {holder}, which is on no control plane.", (), (),
            {"component": component},
        )  # fmt: skip


def _in_kube_system(lease: Object) -> bool:
    return bool(lease["metadata"].get("namespace") == "kube-system")
