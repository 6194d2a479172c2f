"""What decides a claim: a scenario, a step of a procedure, a rule of the drift report, a sample. Each has to exist."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from doccheck.claims.registry import SAMPLE, Claim
from provision.config.topology import CERTIFICATES, TOPOLOGIES, ClusterId
from provision.procedure import procedure_of
from provision.procedure.step import all_steps

ROOT = Path(__file__).parents[2]
_RULES = Path(__file__).parents[1] / "drift"
_OF_ONE_PAGE = _RULES / "checks"


def missing(claims: Iterable[Claim]) -> list[str]:
    """The deciders that do not exist, each with its claim."""
    return [f"{claim.id}: {decider}" for claim in claims for decider in claim.deciders if not exists(decider)]


def exists(decider: str) -> bool:
    """Whether there is such a scenario, step or rule."""
    kind, _, name = decider.partition(": ")
    if kind == "step":
        return name in _steps()
    if kind == "check":
        return name in rules()
    path, _, test = decider.partition("::")
    return decider == SAMPLE or test.partition("[")[0] in _tests(ROOT / path)


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
            procedure = procedure_of(ClusterId(topology, certificates, "1.37"), "serial")
            names |= {step.name for step in all_steps(procedure)}
    return frozenset(names)


@cache
def rules(*, translated: bool = True, asked: bool = True) -> frozenset[str]:
    """The names of the drift report's rules: a name is the second argument of every finding that is made.

    `translated`: also those that compare a page with its original; `asked`: also those that a kubeadm answers.
    """
    files = {*_RULES.rglob("*.py")} if translated else {*_OF_ONE_PAGE.glob("*.py")}
    files -= set() if asked else {_OF_ONE_PAGE / name for name in ("kubeadm.py", "lifetime.py")}
    calls = (node for path in files for node in ast.walk(ast.parse(path.read_text())))
    return frozenset(
        node.args[1].value
        for node in calls
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
        and len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    )  # fmt: skip
