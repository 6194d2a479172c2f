"""Facts of etcd with one thing broken, and what its rules find in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.facts.cluster import Facts
from checks.facts.etcd import Alarm, EtcdView, Member
from checks.facts.fact import Fact, unread
from checks.facts.machine import MachineFacts
from checks.findings import Finding, Report
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import with_each, with_machine

MEMBERS = ("cp1", "cp2", "cp3")
GHOST = ("https://192.0.2.9:2380",)


def report(facts: Facts) -> Report:
    """By the rules of etcd alone."""
    return judged(facts, [each for each in rules() if each.id.startswith("KHA-ETCD-")])


def found(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Id of each finding → its machines."""
    return {each.id: each.machines for each in report(facts).findings}


def only(facts: Facts) -> Finding:
    """The one finding."""
    (finding,) = report(facts).findings
    return finding


def undecided(facts: Facts) -> set[str]:
    return {each.id for each in report(facts).undecided}


def value(fact: Fact[Any]) -> Any:
    return fact.get()


def with_view(facts: Facts, *more: Member, alarms: tuple[Alarm, ...] = (), answers: Mapping[str, str] = {}) -> Facts:
    """Every member lists these members, too."""

    def change(machine: MachineFacts) -> dict[str, Any]:
        if not machine.etcd.known:
            return {}
        return {"etcd": EtcdView((*value(machine.etcd).members, *more), alarms, answers)}

    return with_each(facts, change)


def without(facts: Facts, *names: str) -> Facts:
    """These members do not run; their machines do."""
    for name in names:
        left = tuple(each for each in value(facts.machine(name).processes) if each.name != "etcd")
        refused: Fact[Any] = unread("connection refused")
        facts = with_machine(
            facts, name, processes=left, etcd=refused, etcd_status=refused, etcd_hash=refused, etcd_metrics=refused
        )
    return unreached(facts, *names)


def unreached(facts: Facts, *names: str) -> Facts:
    """No machine reaches these members."""

    def change(machine: MachineFacts) -> dict[str, Any]:
        lost = [each for each in machine.reached.value or () if each.what == "etcd-peer" and each.target in names]
        kept = [each for each in machine.reached.value or () if each not in lost]
        return {"reached": (*kept, *(replace(each, code=0, error="timed out") for each in lost))}

    return with_each(facts, lambda machine: change(machine) if machine.reached.known else {})


def off(facts: Facts, *names: str, peers: bool = True) -> Facts:
    """These machines do not answer; with `peers`, the others do not reach their members either."""
    for name in names:
        gone = facts.machine(name)
        bare = MachineFacts(gone.name, gone.roles, gone.address, "no route to host")
        facts = replace(facts, machines=tuple(bare if each.name == name else each for each in facts.machines))
    return unreached(facts, *names) if peers else facts


def changed(facts: Facts, name: str, **values: Any) -> Facts:
    """One member's status with other values."""
    return with_machine(facts, name, etcd_status=replace(value(facts.machine(name).etcd_status), **values))
