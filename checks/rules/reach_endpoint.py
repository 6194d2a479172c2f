"""Who reaches the endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.answering import endpoint_is_silent
from checks.facts.cluster import Facts
from checks.facts.endpoint import holders
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import CONTROL_PLANE, MachineFacts, Reached
from checks.findings import Found, Severity
from checks.rules.rule import about_each, about_the_cluster, nodes
from checks.rules.sentences import listed
from checks.rules.standing_still import (
    answers,
    endpoint_is_down,
    requests,
    unless_an_api_server_is_down,
    unless_etcd_stands_still,
)

_ANOTHER_WAY = "an inventory of machines that can be logged in to, or a host that reaches the endpoint"
_TIMED_OUT = re.compile(r"timed out|timeout", re.IGNORECASE)
_RESOLVING = re.compile(r"resolv", re.IGNORECASE)
"""As curl says it, in its several editions; a name server that does not answer is a time-out, too."""

_PAGE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/"


@about_each(
    nodes, "KHA-REACH-005", Severity.CRITICAL,
    title="A machine does not reach the endpoint.",
    why="What connects to the API through it from this machine, kube-proxy for one, hears of no change any more.",
    fix="curl -k --max-time 5 {url}  # on {machine}; then what its name stands for there, and what drops packets",
    page=_PAGE, because_of=("KHA-NODE-010",),
)  # fmt: skip
def machines_reach_the_endpoint(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Where no other machine reaches it either, it is the endpoint that does not answer: KHA-REACH-006."""
    mine = [each for each in machine.reached.get() if each.what == "endpoint"]
    if not mine or any(each.answered for each in mine):
        return
    others = [each for name, each in requests(facts, "endpoint") if name != machine.name]
    if not any(each.answered for each in others):
        raise Unknown("the endpoint answers no machine")
    unless_an_api_server_is_down(facts)
    if machine.is_a(CONTROL_PLANE) and not _balancer_is_known(facts) and _may_be_sent_back(facts, mine):
        yield _sent_back(facts, machine, mine)
        return
    yield Found(
        f"{machine.name} does not reach the endpoint {facts.endpoint}, and other machines do.", (machine.name,),
        tuple(f"{each.url}: {each.error or 'no answer'}" for each in mine), {"url": mine[0].url},
    )  # fmt: skip


def _may_be_sent_back(facts: Facts, mine: list[Reached]) -> bool:
    """A request that is sent back gets no answer at all; and of several control planes some requests go elsewhere."""
    names = {each.name for each in facts.control_planes}
    some = any(each.answered for name, each in requests(facts, "endpoint") if name in names)
    return some and all(_TIMED_OUT.search(each.error) and not _RESOLVING.search(each.error) for each in mine)


def _balancer_is_known(facts: Facts) -> bool:
    """Whether what forwards requests to the API is on a machine of these."""
    if facts.balancers or any(each.balancers.value for each in facts.machines):
        return True
    try:
        return bool(holders(facts))
    except Unknown:
        return False


def _sent_back(facts: Facts, machine: MachineFacts, mine: list[Reached]) -> Found:
    """Balancers of clouds that keep the client's address cannot send a request back to the machine that it is from.

    The API server of a control plane is one of their servers, so that some of its own requests end like that; whether
    these were such, the one request that was sent does not show. No other machine is behind the balancer.
    """
    what = (
        f"{machine.name} got no answer of the endpoint {facts.endpoint}, and other machines did: the load balancer may "
        f"have sent the request back to {machine.name}, which some do in vain."
    )
    lines = tuple(f"{each.url}: {each.error or 'no answer'}" for each in mine)
    once = f"curl -k -s -o /dev/null -w '%{{http_code}}\\n' --max-time 5 {mine[0].url}"
    fix = (
        f"for n in 1 2 3 4 5 6 7 8 9; do {once}; done  # on {machine.name}: where some answer, turn off in the load "
        "balancer what keeps clients' addresses; where none does, see what drops packets"
    )
    return Found(what, (machine.name,), lines, fix=fix, severity=Severity.NOTICE)


@about_the_cluster(
    "KHA-REACH-006", Severity.CRITICAL,
    title="The endpoint does not answer.",
    why="Workers, joins and everything else that does not run on a control plane have no API.",
    fix="curl -k --max-time 5 https://{endpoint}/livez"
        "  # on a worker; then whether the load balancer runs, listens there, and has servers that are up",
    page=_PAGE, because_of=("KHA-LB-003", "KHA-LB-007", "KHA-LB-010", "KHA-ETCD-005"),
)  # fmt: skip
def endpoint_answers(facts: Facts) -> Iterator[Found]:
    through, tried = facts.through_endpoint, requests(facts, "endpoint")
    refused = through is not None and not through.ready.known and not through.version.known
    if not endpoint_is_down(facts) and (tried or not refused):
        return
    if not tried and facts.api.nodes.known:
        raise Unknown("the endpoint is not reached from here, and the API answers by another way", LOGIN)
    if not tried and not endpoint_is_silent(facts):
        raise Unknown(f"the endpoint {facts.endpoint} is {through.ready.missing if through else ''}", _ANOTHER_WAY)
    if facts.control_planes and all(answers(facts, each) is False for each in facts.control_planes):
        raise Unknown("no API server answers, so that the endpoint cannot")
    gone = [each.name for each in facts.balancers if each.unreachable]
    if gone and len(gone) == len(facts.balancers):
        raise Unknown(f"the endpoint is {listed(gone)}'s, which does not answer")
    unless_etcd_stands_still(facts)
    evidence = [f"from {name}: {each.url}: {each.error or 'no answer'}" for name, each in tried]
    if through and refused:
        evidence.append(f"from here: {through.ready.missing}")
    how = "answers no machine" if tried else "takes connections, and no API server answers there"
    yield Found(
        f"The endpoint {facts.endpoint} {how}.", (),
        tuple(evidence), {"endpoint": facts.endpoint},
    )  # fmt: skip


@about_the_cluster(
    "KHA-REACH-007", Severity.CRITICAL,
    title="The API is not ready, and lists no nodes.",
    why="Where no other API server serves, nothing can be read or changed: what runs goes on, and whatever ends is not "
        "replaced.",
    fix="curl -k 'https://{endpoint}/readyz?verbose'  # then check again with an inventory, which names the machine",
    page="https://kubernetes.io/docs/reference/using-api/health-checks/",
)  # fmt: skip
def api_is_ready(facts: Facts) -> Iterator[Found]:
    """Where nothing but the endpoint is known. Otherwise it is a machine's: KHA-CP-002, or etcd's."""
    through = facts.through_endpoint
    if through is None or facts.api.nodes.known or facts.machines:
        return
    if failing := through.ready.get():
        first = failing[0].removeprefix("[-]")
        severity, others = _of_one_server(facts, failing)
        yield Found(
            f"The API at {facts.endpoint} is not ready: {first}.{others}", (), (*failing, facts.api.nodes.missing),
            {"endpoint": facts.endpoint}, severity=severity,
        )  # fmt: skip


def _of_one_server(facts: Facts, failing: tuple[str, ...]) -> tuple[Severity | None, str]:
    """A severity and a sentence where the API server that was met may be the only one that does not serve."""
    if any(each.startswith("[-]shutdown") for each in failing):
        return Severity.NOTICE, " The API server that was met is shutting down, and others may serve."
    if facts.api.nodes.needs:
        return Severity.WARNING, " Without the permission to list nodes, nothing shows whether others serve."
    return None, ""
