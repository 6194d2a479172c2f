"""All claims of a page, with the outcome of each on every way through it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from documentation.claims.binding import Bindings
from documentation.execution.results import Outcome
from documentation.pages.block import Page
from documentation.verdicts.decision import Decided
from documentation.verdicts.walk_file import Walk
from documentation.verdicts.way import Way

_FROM_THE_WORST = (
    Outcome.FAILED, Outcome.DEFECT, Outcome.STALE, Outcome.UNBOUND, Outcome.SUBSTITUTED, Outcome.VERIFIED,
    Outcome.UNTESTABLE, Outcome.NOT_APPLICABLE,
)  # fmt: skip
_UNDECIDED = (Outcome.UNTESTABLE, Outcome.UNBOUND)
_GOOD = (Outcome.VERIFIED, Outcome.SUBSTITUTED, Outcome.UNTESTABLE, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Row:
    """One claim: its outcome on each way, and the worst of them."""

    cells: Mapping[Way, Decided]
    lines: tuple[int, ...]
    binding: str
    known: str

    @property
    def worst(self) -> Decided:
        """The cell that a writer has to read first."""
        return min(self.cells.values(), key=lambda each: _FROM_THE_WORST.index(each.outcome))


@dataclass(frozen=True)
class Table:
    """One page. `columns` have the same claims in the same order; `walks` are theirs.

    `ignored` says in sentences what comments of the page have ignored on any of these ways.
    """

    page: Page
    bindings: Bindings
    columns: Mapping[Way, tuple[Decided, ...]]
    walks: tuple[Walk, ...]
    ignored: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """Every claim."""
        bound = {each.claim.id: each for each in self.bindings.bound}
        rows = []
        for cells in zip(*self.columns.values(), strict=True):
            claim = cells[0].claim
            here = bound.get(claim.id)
            lines = tuple(block.line for block in here.blocks) if here else ()
            status = str(here.status) if here else ""
            known = self.bindings.defect_of(claim) if here else ""
            rows.append(Row(dict(zip(self.columns, cells, strict=True)), lines, status, known))
        return rows

    @property
    def status(self) -> int:
        """0 where every claim holds, or cannot be decided; else 1."""
        stopped = any(walk.stopped for walk in self.walks)
        return int(stopped or any(row.worst.outcome not in _GOOD for row in self.rows))

    @property
    def counts(self) -> Counter[Outcome]:
        """How many claims came to each outcome, the worst way counting."""
        return Counter(row.worst.outcome for row in self.rows)

    @property
    def commands(self) -> tuple[int, int]:
        """How many of the page's commands were run as written on any way, of how many."""
        tried = {name for walk in self.walks for name, result in walk.results.items() if result.tries}
        commands = [block.id for block in self.page.commands]
        return sum(name in tried for name in commands), len(commands)

    @property
    def decided(self) -> tuple[int, int]:
        """How many claims were decided on any way, of how many that some way is about."""
        about = [row for row in self.rows if row.worst.outcome is not Outcome.NOT_APPLICABLE]
        return sum(row.worst.outcome not in _UNDECIDED for row in about), len(about)

    @property
    def cautions(self) -> tuple[int, int]:
        """How many cautions were confirmed by a negative test that was run, of how many that some way is about."""
        about = [row for row in self.rows if row.worst.outcome is not Outcome.NOT_APPLICABLE]
        found = [row for row in about if row.worst.claim.kind == "caution"]
        return sum(any(cell.refuted for cell in row.cells.values()) for row in found), len(found)

    @property
    def coverage(self) -> str:
        """The three shares in a sentence."""
        shares = (self.commands, self.decided, self.cautions)
        commands, decided, cautions = (f"{some} of {total}" for some, total in shares)
        return f"{commands} commands run, {decided} claims decided, {cautions} cautions with a negative test"
