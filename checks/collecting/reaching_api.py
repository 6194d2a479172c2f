"""The objects of the API, by a kubeconfig or on a control plane: they are read from one API server that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.collecting import limits
from checks.collecting.api import PATHS, SECRETS, Reply, Requests, objects, tokens_of
from checks.collecting.kubectl import OnControlPlane
from checks.collecting.limits import Budget
from checks.collecting.machine import Visit, why
from checks.collecting.questions import TOKENS
from checks.collecting.reading_kubernetes import tokens
from checks.facts.cluster import Api, Token
from checks.facts.fact import Fact, Unknown, unread
from checks.facts.machine import CONTROL_PLANE
from provision.util.concurrency import within
from provision.util.errors import BadInput, Problem

_NODES = {"nodes": PATHS["nodes"]}
_OTHERS = {name: path for name, path in PATHS.items() if name != "nodes"}


def by_kubeconfig(requests: Requests) -> Api:
    """The API as the user of a kubeconfig reads it; raises BadInput for a cluster that kubeadm did not make.

    The nodes go first: where nothing answers, nothing else is requested.
    """
    replies = dict(requests.get(_NODES))
    if replies["nodes"].status:
        replies |= requests.get({**_OTHERS, "secrets": SECRETS})
    else:
        replies |= dict.fromkeys([*_OTHERS, "secrets"], replies["nodes"])
    _refuse_others(replies)
    return objects(replies, tokens_of(replies["secrets"]))


def on_control_planes(visits: Sequence[Visit], budget: Budget) -> tuple[Api, str]:
    """The API as a control plane reads it, and how: the first by order whose API server lists the nodes."""
    there = [each for each in visits if CONTROL_PLANE in each.roles and each.machine and each.given.all()]
    first = within(
        budget.step(limits.CONTROL_PLANE + 1, len(there)),
        lambda each: OnControlPlane(each).get(_NODES, limits.CONTROL_PLANE)["nodes"], there,
    )  # fmt: skip
    for each, nodes in zip(there, first, strict=True):
        if nodes and nodes.status == 200:
            return _read_on(each, nodes, budget), f"on {each.name}"
    return _nothing(visits, there, first), "on no control plane"


def _nothing(visits: Sequence[Visit], there: Sequence[Visit], first: Sequence[Reply | None]) -> Api:
    reasons = [f"{each.name}: {reply.error or reply.text if reply else 'no answer in time'}"
               for each, reply in zip(there, first, strict=True)]  # fmt: skip
    if reasons:
        error = f"no control plane reads the API; {reasons[0]}"
    elif any(CONTROL_PLANE in each.roles for each in visits):
        error = "no control plane can be logged in to"
    else:
        error = "no control plane is known, and no kubeconfig was given"
    return without(error)


def without(error: str) -> Api:
    """An API of which nothing was read."""
    return objects(dict.fromkeys(PATHS, Reply("", 0, error=error)), unread(error))


def _read_on(visits: Visit, nodes: Reply, budget: Budget) -> Api:
    way = OnControlPlane(visits)
    actions: list[Any] = [lambda: way.get(_OTHERS), lambda: _tokens(visits)]
    replies, listed = within(budget.step(limits.OBJECTS + 1, 0), lambda action: action(), actions)
    late = Reply("kubectl get --raw", 0, error=f"kubectl on {visits.name} did not answer in time")
    found: dict[str, Reply] = {"nodes": nodes, **(replies or dict.fromkeys(_OTHERS, late))}
    _refuse_others(found)
    return objects(found, listed or unread(f"kubeadm on {visits.name} did not list tokens in time", how=TOKENS))


def _tokens(visits: Visit) -> Fact[tuple[Token, ...]]:
    how = f"on {visits.name}: {TOKENS}"
    assert visits.machine, "a control plane that was not logged in to"
    try:
        return Fact(how, tokens(visits.machine.succeed(TOKENS, timeout=limits.OBJECTS, secret=True)))
    except Problem as problem:
        return unread(f"kubeadm does not list tokens: {why(problem)}", how=how)
    except Unknown as unknown:
        return unread(unknown.reason, how=how)


def _refuse_others(replies: Mapping[str, Reply]) -> None:
    """Raise BadInput for a cluster that kubeadm did not make: no rule knows what is right there."""
    if replies["nodes"].status == 200 and replies["kubeadm-config"].status == 404:
        raise BadInput(
            "kubeadm did not make this cluster: it has no ConfigMap kubeadm-config in kube-system",
            fix="sudo kubeadm init phase upload-config kubeadm --config FILE  # if it was deleted",
        )
