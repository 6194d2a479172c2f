"""An execution for people: the page from top to bottom, each block in the colour of what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment

from documentation.drift.finding import Finding
from documentation.lanes.execution import Execution


def render(done: Execution, findings: Sequence[Finding], claims: str) -> str:
    """One self-contained file; `findings` stand beside the blocks that they are about, `claims` is their coverage."""
    template = files("documentation.lanes").joinpath("page.html.j2").read_text("utf-8")
    results = {each.block: each for each in done.results}
    beside: dict[str, list[Finding]] = {}
    for finding in findings:
        beside.setdefault(finding.block, []).append(finding)
    counts: dict[str, int] = {}
    for each in done.results:
        counts[str(each.outcome)] = counts.get(str(each.outcome), 0) + 1
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        done=done, results=results, findings=beside, counts=counts, claims=claims
    )
