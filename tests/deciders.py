"""What decides claims has to exist: scenarios, steps of a procedure, rules of the drift report, faults."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from documentation.claims.claim import SAMPLE, Claim, DecidedBy, Decider
from documentation.findings.rules import Needs
from documentation.reports import all_rules
from provision.config.cluster_id import CERTIFICATES, ClusterId
from provision.config.topology import TOPOLOGIES
from provision.procedure import procedure_of
from provision.procedure.step import all_steps
from resilience.faults.catalogue import FAULTS


def missing(claims: Iterable[Claim]) -> list[str]:
    """The deciders that do not exist, each with its claim."""
    return [f"{claim.id}: {each}" for claim in claims for each in claim.deciders if not exists(Decider(each))]


def exists(decider: Decider) -> bool:
    """Whether there is such a scenario, step, rule or fault."""
    return _EXISTS[decider.kind](decider)


@cache
def steps() -> frozenset[str]:
    """The names of all steps of all paths through the page."""
    clusters = (ClusterId(topology, way, "1.37") for topology in TOPOLOGIES for way in CERTIFICATES)
    return frozenset(step.name for each in clusters for step in all_steps(procedure_of(each, "serial")))


def _scenario_exists(decider: Decider) -> bool:
    path, _, test = decider.name.partition("::")
    try:
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    except ModuleNotFoundError:
        return False
    return callable(getattr(module, test.partition("[")[0], None))


def _step_exists(decider: Decider) -> bool:
    return decider.name in steps()


def _rule_exists(decider: Decider) -> bool:
    return decider.name in all_rules.names(*Needs)


def _fault_exists(decider: Decider) -> bool:
    return any(fault.name == decider.name for fault in FAULTS)


def _sample_exists(decider: Decider) -> bool:
    return decider.text == SAMPLE


_EXISTS: Mapping[DecidedBy, Callable[[Decider], bool]] = MappingProxyType(
    {
        DecidedBy.SCENARIO: _scenario_exists,
        DecidedBy.STEP: _step_exists,
        DecidedBy.RULE: _rule_exists,
        DecidedBy.SAMPLE: _sample_exists,
        DecidedBy.FAULT: _fault_exists,
    }
)
