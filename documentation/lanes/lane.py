"""The literal lane: the page's blocks in place of the procedure's actions, and the actions where the blocks fail.

After a failure the lane goes on with what makes it good, so that every later claim is reached: first what the page
leaves out, then earlier blocks as they should have been, then the step's own commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from documentation.drift.words import Words
from documentation.lanes.outcome import Outcome, Result, Try
from documentation.lanes.plan import Planned
from documentation.lanes.typist import Typist
from documentation.pages.block import Block
from provision.cluster import Cluster
from provision.errors import Problem, StepFailed
from provision.procedure.step import Alongside, Procedure, Step


class Lane:
    """One page on one cluster. `blocks` are the page's by the original's ids, as far as the page has them."""

    def __init__(
        self, cluster: Cluster, steps: Procedure, blocks: Mapping[str, Block], planned: Sequence[Planned], words: Words
    ) -> None:
        self._cluster = cluster
        self._steps = [step for each in steps for step in (each.steps if isinstance(each, Alongside) else (each,))]
        self._blocks = blocks
        self._planned = planned
        self._typist = Typist(cluster, blocks, words)
        self._left_out: list[Step] = []  # corrections that the page does not have, not made yet
        self._mendable: list[Step] = []  # steps whose blocks ran, and whose actions may be repeated

    def run(self) -> Iterator[Result]:
        """Walk the procedure, and tell what became of each block; raises Problem where nothing helps any more."""
        mine = [each for each in self._planned if each.applies(self._cluster.id)]
        for each in self._planned:
            if each not in mine:
                yield self._result(each, Outcome.NOT_APPLICABLE, why=[f"not on the way of {self._cluster.id}"])
            elif each.id not in self._blocks:
                yield self._result(each, Outcome.ABSENT, why=["the page does not have this block"])
            elif each.instead:
                yield self._result(each, Outcome.SUBSTITUTED, why=[each.instead])
        there = [each for each in mine if each.id in self._blocks and not each.instead]
        for step in self._steps:
            yield from self._step(step, [each for each in there if each.step == step.name])
        for step in self._left_out:
            self._act(step)

    def _step(self, step: Step, planned: Sequence[Planned]) -> Iterator[Result]:
        in_place = [each for each in planned if not each.beside]
        for each in in_place:
            result = self._in_place(each, step)
            yield result
            if result.outcome is Outcome.FAILED:
                raise StepFailed(f"{step.name}: neither the page's block nor its correction works", answer=result.why)
        if not in_place and self._leaves_out(step):
            self._left_out.append(step)
        elif not in_place:
            self._act(step)
        for each in planned:
            if each.beside:
                yield self._beside(each)

    def _leaves_out(self, step: Step) -> bool:
        """Whether this page lacks the step; corrections of other pages are none of its business."""
        return bool(step.correction) and "#" not in step.section

    def _in_place(self, planned: Planned, step: Step) -> Result:
        if still_open := self._typist.left_open(planned):
            self._act(step)
            return self._result(planned, Outcome.UNBOUND, why=[still_open])
        tries = self._typist.tries(planned, "literal")
        why = self._typist.departures(planned)
        if planned.redo:
            self._mendable.append(step)
        if not _good(tries):
            try:
                self._mend(planned, step, tries, why)
            except Problem as problem:
                return self._result(planned, Outcome.FAILED, tries, [*why, self._cluster.journal.redact(str(problem))])
            return self._result(planned, Outcome.DEFECT, tries, why)
        probes = self._typist.probes(planned, "literal")
        if not _good(probes):
            self._act_whole(step)
            probes += self._typist.probes(planned, "corrected")
            why.append(f"corrected: {step.name}, with what follows it")
            outcome = Outcome.DEFECT if probes[-1].ok else Outcome.FAILED
            return self._result(planned, outcome, [*tries, *probes], why)
        return self._result(planned, Outcome.SUBSTITUTED if why else Outcome.VERIFIED, [*tries, *probes], why)

    def _mend(self, planned: Planned, step: Step, tries: list[Try], why: list[str]) -> None:
        """Make good one thing after the other until the block works; raises Problem where even the action fails."""
        left_out, self._left_out = self._left_out, []
        for steps in (left_out, [each for each in self._mendable if each is not step]):
            for each in steps:
                self._act_whole(each)
                why.append(f"corrected: {each.correction or each.name + ', as it should be'}")
            if steps:
                done = {each.machine for each in tries if each.ok}
                again = self._typist.tries(planned, "corrected", but=done)
                tries += again
                if _good(again):
                    return
        self._act(step)
        why.append(f"corrected: {step.name}, by its own commands")

    def _beside(self, planned: Planned) -> Result:
        """A block that no step stands for; its corrected form is the plan's."""
        tries, why = self._typist.tries(planned, "literal"), self._typist.departures(planned)
        if _good(tries):
            return self._result(planned, Outcome.SUBSTITUTED if why else Outcome.VERIFIED, tries, why)
        again = self._typist.tries(planned, "corrected", text=planned.corrected) if planned.corrected else []
        why.append(f"corrected: `{planned.corrected}`" if again else "there is no corrected form")
        outcome = Outcome.DEFECT if again and _good(again) else Outcome.FAILED
        return self._result(planned, outcome, [*tries, *again], why)

    def _act_whole(self, step: Step) -> None:
        """Run a step's own commands, and the corrections that follow it."""
        self._act(step)
        for following in self._steps[self._steps.index(step) + 1 :]:
            if not self._leaves_out(following):
                break
            self._act(following)
            if following in self._left_out:
                self._left_out.remove(following)

    def _act(self, step: Step) -> None:
        with self._cluster.journal.step(step.name, step.section, step.correction):
            step.action(self._cluster)

    def _result(self, planned: Planned, outcome: Outcome, tries: Iterable[Try] = (), why: Iterable[str] = ()) -> Result:
        block = self._blocks.get(planned.id)
        mend = planned.mend if outcome in (Outcome.DEFECT, Outcome.FAILED) else ""
        name, line = (block.id, block.line) if block else (planned.id, 0)
        return Result(name, planned.id, line, outcome, tuple(tries), tuple(why), mend)


def _good(tries: Sequence[Try]) -> bool:
    return all(each.ok for each in tries)
