"""A rule: a pure function of facts that yields what it found. A decorator says everything else of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import checks.rules
from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity

Judge = Callable[[Facts, MachineFacts | None], Iterable[Found]]
Subjects = Callable[[Facts], Iterable[MachineFacts]]


@dataclass(frozen=True)
class Rule:
    """Everything that is known of a rule; `subjects` is None where it is about the cluster as a whole.

    `because_of` are rules whose findings about the same part of the same machine, or about the cluster, explain those
    of this one. What explains those explains these, too.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    page: str
    judge: Judge
    subjects: Subjects | None = None
    because_of: tuple[str, ...] = ()


_RULES: dict[str, Rule] = {}


def about_the_cluster(
    id: str, severity: Severity, *, title: str, why: str, fix: str, page: str, because_of: tuple[str, ...] = ()
) -> Callable[[Callable[[Facts], Iterable[Found]]], Callable[[Facts], Iterable[Found]]]:
    """The decorated generator judges the cluster as a whole."""

    def register(judge: Callable[[Facts], Iterable[Found]]) -> Callable[[Facts], Iterable[Found]]:
        _add(Rule(id, severity, title, why, fix, page, lambda facts, _: judge(facts), None, because_of))
        return judge

    return register


def about_each(
    subjects: Subjects,
    id: str,
    severity: Severity,
    *,
    title: str,
    why: str,
    fix: str,
    page: str,
    because_of: tuple[str, ...] = (),
) -> Callable[[Callable[[Facts, MachineFacts], Iterable[Found]]], Callable[[Facts, MachineFacts], Iterable[Found]]]:
    """The decorated generator judges one machine at a time: each of `subjects`."""

    def register(
        judge: Callable[[Facts, MachineFacts], Iterable[Found]],
    ) -> Callable[[Facts, MachineFacts], Iterable[Found]]:
        def judged(facts: Facts, machine: MachineFacts | None) -> Iterable[Found]:
            assert machine is not None, f"{id} is about machines"
            return judge(facts, machine)

        _add(Rule(id, severity, title, why, fix, page, judged, subjects, because_of))
        return judge

    return register


def _add(rule: Rule) -> None:
    assert rule.id not in _RULES, f"{rule.id} is defined twice"
    _RULES[rule.id] = rule


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by id: those of all modules of this package."""
    for module in pkgutil.iter_modules(checks.rules.__path__):
        importlib.import_module(f"checks.rules.{module.name}")
    return tuple(_RULES[id] for id in sorted(_RULES))


def machines(facts: Facts) -> Iterator[MachineFacts]:
    """Every machine."""
    yield from facts.machines


def control_planes(facts: Facts) -> Iterator[MachineFacts]:
    """Machines that run an API server."""
    yield from facts.control_planes


def nodes(facts: Facts) -> Iterator[MachineFacts]:
    """Machines that are nodes."""
    yield from facts.nodes


def members(facts: Facts) -> Iterator[MachineFacts]:
    """Machines on which a member of etcd belongs."""
    yield from facts.members


def balancers(facts: Facts) -> Iterator[MachineFacts]:
    """Machines that carry a load balancer: those of that role, and control planes that carry one themselves."""
    for machine in facts.machines:
        if machine in facts.balancers or machine.balancers.value:
            yield machine
