"""Nodes and the pods of other nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.component_flags import DNS, KUBELET
from checks.rules.rule import about_each, nodes
from checks.rules.sentences import listed
from checks.rules.system_pods import dns_pods, node_of

_ANSWERS = re.compile(r"^\s*health\s*(\{|:8080|$)", re.MULTILINE)
"""The plugin of CoreDNS that answers such requests, at its usual port."""

_Outcomes = Mapping[str, Mapping[str, str]]
"""Node → node of a pod → error, empty where any of its pods answered."""


@about_each(
    nodes, "KHA-REACH-003", Severity.CRITICAL,
    title="A node does not reach the pods of other nodes.",
    why="Its pods have neither DNS nor any Service whose pods are elsewhere.",
    fix="ip route  # on {machine}; then read the log of the network's pod there, and what drops packets on the way",
    page="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
    because_of=("KHA-NODE-001", "KHA-NODE-004", "KHA-NODE-010", "KHA-ID-003", "KHA-DRIFT-006"),
)  # fmt: skip
def nodes_reach_pods_of_other_nodes(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A node whose pods no other reaches is at fault itself: the others are not blamed for that."""
    machine.reached.get()
    outcomes = _outcomes(facts)
    unreached = {each for each in _targets(outcomes) if _reached_by_none(outcomes, each)}
    mine = outcomes.get(machine.name, {})
    failed = {to: error for to, error in mine.items() if error and to not in unreached}
    if machine.name in unreached:
        errors = {name: each[machine.name] for name, each in outcomes.items() if machine.name in each}
        yield Found(
            f"The pods on {machine.name} are not reached from any other node.", (machine.name,),
            tuple(f"from {name}: {error}" for name, error in errors.items()), about=(DNS,), needs=(KUBELET,),
        )  # fmt: skip
    elif failed:
        yield Found(
            f"{machine.name} does not reach the pods on {listed(sorted(failed))}.", (machine.name,),
            tuple(f"to a pod on {to}: {error}" for to, error in failed.items()), about=(DNS,), needs=(KUBELET,),
        )  # fmt: skip


def _outcomes(facts: Facts) -> _Outcomes:
    """Pods that are not ready, are gone or are on the node itself say nothing; raises Unknown."""
    if facts.api.core_file.known and not _ANSWERS.search(facts.api.core_file.get()):
        raise Unknown("the pods of CoreDNS do not answer on port 8080: their Corefile has another `health`, or none")
    places = {pod["metadata"]["name"]: node_of(pod) for pod in dns_pods(facts)}
    found: dict[str, dict[str, str]] = {}
    for machine in facts.nodes:
        for each in machine.reached.value or ():
            place = places.get(each.target.rpartition("/")[2], "") if each.what == "pod" else ""
            if place and place != machine.name:
                error = "" if each.answered else each.error or "no answer"
                before = found.setdefault(machine.name, {}).get(place, error)
                found[machine.name][place] = before and error
    if not found:
        raise Unknown("no node requested anything of a pod on another node")
    if len(found) > 1 and all(error for each in found.values() for error in each.values()):
        raise Unknown("no node got an answer of a pod on another one: a NetworkPolicy may drop what nodes send to it")
    return found


def _targets(outcomes: _Outcomes) -> set[str]:
    return {to for each in outcomes.values() for to in each}


def _reached_by_none(outcomes: _Outcomes, target: str) -> bool:
    """Whether several others tried, and none reached it."""
    errors = [each[target] for each in outcomes.values() if target in each]
    return len(errors) > 1 and all(errors)
