"""Facts with one thing changed, as tests of several kinds of rules need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checks.facts.cluster import Facts, Object
from checks.facts.fact import unread
from checks.facts.machine import ANSWERS, MachineFacts, Reached
from tests.healthy import with_api, with_machine


def with_flags(facts: Facts, name: str, component: str, *, running: bool = True, **flags: str | None) -> Facts:
    """Other flags of a component on one machine, None for one that is taken away; of its process too."""
    machine = facts.machine(name)

    def changed(command: tuple[str, ...]) -> tuple[str, ...]:
        if command[:1] != (component,):
            return command
        names = {each.replace("_", "-") for each in flags}
        kept = [each for each in command if each.lstrip("-").partition("=")[0] not in names]
        return (*kept, *(f"--{each.replace('_', '-')}={value}" for each, value in flags.items() if value is not None))

    manifests = tuple(
        replace(each, containers=tuple(replace(one, command=changed(one.command)) for one in each.containers))
        for each in machine.manifests.get()
    )
    processes = tuple(replace(each, arguments=changed(each.arguments)) for each in machine.processes.get())
    return with_machine(facts, name, manifests=manifests, **({"processes": processes} if running else {}))


def with_node(facts: Facts, name: str, change: Callable[[Any], Object]) -> Facts:
    """Another Node of a name."""
    nodes = facts.api.nodes.get()
    return with_api(facts, nodes=tuple(change(each) if each["metadata"]["name"] == name else each for each in nodes))


def with_condition(thing: Any, kind: str, status: str, **more: str) -> Object:
    """A pod or node with another condition."""
    others = [each for each in thing["status"]["conditions"] if each["type"] != kind]
    given = {"type": kind, "status": status, **more}
    return {**thing, "status": {**thing["status"], "conditions": [*others, given]}}


def not_ready(facts: Facts, name: str) -> Facts:
    """The node is not ready, for hours."""
    ago = {"lastTransitionTime": "2026-06-01T09:00:00Z", "reason": "NodeStatusUnknown"}
    return with_node(facts, name, lambda node: with_condition(node, "Ready", "Unknown", **ago))


def cut_off(facts: Facts, name: str, what: str, *targets: str) -> Facts:
    """One machine's requests of a kind time out: those to some targets, or all."""

    def tried(each: Reached) -> Reached:
        lost = each.what == what and (not targets or each.target in targets)
        return replace(each, code=0, error="Connection timed out after 3001 milliseconds") if lost else each

    return with_machine(facts, name, reached=tuple(tried(each) for each in facts.machine(name).reached.get()))


def cut_off_everywhere(facts: Facts, what: str, *targets: str) -> Facts:
    """The same of every machine that was logged in to."""
    for each in facts.machines:
        if each.reached.known:
            facts = cut_off(facts, each.name, what, *targets)
    return facts


def without_answer(facts: Facts, name: str) -> Facts:
    """A machine that no login works on."""
    lost: dict[str, Any] = {each: unread("connection timed out") for each in ANSWERS}

    def gone(each: MachineFacts) -> MachineFacts:
        return replace(each, unreachable="connection timed out", **lost) if each.name == name else each

    return replace(facts, machines=tuple(map(gone, facts.machines)))


def powered_off(facts: Facts, name: str) -> Facts:
    """A machine that is down: nothing reaches it, and its node is not ready."""
    facts = without_answer(facts, name)
    for what in ("api-server", "kubelet", "etcd-peer"):
        facts = cut_off_everywhere(facts, what, name)
    nothing: dict[str, Any] = {each: unread("timed out") for each in ("ready", "version", "certificate")}
    servers = tuple(replace(each, **nothing) if each.machine == name else each for each in facts.servers)
    facts = replace(facts, servers=servers)
    return not_ready(facts, name) if name in {each["metadata"]["name"] for each in facts.api.nodes.get()} else facts
