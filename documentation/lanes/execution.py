"""One page on one cluster that is made for it, and removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from documentation.binding import Reading, Status
from documentation.drift.words import Words
from documentation.edition import Edition
from documentation.lanes.lane import Lane
from documentation.lanes.outcome import Outcome, Result
from documentation.lanes.plan import Planned, plan_of
from documentation.pages.block import Page
from provision.cluster import Cluster
from provision.errors import Problem
from provision.procedure import procedure_of

_GOOD = (Outcome.VERIFIED, Outcome.SUBSTITUTED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Execution:
    """What became of a page's blocks on a cluster. `stopped` says what nothing helped against; empty for the end."""

    page: Page
    cluster: str
    version: str
    results: tuple[Result, ...]
    stopped: str = ""

    @property
    def status(self) -> int:
        """0 where everything on this way through the page was as written, else 1."""
        return int(bool(self.stopped) or any(each.outcome not in _GOOD for each in self.results))

    @property
    def coverage(self) -> str:
        """How many of the page's commands were run as written."""
        run = {each.block for each in self.results if each.tries}
        commands = [block.id for block in self.page.commands]
        return f"{sum(name in run for name in commands)} of {len(commands)} commands run on {self.cluster}"


def execute(cluster: Cluster, page: Page, edition: Edition) -> Execution:
    """Walk a cluster at bare machines through a page; a problem ends the walk, and is part of the answer."""
    planned = plan_of(edition.page, page.language)
    there = Reading(page, edition).named()
    blocks = {name: block for name, (block, _) in there.items()}
    lane = Lane(cluster, procedure_of(cluster.id, "serial"), blocks, planned, Words.of(page.language))
    results: list[Result] = []
    stopped = ""
    try:
        results.extend(lane.run())
    except Problem as problem:
        stopped = cluster.journal.redact(str(problem))
    stale = {name for name, (_, status) in there.items() if status is Status.STALE}
    blamed = {each.id: each.mend for each in planned if each.step in lane.blamed and not each.beside}
    results = [_blamed(each, blamed[each.original]) if each.original in blamed else each for each in results]
    judged = [_judged(each) if each.original in stale else each for each in results]
    return Execution(
        page, str(cluster.id), str(cluster.version), (*judged, *_unplanned(page, planned, results)), stopped
    )


def _judged(result: Result) -> Result:
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


def _unplanned(page: Page, planned: Sequence[Planned], results: Sequence[Result]) -> Iterator[Result]:
    known = {each.block for each in results}
    for block in page.commands:
        if block.id not in known:
            why = f"none of the {len(planned)} entries of the plan says how to run it, or nothing got so far"
            yield Result(block.id, block.id, block.line, Outcome.UNBOUND, reasons=(why,))
