"""What the API shows of the member of etcd on a control plane, where no login does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checks.facts.cluster import ApiServer, Facts, Object
from checks.facts.machine import MachineFacts, flags_of


@dataclass(frozen=True)
class Answer:
    """Whether a member answers, and why not."""

    alive: bool
    why: str = ""


def answer(facts: Facts, machine: MachineFacts) -> Answer | None:
    """Whether the member on a control plane answers, by its API server and its pod; None where neither tells.

    A node that is not ready has pods that are not ready, whatever runs there: then its API server alone tells.
    """
    return _by_api_server(facts, machine) or _by_pod(facts, machine)


def is_reached_by_none(facts: Facts) -> bool:
    """Whether every API server that answers says that it does not reach etcd, and there are two of them."""
    answers = [_fails(each) for each in facts.servers if each.ready.known]
    return len(answers) > 1 and all(answers)


def _fails(server: ApiServer) -> bool:
    return any("etcd" in line for line in server.ready.value or ())


def _server(facts: Facts, machine: MachineFacts) -> ApiServer | None:
    return next((each for each in facts.servers if each.machine == machine.name), None)


def _by_api_server(facts: Facts, machine: MachineFacts) -> Answer | None:
    """An API server that knows the member on its own machine alone speaks for it."""
    server = _server(facts, machine)
    if server is None or not server.ready.known or not _uses_its_own(facts, machine):
        return None
    if not _fails(server):
        return Answer(True)
    if is_reached_by_none(facts):
        return None
    return Answer(False, "the API server on its machine does not reach it")


def _uses_its_own(facts: Facts, machine: MachineFacts) -> bool:
    pod = _pod(facts, machine, "kube-apiserver")
    containers: list[Any] = pod.get("spec", {}).get("containers", []) if pod else []
    commands = [(*each.get("command", ()), *each.get("args", ())) for each in containers]
    servers = next((flags_of(each)["etcd-servers"] for each in commands if "etcd-servers" in flags_of(each)), "")
    return "127.0.0.1" in servers or "localhost" in servers or "[::1]" in servers


def _by_pod(facts: Facts, machine: MachineFacts) -> Answer | None:
    if not _node_is_ready(facts, machine) or not facts.api.pods.known:
        return None
    pod = _pod(facts, machine, "etcd")
    if pod is not None:
        return Answer(True) if _is_ready(pod) else Answer(False, "its pod is not ready")
    others = [each for each in facts.control_planes if _pod(facts, each, "etcd")]
    server = _server(facts, machine)
    here = any(each.ready.known for each in facts.servers)  # else it may be this host that reaches none
    if others and server is not None and not server.ready.known and here:
        return Answer(False, "there is no pod of etcd, and the API server of this machine does not answer")
    return None


def _pod(facts: Facts, machine: MachineFacts, component: str) -> Object | None:
    for pod in facts.api.pods.value or ():
        metadata = pod.get("metadata", {})
        same = (metadata.get("labels") or {}).get("component") == component
        if same and metadata.get("namespace") == "kube-system" and pod.get("spec", {}).get("nodeName") == machine.name:
            return pod
    return None


def _node_is_ready(facts: Facts, machine: MachineFacts) -> bool:
    nodes = facts.api.nodes.value or ()
    return any(each.get("metadata", {}).get("name") == machine.name and _is_ready(each) for each in nodes)


def _is_ready(thing: Object) -> bool:
    conditions = thing.get("status", {}).get("conditions") or ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
