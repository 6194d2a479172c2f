"""An execution for people: the page from top to bottom, each block in the colour of what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment

from documentation.drift.finding import Finding
from documentation.lanes.execution import Execution
from documentation.outcomes.table import Table
from documentation.outcomes.verdict import Decided


def render(done: Execution, findings: Sequence[Finding], table: Table) -> str:
    """One self-contained file; `findings` and the claims of `table` stand beside the blocks that they are about."""
    template = files("documentation.lanes").joinpath("page.html.j2").read_text("utf-8")
    beside: dict[str, list[Finding]] = {}
    for finding in findings:
        beside.setdefault(finding.block, []).append(finding)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        done=done,
        results={each.block: each for each in done.results},
        findings=beside,
        counts=Counter(str(each.outcome) for each in done.results),
        claims=_claims(table),
        coverage=table.coverage,
    )


def _claims(table: Table) -> dict[str, list[Decided]]:
    """The claims about each block."""
    worst = {row.worst.claim.id: row.worst for row in table.rows}
    beside: dict[str, list[Decided]] = {}
    for bound in table.bindings.bound:
        for block in bound.blocks:
            beside.setdefault(block.id, []).append(worst[bound.claim.id])
    return beside
