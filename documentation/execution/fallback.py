"""What is done where a page's block fails, so that the walk goes on: every repair of a block is a method of `Fallback`.

A block in place of a step fails: first what the page leaves out is done, then earlier blocks as they should have been;
the step's own commands come last. It runs and leaves something wrong: the corrections that follow it are done at once.
Only its answer is another one than promised: the step's own commands do it. A block beside a step has the corrected
form that its plan gives it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile

from documentation.execution.block_runner import BlockRunner
from documentation.execution.plan import Planned, page_of
from documentation.execution.results import Form, Outcome, Try
from provision.clusters_door import Cluster, Procedure, Step, all_steps
from provision.util.errors import Problem


class Done(StrEnum):
    """How a step was done on a walk, from the page's own blocks to the harness's commands alone."""

    PAGE = "page"
    OWN = "own"
    MISSED = "missed"
    UNMISSED = "unmissed"
    INSTEAD = "instead"

    @property
    def sentence(self) -> str:
        """The same for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Done.PAGE: "by the page's blocks",
    Done.OWN: "by the harness, since no block of the page stands for it",
    Done.MISSED: "by the harness, since something failed without it",
    Done.UNMISSED: "by the harness, in the end: nothing failed without it",
    Done.INSTEAD: "by the harness, since the page's blocks failed",
}


@dataclass
class Attempt:
    """What was tried of one block, in order, and the reasons for its outcome."""

    tries: list[Try] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether a try was ended after its limit, since it does not end by itself."""
        return any(each.ended for each in self.tries)

    @property
    def finished(self) -> set[str]:
        """The machines on which all went well."""
        return {each.machine for each in self.tries} - {each.machine for each in self.tries if not each.ok}


class Corrections:
    """The steps of one walk: how each was done, and which of them the pages leave out and are still to be done.

    `pages` are the names of those that are walked.
    """

    def __init__(self, cluster: Cluster, procedure: Procedure, pages: Collection[str]) -> None:
        self.steps = all_steps(procedure)
        self.done: dict[str, Done] = {}
        self.repeatable: list[Step] = []  # steps whose blocks ran, and whose actions may be repeated
        self.blamed: set[str] = set()  # steps whose blocks ran, and made a later one fail
        self._cluster = cluster
        self._pages = pages
        self._left_out: list[Step] = []  # corrections that the page does not have, not made yet

    def act(self, step: Step, how: Done) -> None:
        """Do a step by its own commands; raises Problem."""
        with self._cluster.journal.step(step.name, step.section, step.correction):
            step.action(self._cluster)
        self.done[step.name] = how

    def is_left_out(self, step: Step) -> bool:
        """Whether a page that is walked lacks the step; corrections of other pages are none of its business."""
        return bool(step.correction) and page_of(step.section) in self._pages

    def leave_out(self, step: Step) -> None:
        """Go on without a step, until it is missed."""
        if step.name not in self.done and step not in self._left_out:
            self._left_out.append(step)

    def left_out(self) -> list[Step]:
        """The corrections that are open; they are the caller's from now on."""
        left_out, self._left_out = self._left_out, []
        return left_out

    def correct(self, step: Step, attempt: Attempt) -> list[str]:
        """Run a correction, and say which; one that does not work yet, since more is missing, waits until the end."""
        if step in self._left_out:
            self._left_out.remove(step)
        try:
            self.act(step, Done.MISSED if step.correction else Done.INSTEAD)
        except Problem as problem:
            self._left_out.append(step)
            answer = self._cluster.journal.redact(str(problem))
            attempt.tries.append(Try(Form.CORRECTED, "", step.name, 1, answer))
            return []
        return [f"corrected: {step.correction or step.name + ', as it should be'}"]

    def correct_all(self, steps: Iterable[Step], attempt: Attempt) -> list[str]:
        """Run steps and the corrections that come right after each; returns which worked."""
        each_with_its_own = ((step, *self.following(step)) for step in steps)
        return [reason for some in each_with_its_own for step in some for reason in self.correct(step, attempt)]

    def blame(self, steps: Iterable[Step]) -> None:
        """Note that a block failed until these were done as they should be."""
        self.blamed |= {step.name for step in steps if step in self.repeatable}

    def earlier(self, step: Step) -> list[list[Step]]:
        """What to repeat to repair a step, in order: the last repeatable one before it, then the last two, and so on.

        So that nothing is blamed that lies further back than it has to.
        """
        others = [each for each in self.repeatable if each is not step]
        return [others[-count:] for count in range(1, len(others) + 1)]

    def following(self, step: Step) -> list[Step]:
        """The corrections that come right after a step."""
        return list(takewhile(self.is_left_out, self.steps[self.steps.index(step) + 1 :]))

    def finish(self) -> None:
        """Do what nothing failed without; raises Problem."""
        for step in self.left_out():
            self.act(step, Done.UNMISSED)


