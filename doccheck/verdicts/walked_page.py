"""An execution for people: the page from top to bottom, each block in the colour of what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment
from markdown_it import MarkdownIt
from markupsafe import Markup

from doccheck.drift.finding import Finding
from doccheck.execution.runner import Execution
from doccheck.verdicts.table import Table
from doccheck.verdicts.verdict import Decided

_SITE = "https://kubernetes.io"
"""Where links lead that begin at the site's root."""


def render(done: Execution, findings: Sequence[Finding], table: Table) -> str:
    """One self-contained file; `findings` and the claims of `table` stand beside the blocks that they are about."""
    template = files("doccheck.verdicts").joinpath("page.html.j2").read_text("utf-8")
    beside: dict[str, list[Finding]] = {}
    for finding in findings:
        beside.setdefault(finding.block, []).append(finding)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["inline"] = _inline
    return environment.from_string(template).render(
        done=done,
        results={each.block: each for each in done.results},
        findings=beside,
        counts=Counter(str(each.outcome) for each in done.results),
        claims=_claims(table),
        coverage=table.coverage,
    )


def _inline(text: str) -> Markup:
    """A sentence with its links and code spans; what it has of HTML is shown, and not obeyed."""
    rendered = MarkdownIt("js-default").renderInline(text)
    return Markup(rendered.replace('href="/', f'href="{_SITE}/'))


def _claims(table: Table) -> dict[str, list[Decided]]:
    """The claims about each block."""
    worst = {row.worst.claim.id: row.worst for row in table.rows}
    beside: dict[str, list[Decided]] = {}
    for bound in table.bindings.bound:
        for block in bound.blocks:
            beside.setdefault(block.id, []).append(worst[bound.claim.id])
    return beside
