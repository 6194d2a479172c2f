"""What decides a claim: a scenario, a step of a procedure, or a rule of the drift report. Each has to exist."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from documentation.registry import Claim
from provision.procedure import procedure_of
from provision.procedure.step import Alongside
from provision.topology import CERTIFICATES, TOPOLOGIES, ClusterId

ROOT = Path(__file__).parent.parent
_RULES = Path(__file__).parent / "drift"


def missing(claims: Iterable[Claim]) -> list[str]:
    """The deciders that do not exist, each with its claim."""
    return [f"{claim.id}: {decider}" for claim in claims for decider in claim.deciders if not exists(decider)]


def exists(decider: str) -> bool:
    """Whether there is such a scenario, step or rule."""
    kind, _, name = decider.partition(": ")
    if kind == "step":
        return name in _steps()
    if kind == "check":
        return name in _rules()
    path, _, test = decider.partition("::")
    return test in _tests(ROOT / path)


@cache
def _tests(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))


@cache
def _steps() -> frozenset[str]:
    """The names of all steps of all paths through the page."""
    names = set()
    for topology in TOPOLOGIES:
        for certificates in CERTIFICATES:
            for entry in procedure_of(ClusterId(topology, certificates, "1.37"), "serial"):
                names |= {step.name for step in (entry.steps if isinstance(entry, Alongside) else (entry,))}
    return frozenset(names)


@cache
def _rules() -> frozenset[str]:
    """The names of all rules: the second argument of every finding that is made."""
    calls = (node for path in _RULES.rglob("*.py") for node in ast.walk(ast.parse(path.read_text())))
    return frozenset(
        node.args[1].value
        for node in calls
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
        and len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    )  # fmt: skip
