"""A report as a page: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from checks.comparing import Comparison
from checks.findings import Finding, Report, Severity, Verdict
from checks.judging import CLUSTER
from checks.outputs.kinds import heading, kind_of, place
from checks.outputs.summary import checked, counts, evidence, groups, headline, moment, ranges, some, together
from provision.util.characters import block, visible
from report.templating import environment

ACCEPTED, FINE, UNDECIDED = "accepted", "fine", "undecided"
MARKS = {"critical": "✗", "warning": "!", "notice": "i", ACCEPTED: "a", FINE: "✓", UNDECIDED: "–"}
"""What a cell of the overview shows."""

_SHOWN = 6  # sentences of one rule before the others are folded
_UPRIGHT = 10
"""With more machines than this, their names stand upright above the columns."""


@dataclass(frozen=True)
class Cell:
    """One rule on one machine; `card` is the number of the card that it links to, 0 where there is none."""

    outcome: str
    card: int = 0
    what: str = ""


@dataclass(frozen=True)
class Row:
    """A rule; a cell for each column, None where it is not about that machine."""

    id: str
    title: str
    cells: tuple[Cell | None, ...]


def rendered(report: Report, *, comparison: Comparison | None = None, remark: str = "") -> str:
    """The page's HTML; `remark` is a sentence such as why too little could be checked."""
    made = environment(Path(__file__).parent / "templates")
    made.filters |= {"visible": visible, "block": _block, "headline": headline, "moment": moment, "ranges": ranges,
                     "some": some, "evidence": evidence, "link": _link}  # fmt: skip
    cards = _cards(report)
    return made.get_template("checks.html.j2").render(
        report=report, counts=counts(report), remark=remark, comparison=comparison, marks=MARKS, worst=_worst(report),
        shown=_SHOWN,
        open=[each for each in cards if not each[1][0].accepted],
        accepted=[each for each in cards if each[1][0].accepted],
        columns=_columns(report), kinds=_kinds(report, cards), upright=len(report.machines) > _UPRIGHT,
        undecided=groups(report.undecided), checked=checked(report),
    )  # fmt: skip


def _cards(report: Report) -> list[tuple[int, list[Finding]]]:
    """What each rule found, numbered; what is accepted is last."""
    accepted = [each for each in report.findings if each.accepted]
    return list(enumerate([*together(report.at_least(Severity.NOTICE)), *together(accepted)], 1))


def _worst(report: Report) -> str:
    """The word that the page is coloured by."""
    found = next((each.severity.value for each in report.findings if not each.accepted), "")
    return found or (UNDECIDED if all(each.undecided for each in report.verdicts) else FINE)


def _block(texts: str | Iterable[str]) -> str:
    """Lines as they are, visible."""
    return "\n".join(line for each in ([texts] if isinstance(texts, str) else texts) for line in block(each))


def _link(page: str) -> str:
    """An address that may be followed; anything else is empty."""
    return page if page.startswith(("https://", "http://")) else ""


def _columns(report: Report) -> list[str]:
    """The cluster, its machines, and what findings name beside them."""
    named = [machine for each in report.findings for machine in each.machines]
    subjects = [each.subject for each in report.verdicts]
    return list(dict.fromkeys([CLUSTER, *report.machines, *named, *subjects]))


def _kinds(report: Report, cards: Sequence[tuple[int, list[Finding]]]) -> list[tuple[str, list[Row]]]:
    """Rows by the heading of their kind."""
    columns = _columns(report)
    by_id: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        by_id.setdefault(verdict.id, []).append(verdict)
    found: dict[str, list[tuple[int, Finding]]] = {}
    for number, card in cards:
        found.setdefault(card[0].id, []).extend((number, each) for each in card)
    ids = sorted(by_id, key=lambda id: (place(kind_of(id)), id))
    return [
        (heading(kind), [_row(by_id[id], found.get(id, []), columns) for id in mine])
        for kind, mine in groupby(ids, key=kind_of)
    ]


def _row(verdicts: list[Verdict], found: list[tuple[int, Finding]], columns: list[str]) -> Row:
    """A finding stands below its machines, or below its subject where it names none."""
    cells: dict[str, Cell] = {}
    for number, finding in found:  # worst first
        for column in finding.machines or (finding.subject,):
            word = ACCEPTED if finding.accepted else finding.severity.value
            cells.setdefault(column, Cell(word, number, headline(finding)))
    for verdict in verdicts:
        if verdict.undecided:
            cells.setdefault(verdict.subject, Cell(UNDECIDED, 0, visible(verdict.undecided)))
        elif not verdict.findings:
            cells.setdefault(verdict.subject, Cell(FINE))
    return Row(verdicts[0].id, verdicts[0].title, tuple(cells.get(each) for each in columns))
