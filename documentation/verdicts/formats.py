"""Walks and tables of claims for people: Markdown for an issue, HTML for a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template
from markdown_it import MarkdownIt
from markupsafe import Markup

from documentation.execution.results import Outcome, Result
from documentation.execution.walk import Execution
from documentation.findings.rules import Finding
from documentation.reports import ignoring
from documentation.reports.report import Report
from documentation.verdicts.decision import Decided, Verdict
from documentation.verdicts.table import Row, Table

_SHORT = {Outcome.NOT_APPLICABLE: "–"}
_DETAILED = (Outcome.DEFECT, Outcome.FAILED, Outcome.STALE, Outcome.ABSENT, Outcome.UNBOUND)
"""Outcomes of blocks for which a writer needs all that came back."""
_SITE = "https://kubernetes.io"
"""Where links lead that begin at the site's root."""


def table_markdown(table: Table) -> str:
    """The table; each claim that does not simply hold has what decided it."""
    ways = list(table.columns)
    head = ["claim", "lines", "says", *(str(way) for way in ways), "why"]
    lines = [f"### Claims of {table.page.name} ({table.page.language})", ""]
    lines += [f"{table.coverage}.", "", " · ".join(f"{count} {outcome}" for outcome, count in counted(table)), ""]
    lines += [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for row in table.rows:
        claim = row.worst.claim
        cells = [_SHORT.get(row.cells[way].outcome, str(row.cells[way].outcome)) for way in ways]
        texts = [claim.id, _lines(row), claim.says, *cells, why(row)]
        lines.append(f"| {' | '.join(_cell(text) for text in texts)} |")
    for walk in table.walks:
        lines += ["", f"The walk on {walk.cluster} stopped: {_cell(walk.stopped)}"] if walk.stopped else []
    for sentence in table.ignored:
        lines += ["", sentence]
    return "\n".join(lines) + "\n"


def tables_html(tables: Sequence[Table]) -> str:
    """One self-contained file for all tables."""
    return _template("claims.html.j2").render(tables=tables, counted=counted, why=why, lines=_lines)


def walk_markdown(done: Execution) -> str:
    """A table of all blocks of a walk, then each that a writer has to change, with what came back."""
    title = f"### {done.page.name} ({done.page.language}) on {done.cluster}, Kubernetes {done.version}"
    lines = [title, "", "| line | block | outcome | why |", "| --- | --- | --- | --- |"]
    ordered = sorted(done.results, key=lambda each: each.line)
    lines += [f"| {each.line} | {each.block} | {each.outcome} | {_cell(each.why)} |" for each in ordered]
    for each in ordered:
        if each.outcome in _DETAILED and each.tries:
            lines += _details(each)
    if done.stopped:
        lines += ["", "**Stopped**, since no correction worked:", "", *_fenced(done.stopped)]
    return "\n".join([*lines, "", f"{done.coverage}."]) + "\n"


def walk_html(done: Execution, found: Report, table: Table) -> str:
    """The page from top to bottom, each block in the colour of its outcome: one self-contained file.

    What was found on the page and the claims of `table` stand beside the blocks that they are about.
    """
    beside: dict[str, list[Finding]] = {}
    for finding in found.own:
        beside.setdefault(finding.block, []).append(finding)
    return _template("page.html.j2").render(
        done=done,
        results={each.block: each for each in done.results},
        findings=beside,
        ignored=ignoring.limits(done.page, found.waived),
        counts=Counter(str(each.outcome) for each in done.results),
        claims=_claims(table),
        coverage=table.coverage,
    )


def counted(table: Table) -> list[tuple[Outcome, int]]:
    """Outcomes with how many claims have them, those that matter most first, without zeros."""
    return [(outcome, table.counts[outcome]) for outcome in Outcome if table.counts[outcome]]


def why(row: Row) -> str:
    """What a claim's outcome rests on, as short as possible."""
    worst = row.worst
    if worst.outcome is Outcome.VERIFIED:
        held = [each.source for each in worst.votes if each.verdict in (Verdict.HELD, Verdict.CLEAN)]
        return f"{held[0]}{f' and {len(held) - 1} more' if len(held) > 1 else ''}"
    return worst.why


@cache
def _template(name: str) -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["inline"] = _inline
    return environment.from_string(files("documentation.verdicts").joinpath(name).read_text("utf-8"))


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


def _details(result: Result) -> list[str]:
    lines = ["", f"#### Line {result.line}: {result.outcome}", ""]
    for each in result.tries:
        answer = f"exit status {each.rc}" + (f", failed inside: {'; '.join(each.failed)}" if each.failed else "")
        lines += [
            f"{each.form}, on {each.machine}:",
            "",
            *_fenced(each.command),
            "",
            f"{answer}",
            "",
            *_fenced(each.answer),
            "",
        ]
    return [*lines, f"Suggestion: {result.fix}"] if result.fix else lines


def _fenced(text: str) -> list[str]:
    return ["```", text.rstrip() or "(nothing)", "```"]


def _lines(row: Row) -> str:
    return ", ".join(str(line) for line in row.lines[:3]) + (" …" if len(row.lines) > 3 else "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
