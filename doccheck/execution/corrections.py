"""What is made good so that the walk goes on, and how each step of the procedure came to be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import takewhile

from doccheck.execution.page_view import page_of
from doccheck.execution.results import Try
from provision.cluster import Cluster
from provision.errors import Problem
from provision.procedure.step import Procedure, Step, all_steps


class Done(StrEnum):
    """How a step was done on a walk, from the page's own hand to the harness's."""

    PAGE = "by the page's blocks"
    OWN = "by the harness, since no block of the page stands for it"
    MISSED = "by the harness, since something failed without it"
    UNMISSED = "by the harness, in the end: nothing failed without it"
    INSTEAD = "by the harness, since the page's blocks failed"


class Mending:
    """The steps of one walk, and the corrections that are open. `pages` are the names of those that are walked."""

    def __init__(self, cluster: Cluster, procedure: Procedure, pages: Collection[str]) -> None:
        self.steps = all_steps(procedure)
        self.done: dict[str, Done] = {}
        self.mendable: list[Step] = []  # steps whose blocks ran, and whose actions may be repeated
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

    def correct(self, step: Step, tries: list[Try], why: list[str]) -> None:
        """Run a correction; one that does not work yet, since something else is missing, waits until the end."""
        if step in self._left_out:
            self._left_out.remove(step)
        try:
            self.act(step, Done.MISSED if step.correction else Done.INSTEAD)
        except Problem as problem:
            self._left_out.append(step)
            tries.append(Try("corrected", "", step.name, 1, self._cluster.journal.redact(str(problem))))
        else:
            why.append(f"corrected: {step.correction or step.name + ', as it should be'}")

    def correct_all(self, steps: Iterable[Step], tries: list[Try]) -> list[str]:
        """Run steps and the corrections that come right after each; returns what was made good."""
        why: list[str] = []
        for step in steps:
            for each in (step, *self.following(step)):
                self.correct(each, tries, why)
        return why

    def blame(self, steps: Iterable[Step]) -> None:
        """Note that a block failed until these were done as they should be."""
        self.blamed |= {step.name for step in steps if step in self.mendable}

    def earlier(self, step: Step) -> list[list[Step]]:
        """What to repeat to mend a step, in order: the last mendable one before it, then the last two, and so on.

        So that nothing is blamed that lies further back than it has to.
        """
        others = [each for each in self.mendable if each is not step]
        return [others[-count:] for count in range(1, len(others) + 1)]

    def following(self, step: Step) -> list[Step]:
        """The corrections that come right after a step."""
        return list(takewhile(self.is_left_out, self.steps[self.steps.index(step) + 1 :]))

    def finish(self) -> None:
        """Make what nothing failed without; raises Problem."""
        for step in self.left_out():
            self.act(step, Done.UNMISSED)