class Fallback:
    """Repairs blocks on one walk. What it does is added to the block's attempt, with what helped as the last reason."""

    def __init__(self, cluster: Cluster, runner: BlockRunner, corrections: Corrections) -> None:
        self._redact = cluster.journal.redact
        self._runner = runner
        self._corrections = corrections

    def complete(self, planned: Planned, step: Step, attempt: Attempt) -> Outcome:
        """A block that ran, and left something wrong: correct what follows it, as soon as that can be done."""
        attempt.reasons.append("it ran, and left something wrong")
        for each in self._corrections.following(step):
            attempt.reasons += self._corrections.correct(each, attempt)
        attempt.tries += self._runner.probe(planned, Form.CORRECTED)
        return Outcome.DEFECT

    def repair(self, planned: Planned, step: Step, attempt: Attempt) -> Outcome:
        """A block that failed: correct one thing after the other until it works, or the step's own commands do.

        Raises Problem where only its answer is another one than promised, and the step's own commands fail.
        """
        if not planned.answer:
            return self._until_it_works(planned, step, attempt)
        self._corrections.act(step, Done.INSTEAD)
        attempt.reasons.append(f"the page promises `{planned.answer}`, and something else came back")
        return Outcome.DEFECT

    def repair_beside(self, planned: Planned, attempt: Attempt) -> Outcome:
        """A block beside a step that failed: run its corrected form, where the plan has one."""
        again = self._runner.run(planned, Form.CORRECTED, text=planned.corrected) if planned.corrected else []
        good = bool(again) and planned.succeeded(again)
        again += self._runner.probe(planned, Form.CORRECTED) if good else []
        attempt.reasons.append(f"corrected: `{planned.corrected}`" if again else "there is no corrected form")
        attempt.tries += again
        return Outcome.DEFECT if good and again[-1].ok else Outcome.FAILED

    def _until_it_works(self, planned: Planned, step: Step, attempt: Attempt) -> Outcome:
        finished = attempt.finished
        left_out, earlier = self._corrections.left_out(), self._corrections.earlier(step)
        corrected: list[str] = []
        for steps in (left_out, *earlier):
            reasons = [*corrected, *self._corrections.correct_all(steps, attempt)]
            corrected = reasons if steps is left_out else corrected  # each of the others has the one before it in it
            if steps:
                again = Attempt(self._runner.run(planned, Form.CORRECTED, but=finished))
                finished |= again.finished
                attempt.tries += again.tries
                if planned.succeeded(again.tries):
                    self._corrections.blame(steps)
                    attempt.reasons += reasons
                    return Outcome.DEFECT
        return self._by_its_own(step, earlier, attempt)

    def _by_its_own(self, step: Step, earlier: Sequence[Sequence[Step]], attempt: Attempt) -> Outcome:
        """Do the step in place of its block; what the block used up in vain is done anew where that helps."""
        refusal = ""
        for steps in ((), *earlier):
            self._corrections.correct_all(steps, attempt)
            try:
                self._corrections.act(step, Done.INSTEAD)
            except Problem as problem:
                refusal = self._redact(str(problem))
            else:
                attempt.reasons.append(f"corrected: {step.name}, by its own commands")
                return Outcome.DEFECT
        attempt.reasons.append(refusal)
        return Outcome.FAILED
