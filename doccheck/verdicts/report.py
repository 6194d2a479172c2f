"""Tables of claims for people: Markdown for an issue, HTML for a browser."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment

from doccheck.execution.results import Outcome
from doccheck.verdicts.table import Row, Table
from doccheck.verdicts.verdict import How

_SHORT = {Outcome.NOT_APPLICABLE: "–"}


def markdown(table: Table) -> str:
    """The table, then for each claim that is not simply true what decided it."""
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
    return "\n".join(lines) + "\n"


def html(tables: Sequence[Table]) -> str:
    """One self-contained file for all tables."""
    template = files("doccheck.verdicts").joinpath("claims.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(tables=tables, counted=counted, why=why, lines=_lines, How=How)


def counted(table: Table) -> list[tuple[Outcome, int]]:
    """Outcomes with how many claims came to them, those that matter most first, without zeros."""
    return [(outcome, table.counts[outcome]) for outcome in Outcome if table.counts[outcome]]


def why(row: Row) -> str:
    """What a claim's outcome rests on, as short as it can be said."""
    worst = row.worst
    if worst.outcome is Outcome.VERIFIED:
        held = [each.what for each in worst.said if each.how in (How.HELD, How.CLEAN)]
        return f"{held[0]}{f' and {len(held) - 1} more' if len(held) > 1 else ''}"
    return worst.why


def _lines(row: Row) -> str:
    return ", ".join(str(line) for line in row.lines[:3]) + (" …" if len(row.lines) > 3 else "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
