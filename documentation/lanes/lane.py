"""The literal lane: the page's blocks in place of the procedure's actions, and the actions where the blocks fail.

After a failure the lane goes on with what makes it good, so that every later claim is reached: first what the page
leaves out, then earlier blocks as they should have been, then the step's own commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

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
        self.blamed: set[str] = set()  # steps whose blocks ran, and made a later one fail
        self._made: list[Step] = []  # corrections that were made
        self._mendable: list[Step] = []  # steps whose blocks ran, and whose actions may be repeated

    def run(self) -> Iterator[Result]:
        """Walk the procedure, and tell what became of each block; raises Problem where nothing helps any more."""
        mine = [each for each in self._planned if each.applies(self._cluster.id)]
        for each in self._planned:
            if each not in mine:
                yield self._result(
                    each,
                    Outcome.NOT_APPLICABLE,
                    why=[f"belongs to another way through the page than {self._cluster.id}"],
                )
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
            yield from self._sample(each, result)
            if result.outcome is Outcome.FAILED:
                raise StepFailed(f"{step.name}: neither the page's block nor its correction works", answer=result.why)
        if not in_place and self._leaves_out(step):
            if step not in self._made and step not in self._left_out:
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
        tries, why = self._literal(planned)
        if planned.redo:
            self._mendable.append(step)
        if planned.answer and not planned.did(tries):
            self._act(step)
            why.append(f"the page promises `{planned.answer}`, and something else came back")
            return self._result(planned, Outcome.DEFECT, tries, why)
        if not planned.did(tries):
            return self._mended(planned, step, tries, why)
        probes = self._typist.probes(planned, "literal")
        if not all(each.ok for each in probes):
            return self._completed(planned, step, [*tries, *probes], why)
        return self._result(planned, Outcome.SUBSTITUTED if why else Outcome.VERIFIED, [*tries, *probes], why)

    def _sample(self, planned: Planned, result: Result) -> Iterator[Result]:
        """The output that the page shows for a block, by its shape."""
        block = self._typist.sample(planned)
        ran = [each for each in result.tries if each.ok and each.command]
        if block and ran:
            why = [f"did not come back: {line}" for line in ran[-1].unlike]
            outcome, mend = (Outcome.DEFECT, "show what comes back") if why else (Outcome.VERIFIED, "")
            yield Result(block.id, planned.sample, block.line, outcome, (), tuple(why), mend)

    def _completed(self, planned: Planned, step: Step, tries: list[Try], why: list[str]) -> Result:
        """A block that ran, and left something wrong: make good what follows it, as soon as that can be done."""
        why.append("it ran, and left something wrong")
        for each in self._following(step):
            self._correct(each, tries, why)
        tries += self._typist.probes(planned, "corrected")
        return self._result(planned, Outcome.DEFECT, tries, why)

    def _mended(self, planned: Planned, step: Step, tries: list[Try], why: list[str]) -> Result:
        """Make good one thing after the other until the block works, or the step's own commands do."""
        left_out, self._left_out = self._left_out, []
        for steps in (left_out, [each for each in self._mendable if each is not step]):
            for each in steps:
                for one in (each, *self._following(each)):
                    self._correct(one, tries, why)
            if steps:
                done = {each.machine for each in tries if each.ok and each.command}
                again = self._typist.tries(planned, "corrected", but=done)
                tries += again
                if planned.did(again):
                    self.blamed |= {step.name for step in steps if step in self._mendable}
                    return self._result(planned, Outcome.DEFECT, tries, why)
        try:
            self._act(step)
        except Problem as problem:
            return self._result(planned, Outcome.FAILED, tries, [*why, self._cluster.journal.redact(str(problem))])
        return self._result(planned, Outcome.DEFECT, tries, [*why, f"corrected: {step.name}, by its own commands"])

    def _correct(self, step: Step, tries: list[Try], why: list[str]) -> None:
        """Run a correction; one that does not work yet, since something else is missing, waits until the end."""
        if step in self._left_out:
            self._left_out.remove(step)
        try:
            self._act(step)
        except Problem as problem:
            self._left_out.append(step)
            tries.append(Try("corrected", "", step.name, 1, self._cluster.journal.redact(str(problem))))
        else:
            why.append(f"corrected: {step.correction or step.name + ', as it should be'}")
            self._made.append(step)

    def _following(self, step: Step) -> list[Step]:
        """The corrections that come right after a step."""
        rest = self._steps[self._steps.index(step) + 1 :]
        return list(takewhile(self._leaves_out, rest))

    def _beside(self, planned: Planned) -> Result:
        """A block that no step stands for; its corrected form is the plan's."""
        tries, why = self._literal(planned)
        if planned.did(tries):
            probes = self._typist.probes(planned, "literal")
            tries += probes
            if all(each.ok for each in probes):
                return self._result(planned, Outcome.SUBSTITUTED if why else Outcome.VERIFIED, tries, why)
            why.append("it ran, and left something wrong")
        again = self._typist.tries(planned, "corrected", text=planned.corrected) if planned.corrected else []
        good = bool(again) and planned.did(again)
        again += self._typist.probes(planned, "corrected") if good else []
        why.append(f"corrected: `{planned.corrected}`" if again else "there is no corrected form")
        outcome = Outcome.DEFECT if good and again[-1].ok else Outcome.FAILED
        return self._result(planned, outcome, [*tries, *again], why)

    def _literal(self, planned: Planned) -> tuple[list[Try], list[str]]:
        """The block as written, and why what was typed is not quite that."""
        tries, why = self._typist.tries(planned, "literal"), self._typist.departures(planned)
        if any(each.ended for each in tries):
            why.append(f"ended after {planned.bounded} s, since it does not end by itself")
        return tries, why

    def _act(self, step: Step) -> None:
        with self._cluster.journal.step(step.name, step.section, step.correction):
            step.action(self._cluster)

    def _result(self, planned: Planned, outcome: Outcome, tries: Iterable[Try] = (), why: Iterable[str] = ()) -> Result:
        block = self._blocks.get(planned.id)
        mend = planned.mend if outcome in (Outcome.DEFECT, Outcome.FAILED) else ""
        name, line = (block.id, block.line) if block else (planned.id, 0)
        return Result(name, planned.id, line, outcome, tuple(tries), tuple(why), mend)
