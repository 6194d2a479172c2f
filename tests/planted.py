"""What was planted in a history, and what a checker has to name for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resilience.histories.records import Record
from resilience.histories.verdict import Broken, Verdict
from tests.true_history import TrueHistory


@dataclass(frozen=True)
class Planted:
    """Records with one contradiction: what kinds it may be, and one of the operations or the stream to be named."""

    records: Sequence[Record]
    kinds: frozenset[Broken]
    ids: frozenset[int] = frozenset()
    stream: tuple[str, int] | None = None
    members: bool = False

    def is_found(self, verdict: Verdict) -> bool:
        """Whether a verdict has the violation, with the records that it is about."""
        return any(
            each.kind in self.kinds
            and (
                self.members
                or bool(self.ids & each.ids)
                or any((place.client, place.stream) == self.stream for place in each.places)
            )
            for each in verdict.violations
        )


Plant = Callable[[TrueHistory], Planted | None]
"""Changes a record; None where a history has no place for that."""
