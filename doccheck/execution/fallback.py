"""What helps a block that did not work: first what the page leaves out, then earlier blocks as they should have been.

The step's own commands come last.
"""

from __future__ import annotations

from collections.abc import Sequence

from doccheck.execution.block_runner import Typist
from doccheck.execution.corrections import Done, Mending
from doccheck.execution.plan import Planned
from doccheck.execution.results import Outcome, Try
from provision.cluster import Cluster
from provision.errors import Problem
from provision.procedure.step import Step


class Remedies:
    """Makes blocks good on one walk. What was tried is added to `tries`, and what helped to `why`."""

    def __init__(self, cluster: Cluster, typist: Typist, mending: Mending) -> None:
        self._redact = cluster.journal.redact
        self._typist = typist
        self._mending = mending

    def complete(self, planned: Planned, step: Step, tries: list[Try], why: list[str]) -> Outcome:
        """A block that ran, and left something wrong: make good what follows it, as soon as that can be done."""
        why.append("it ran, and left something wrong")
        for each in self._mending.following(step):
            self._mending.correct(each, tries, why)
        tries += self._typist.probes(planned, "corrected")
        return Outcome.DEFECT

    def mend(self, planned: Planned, step: Step, tries: list[Try], why: list[str]) -> Outcome:
        """A block that failed: make good one thing after the other until it works, or the step's own commands do."""
        done, left_out, earlier = _did(tries), self._mending.left_out(), self._mending.earlier(step)
        made: list[str] = []
        for steps in (left_out, *earlier):
            reasons = [*made, *self._mending.correct_all(steps, tries)]
            made = reasons if steps is left_out else made  # each of the others has the one before it in it
            if steps:
                again = self._typist.tries(planned, "corrected", but=done)
                done |= _did(again)
                tries += again
                if planned.did(again):
                    self._mending.blame(steps)
                    why += reasons
                    return Outcome.DEFECT
        return self._by_its_own(step, earlier, tries, why)

    def _by_its_own(
        self, step: Step, earlier: Sequence[Sequence[Step]], tries: list[Try], why: list[str]
    ) -> Outcome:  # fmt: skip
        """Do the step in place of its block; what the block used up in vain is made anew where that helps."""
        said = ""
        for steps in ((), *earlier):
            self._mending.correct_all(steps, tries)
            try:
                self._mending.act(step, Done.INSTEAD)
            except Problem as problem:
                said = self._redact(str(problem))
            else:
                why.append(f"corrected: {step.name}, by its own commands")
                return Outcome.DEFECT
        why.append(said)
        return Outcome.FAILED


def _did(tries: Sequence[Try]) -> set[str]:
    """The machines on which all went well."""
    return {each.machine for each in tries} - {each.machine for each in tries if not each.ok}
