"""The literal lane: the pages' blocks in place of the procedure's actions, and the actions where the blocks fail.

After a failure the lane goes on with what makes it good, so that every later claim is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from doccheck.execution.block_runner import Typist
from doccheck.execution.corrections import Done, Mending
from doccheck.execution.fallback import Remedies
from doccheck.execution.page_view import Sheet
from doccheck.execution.plan import Planned
from doccheck.execution.results import Outcome, Result, Try
from provision.cluster import Cluster
from provision.errors import StepFailed
from provision.procedure.step import Procedure, Step

_ANOTHER_WAY = "belongs to another way through the page than {}"
_DONE_ALREADY = "an earlier block of this step failed, and the step's own commands did all of it"


class Lane:
    """A few pages, by their names, on one cluster."""

    def __init__(self, cluster: Cluster, procedure: Procedure, sheets: Mapping[str, Sheet]) -> None:
        self._cluster = cluster
        self._planned = [planned for sheet in sheets.values() for planned in sheet.planned]
        self._typist = Typist(cluster, sheets)
        self.mending = Mending(cluster, procedure, sheets)
        self._remedies = Remedies(cluster, self._typist, self.mending)

    def run(self) -> Iterator[Result]:
        """Walk the procedure, and tell what became of each block; raises Problem where nothing helps any more."""
        for each in self._planned:
            if not each.applies(self._cluster.id):
                yield self._result(each, Outcome.NOT_APPLICABLE, why=[_ANOTHER_WAY.format(self._cluster.id)])
            elif not self._typist.block(each):
                yield self._result(each, Outcome.ABSENT, why=["the page does not have this block"])
            elif each.instead:
                yield self._result(each, Outcome.SUBSTITUTED, why=[each.instead])
        mine = [each for each in self._planned if each.applies(self._cluster.id) and not each.instead]
        there = [each for each in mine if self._typist.block(each)]
        for step in self.mending.steps:
            yield from self._step(step, [each for each in there if each.step == step.name])
        self.mending.finish()

    def leave(self) -> None:
        """Take what the machines keep of the reader away."""
        self._typist.leave()

    def _step(self, step: Step, planned: Sequence[Planned]) -> Iterator[Result]:
        in_place = [each for each in planned if not each.beside]
        for each in in_place:
            with self._cluster.journal.step(f"{step.name}: {each.id}", step.section):
                result = self._in_place(each, step)
            yield result
            yield from self._sample(each, result)
            if result.outcome is Outcome.FAILED:
                raise StepFailed(f"{step.name}: neither the page's block nor its correction works", answer=result.why)
        if in_place:
            self.mending.done.setdefault(step.name, Done.PAGE)
        elif self.mending.is_left_out(step):
            self.mending.leave_out(step)
        else:
            self.mending.act(step, Done.OWN)
        for each in planned:
            if each.beside:
                result = self._tree(each) if each.tree else self._beside(each)
                yield result
                yield from self._sample(each, result)

    def _in_place(self, planned: Planned, step: Step) -> Result:
        if self.mending.done.get(step.name) is Done.INSTEAD:
            return self._result(planned, Outcome.UNBOUND, why=[_DONE_ALREADY])
        if still_open := self._typist.left_open(planned):
            self.mending.act(step, Done.INSTEAD)
            return self._result(planned, Outcome.UNBOUND, why=[still_open])
        tries, why = self._literal(planned)
        if planned.redo:
            self.mending.mendable.append(step)
        if planned.answer and not planned.did(tries):
            self.mending.act(step, Done.INSTEAD)
            why.append(f"the page promises `{planned.answer}`, and something else came back")
            return self._result(planned, Outcome.DEFECT, tries, why)
        if not planned.did(tries):
            outcome = self._remedies.mend(planned, step, tries, why)
            return self._result(planned, outcome, tries, why)
        probes = self._typist.probes(planned, "literal")
        tries += probes
        if not all(each.ok for each in probes):
            return self._result(planned, self._remedies.complete(planned, step, tries, why), tries, why)
        if flags := self._typist.printed_otherwise(planned):
            why.append(f"kubeadm printed the command without {', '.join(flags)}, which the page shows")
            return self._result(planned, Outcome.DEFECT, tries, why)
        return self._result(planned, Outcome.SUBSTITUTED if why else Outcome.VERIFIED, tries, why)

    def _sample(self, planned: Planned, result: Result) -> Iterator[Result]:
        """The output that the page shows for a block, by its shape."""
        block = self._typist.sample(planned)
        ran = [each for each in result.tries if each.ok and each.command]
        if block and ran:
            why = tuple(f"did not come back: {line}" for line in ran[-1].unlike)
            outcome, mend = (Outcome.DEFECT, "show what comes back") if why else (Outcome.VERIFIED, "")
            yield Result(block.id, planned.sample, block.line, outcome, (), why, mend, planned.page)

    def _beside(self, planned: Planned) -> Result:
        """A block that no step stands for; its corrected form is the plan's."""
        if still_open := self._typist.left_open(planned):
            return self._result(planned, Outcome.UNBOUND, why=[still_open])
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

    def _tree(self, planned: Planned) -> Result:
        """Files that the page draws: exactly those have to be there."""
        tries = self._typist.trees(planned)
        wrong = [line for each in tries if not each.ok for line in each.answer.splitlines()]
        return self._result(planned, Outcome.DEFECT if wrong else Outcome.VERIFIED, tries, wrong)

    def _literal(self, planned: Planned) -> tuple[list[Try], list[str]]:
        """The block as written, and why what was typed is not quite that."""
        tries, why = self._typist.tries(planned, "literal"), self._typist.departures(planned)
        if any(each.ended for each in tries):
            why.append(f"ended after {planned.bounded} s, since it does not end by itself")
        return tries, why

    def _result(self, planned: Planned, outcome: Outcome, tries: Iterable[Try] = (), why: Iterable[str] = ()) -> Result:
        block = self._typist.block(planned)
        mend = planned.mend if outcome in (Outcome.DEFECT, Outcome.FAILED) else ""
        name, line = (block.id, block.line) if block else (planned.id, 0)
        return Result(name, planned.id, line, outcome, tuple(tries), tuple(why), mend, planned.page)
