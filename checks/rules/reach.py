"""Who reaches whom: API servers and kubelets, nodes and the address of the API's Service; and packets' sizes."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import BALANCER, Interface, MachineFacts, Reached
from checks.findings import Found, Severity
from checks.rules.component_flags import API_SERVER, KUBE_PROXY, KUBELET
from checks.rules.odd_ones import majority
from checks.rules.own_places import kubelet_at
from checks.rules.rule import about_each, machines, nodes
from checks.rules.sentences import listed
from checks.rules.standing_still import unless_an_api_server_is_down, unless_etcd_stands_still

_NODE_IS_DOWN = (
    "KHA-NODE-001", "KHA-NODE-004", "KHA-NODE-010", "KHA-NODE-012", "KHA-ID-003", "KHA-CERT-001", "KHA-DRIFT-006",
)  # fmt: skip


@about_each(
    nodes, "KHA-REACH-001", Severity.WARNING,
    title="An API server does not reach a kubelet.",
    why="Logs, exec and port-forward to this node hang whenever they meet that API server.",
    fix="curl -k --max-time 5 https://{kubelet}/healthz"
        "  # on {from}; open this TCP port of {machine} to every control plane",
    page="https://kubernetes.io/docs/reference/networking/ports-and-protocols/",
    because_of=(*_NODE_IS_DOWN, "KHA-CP-001", "KHA-ID-003"),
)  # fmt: skip
def api_servers_reach_kubelets(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A control plane that reaches no kubelet but its own is at fault itself, and one finding."""
    outcomes = _outcomes(facts)
    if not outcomes:
        raise Unknown("no control plane was seen to reach a kubelet", LOGIN)
    cut_off = [name for name, targets in outcomes.items() if _reaches_none(name, targets)]
    if machine.name in cut_off:
        errors = {to: error for to, error in outcomes[machine.name].items() if error}
        yield Found(
            f"The API server of {machine.name} reaches no kubelet of another machine.", (machine.name,),
            tuple(f"{to}: {error}" for to, error in errors.items()),
            {"kubelet": kubelet_at(facts.machine(next(iter(errors)))), "from": machine.name},
            about=(KUBELET,), needs=(API_SERVER,),
        )  # fmt: skip
    failed = {name: to[machine.name] for name, to in outcomes.items() if name not in cut_off and to.get(machine.name)}
    if failed:
        yield Found(
            f"The kubelet of {machine.name} is not reached by the API servers of {listed(failed)}.",
            (machine.name, *(each for each in failed if each != machine.name)),
            tuple(f"from {name}: {error}" for name, error in failed.items()),
            {"kubelet": kubelet_at(machine), "from": next(iter(failed))},
            about=(KUBELET,), needs=(API_SERVER,),
        )  # fmt: skip


def _outcomes(facts: Facts) -> dict[str, dict[str, str]]:
    """Control plane → node → error, empty where the kubelet answered."""
    found: dict[str, dict[str, str]] = {}
    for machine in facts.control_planes:
        requests = [each for each in machine.reached.value or () if each.what == "kubelet"]
        if requests:
            found[machine.name] = {each.target: _error(each) for each in requests}
    return found


def _error(request: Reached) -> str:
    """Why a kubelet was not reached; empty where it was, or where the error is about certificates: then it answered."""
    about_certificates = any(each in request.error.lower() for each in ("certificate", "ssl", "tls"))
    return "" if request.answered or about_certificates else request.error or "no answer"


def _reaches_none(name: str, targets: dict[str, str]) -> bool:
    others = [error for to, error in targets.items() if to != name]
    return len(others) > 1 and all(others)


@about_each(
    nodes, "KHA-REACH-002", Severity.CRITICAL,
    title="A node does not reach the API by the address of its Service.",
    why="Whatever in a pod on this node needs the API does not work.",
    fix="curl -k --max-time 5 {url}"
        "  # on {machine}; then read the log of kube-proxy there, or of what stands in for it",
    page="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    because_of=(*_NODE_IS_DOWN, "KHA-NODE-003"),
)  # fmt: skip
def nodes_reach_the_service_of_the_api(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    requests = [each for each in machine.reached.get() if each.what == "service"]
    if requests and not any(each.answered for each in requests):
        unless_an_api_server_is_down(facts)
        unless_etcd_stands_still(facts)
        _unless_it_is_for_pods_alone(facts)
        yield Found(
            f"{machine.name} does not reach the API at the address of its Service.", (machine.name,),
            tuple(f"{each.url}: {each.error or 'no answer'}" for each in requests), {"url": requests[0].url},
            about=(KUBE_PROXY,), needs=(KUBELET,),
        )  # fmt: skip


def _unless_it_is_for_pods_alone(facts: Facts) -> None:
    """Raise Unknown where no node reaches it and there is no kube-proxy: what stands in for it may serve pods alone."""
    has_kube_proxy = any(each["metadata"]["name"] == "kube-proxy" for each in facts.api.daemon_sets.value or ())
    requests = [each for node in facts.nodes for each in node.reached.value or () if each.what == "service"]
    if not has_kube_proxy and not any(each.answered for each in requests):
        raise Unknown("there is no kube-proxy, and what stands in for it may serve pods alone")


@about_each(
    machines, "KHA-REACH-004", Severity.WARNING,
    title="A machine's interface has another MTU than those of the other machines.",
    why="Small packets pass and big ones may be lost: connections are made, and hang.",
    fix="sudo ip link set dev {interface} mtu {mtu}  # on {machine}, and in what configures its network",
    page="https://kubernetes.io/docs/concepts/cluster-administration/networking/", because_of=("KHA-ID-003",),
)  # fmt: skip
def interfaces_have_one_mtu(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Balancers are left out: they are often elsewhere, and pods' packets do not pass them."""
    if machine.is_a(BALANCER):
        return
    machine.interfaces.get()
    mtus = {each.name: found.mtu for each in facts.machines if (found := _interface(each)) and not each.is_a(BALANCER)}
    usual, mine = majority(mtus), _interface(machine)
    alike = sum(each == usual for each in mtus.values())
    if mine and usual is not None and mine.mtu != usual and alike > 1:
        yield Found(
            f"The MTU of {mine.name} on {machine.name} is {mine.mtu}; {alike} of {len(mtus)} machines have {usual}.",
            (machine.name,), tuple(f"{name}: {mtu}" for name, mtu in mtus.items()),
            {"interface": mine.name, "mtu": str(usual)},
        )  # fmt: skip


def _interface(machine: MachineFacts) -> Interface | None:
    """The interface with the machine's address; none where that is loopback's, whose MTU says nothing."""
    found = [each for each in machine.interfaces.value or () if machine.address in each.addresses and each.name != "lo"]
    return found[0] if found else None
