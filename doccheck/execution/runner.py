"""A few pages on one cluster that is made for them, and removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from doccheck.claims.edition import Edition
from doccheck.execution.page_view import Sheet
from doccheck.execution.results import Outcome, Result
from doccheck.execution.walk import Lane
from doccheck.pages.block import Page
from provision.cluster import Cluster
from provision.errors import BadInput, Problem
from provision.procedure import procedure_of

_GOOD = (Outcome.VERIFIED, Outcome.SUBSTITUTED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Execution:
    """What became of a page's blocks on a cluster.

    `stopped` says what nothing helped against, empty for the end; `steps` how each step of the procedure was done.
    """

    page: Page
    cluster: str
    version: str
    results: tuple[Result, ...]
    stopped: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """0 where everything on this way through the page was as written, else 1."""
        return int(bool(self.stopped) or any(each.outcome not in _GOOD for each in self.results))

    @property
    def run(self) -> set[str]:
        """The ids of the commands that were run as written."""
        tried = {each.block for each in self.results if each.tries}
        return {block.id for block in self.page.commands if block.id in tried}

    @property
    def coverage(self) -> str:
        """How many of the page's commands were run as written."""
        return f"{len(self.run)} of {len(self.page.commands)} commands run on {self.cluster}"


def execute(cluster: Cluster, pages: Sequence[tuple[Page, Edition]]) -> list[Execution]:
    """Walk a cluster at bare machines through pages, each given with its edition; one execution a page.

    A problem ends the walk, and is part of the answer. Raises BadInput for a page twice, or one without a plan.
    """
    sheets = {edition.page: Sheet.of(page, edition) for page, edition in pages}
    if len(sheets) < len(pages):
        raise BadInput(f"{' and '.join(page.name for page, _ in pages)} are the same page", fix="walk one at a time")
    lane = Lane(cluster, procedure_of(cluster.id, "serial"), sheets)
    results: list[Result] = []
    stopped = ""
    try:
        results.extend(lane.run())
    except Problem as problem:
        stopped = cluster.journal.redact(str(problem))
    finally:
        lane.leave()
    done = {name: str(how) for name, how in lane.mending.done.items()}
    return [
        Execution(sheet.page, str(cluster.id), str(cluster.version), _judged(sheet, lane, results), stopped, done)
        for sheet in sheets.values()
    ]


def _judged(sheet: Sheet, lane: Lane, results: Sequence[Result]) -> tuple[Result, ...]:
    """What became of one page's blocks, later blame and changes since it was read considered."""
    blamed = {each.id: each.mend for each in sheet.planned if each.step in lane.mending.blamed and not each.beside}
    own = [each for each in results if each.page == sheet.name]
    own = [_blamed(each, blamed[each.original]) if each.original in blamed else each for each in own]
    own = [_stale(each) if each.original in sheet.stale else each for each in own]
    return (*own, *_unplanned(sheet, own))


def _stale(result: Result) -> Result:
    """A block that changed since it was read is never told as verified."""
    if result.outcome not in (Outcome.VERIFIED, Outcome.SUBSTITUTED):
        return result
    why = "it ran well, and is not what was read: see that the claims still say what it does"
    return replace(result, outcome=Outcome.STALE, reasons=(*result.reasons, why))


def _blamed(result: Result, mend: str) -> Result:
    """A block that ran, and without whose correction a later one failed."""
    if result.outcome not in (Outcome.VERIFIED, Outcome.SUBSTITUTED):
        return result
    why = "it ran, and a later block failed until this was done by the procedure's own commands"
    return replace(result, outcome=Outcome.DEFECT, reasons=(*result.reasons, why), mend=mend)


def _unplanned(sheet: Sheet, results: Sequence[Result]) -> Iterator[Result]:
    known = {each.block for each in results}
    for block in sheet.page.commands:
        if block.id not in known:
            why = f"none of the {len(sheet.planned)} entries of the plan says how to run it, or nothing got so far"
            yield Result(block.id, block.id, block.line, Outcome.UNBOUND, reasons=(why,), page=sheet.name)
