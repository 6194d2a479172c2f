"""A walk: a few pages on one cluster, their blocks in place of the procedure's actions.

Where a block fails, `Fallback` (`fallback.py`) repairs it, and the walk goes on: every later claim is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from documentation.execution.block_runner import BlockRunner
from documentation.execution.fallback import Attempt, Corrections, Done, Fallback
from documentation.execution.plan import PageView, Planned
from documentation.execution.rendering import Renderer
from documentation.execution.results import Form, Outcome, Result, Try
from documentation.pages.block import Page
from provision.clusters_door import Cluster, Procedure, Step
from provision.util.errors import Problem, StepFailed

_GOOD = (Outcome.VERIFIED, Outcome.SUBSTITUTED, Outcome.NOT_APPLICABLE)
_DONE_ALREADY = "an earlier block of this step failed, and the step's own commands did all of it"


@dataclass(frozen=True)
class Execution:
    """The outcome of each of a page's blocks on a cluster.

    `stopped` says why the walk could not go on, empty for the end; `steps` how each step of the procedure was done.
    """

    page: Page
    cluster: str
    version: str
    results: tuple[Result, ...]
    stopped: str = ""
    steps: Mapping[str, Done] = field(default_factory=dict)

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


def walk_pages(cluster: Cluster, pages: Sequence[PageView], procedure: Procedure) -> list[Execution]:
    """Walk a cluster at bare machines through pages; one execution a page.

    A problem ends the walk, and is part of the answer.
    """
    walk = Walk(cluster, procedure, {each.name: each for each in pages})
    results: list[Result] = []
    stopped = ""
    try:
        results.extend(walk.run())
    except Problem as problem:
        stopped = cluster.journal.redact(str(problem))
    finally:
        walk.end()
    done, name, version = dict(walk.corrections.done), str(cluster.id), str(cluster.version)
    return [
        Execution(each.page, name, version, _judged(each, walk.corrections.blamed, results), stopped, done)
        for each in pages
    ]


class Walk:
    """A few pages, by their names, on one cluster."""

    def __init__(self, cluster: Cluster, procedure: Procedure, pages: Mapping[str, PageView]) -> None:
        self._cluster = cluster
        self._planned = [planned for page in pages.values() for planned in page.planned]
        self._renderer = Renderer(cluster, pages)
        self._runner = BlockRunner(cluster, self._renderer)
        self.corrections = Corrections(cluster, procedure, pages)
        self._fallback = Fallback(cluster, self._runner, self.corrections)

    def run(self) -> Iterator[Result]:
        """Walk the procedure; yields the outcome of each block. Raises Problem where a step cannot be done at all."""
        yield from self._not_run()
        mine = [each for each in self._planned if each.applies(self._cluster.id) and not each.instead]
        here = [each for each in mine if self._renderer.block(each)]
        for step in self.corrections.steps:
            yield from self._step(step, [each for each in here if each.step == step.name])
        self.corrections.finish()

    def end(self) -> None:
        """Remove what the machines keep of the reader."""
        self._runner.end()

    def _not_run(self) -> Iterator[Result]:
        for each in self._planned:
            if not each.applies(self._cluster.id):
                why = f"belongs to another way through the page than {self._cluster.id}"
                yield self._result(each, Outcome.NOT_APPLICABLE, reasons=[why])
            elif not self._renderer.block(each):
                yield self._result(each, Outcome.ABSENT, reasons=["the page does not have this block"])
            elif each.instead:
                yield self._result(each, Outcome.SUBSTITUTED, reasons=[each.instead])

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
            self.corrections.done.setdefault(step.name, Done.PAGE)
        elif self.corrections.is_left_out(step):
            self.corrections.leave_out(step)
        else:
            self.corrections.act(step, Done.OWN)
        for each in planned:
            if each.beside:
                result = self._tree(each) if each.tree else self._beside(each)
                yield result
                yield from self._sample(each, result)

    def _in_place(self, planned: Planned, step: Step) -> Result:
        """A block that stands for a step."""
        if self.corrections.done.get(step.name) is Done.INSTEAD:
            return self._result(planned, Outcome.UNBOUND, reasons=[_DONE_ALREADY])
        if still_open := self._still_open(planned):
            self.corrections.act(step, Done.INSTEAD)
            return still_open
        attempt = self._literal(planned)
        if planned.redo:
            self.corrections.repeatable.append(step)
        if not planned.succeeded(attempt.tries):
            outcome = self._fallback.repair(planned, step, attempt)
        else:
            outcome = self._probed(planned, step, attempt)
        return self._result(planned, outcome, attempt.tries, attempt.reasons)

    def _probed(self, planned: Planned, step: Step, attempt: Attempt) -> Outcome:
        """A block that ran: whether it left behind what it has to, and is what kubeadm printed."""
        probes = self._runner.probe(planned, Form.LITERAL)
        attempt.tries += probes
        if not all(each.ok for each in probes):
            return self._fallback.complete(planned, step, attempt)
        if flags := self._renderer.flags_not_printed(planned):
            attempt.reasons.append(f"kubeadm printed the command without {', '.join(flags)}, which the page shows")
            return Outcome.DEFECT
        return Outcome.SUBSTITUTED if attempt.reasons else Outcome.VERIFIED

    def _sample(self, planned: Planned, result: Result) -> Iterator[Result]:
        """The output that the page shows for a block, by its shape."""
        block = self._renderer.sample(planned)
        ran = [each for each in result.tries if each.ok and each.command]
        if block and ran:
            reasons = tuple(f"did not come back: {line}" for line in ran[-1].unlike)
            outcome, fix = (Outcome.DEFECT, "show what comes back") if reasons else (Outcome.VERIFIED, "")
            yield Result(block.id, planned.sample, block.line, outcome, (), reasons, fix, planned.page)

    def _beside(self, planned: Planned) -> Result:
        """A block that no step stands for; its corrected form is the plan's."""
        if still_open := self._still_open(planned):
            return still_open
        attempt = self._literal(planned)
        if planned.succeeded(attempt.tries):
            probes = self._runner.probe(planned, Form.LITERAL)
            attempt.tries += probes
            if all(each.ok for each in probes):
                outcome = Outcome.SUBSTITUTED if attempt.reasons else Outcome.VERIFIED
                return self._result(planned, outcome, attempt.tries, attempt.reasons)
            attempt.reasons.append("it ran, and left something wrong")
        outcome = self._fallback.repair_beside(planned, attempt)
        return self._result(planned, outcome, attempt.tries, attempt.reasons)

    def _tree(self, planned: Planned) -> Result:
        """Files that the page draws: exactly those have to be there."""
        tries = self._runner.compare_trees(planned)
        wrong = [each for each in tries if not each.ok]
        reasons = [line for each in wrong for line in each.answer.splitlines()]
        return self._result(planned, Outcome.DEFECT if wrong else Outcome.VERIFIED, tries, reasons)

    def _literal(self, planned: Planned) -> Attempt:
        """The block as written, and why what was typed is not quite that."""
        reasons = [*self._renderer.rendered(planned).departures]
        attempt = Attempt(self._runner.run(planned, Form.LITERAL), reasons)
        if attempt.ended:
            attempt.reasons.append(f"ended after {planned.bounded} s, since it does not end by itself")
        return attempt

    def _still_open(self, planned: Planned) -> Result | None:
        """The result of a block that has placeholders which the plan does not fill in: it is not run."""
        names = self._renderer.rendered(planned).open
        why = f"the plan does not say what goes in for {', '.join(names)}"
        return self._result(planned, Outcome.UNBOUND, reasons=[why]) if names else None

    def _result(
        self, planned: Planned, outcome: Outcome, tries: Iterable[Try] = (), reasons: Iterable[str] = ()
    ) -> Result:
        block = self._renderer.block(planned)
        fix = planned.fix if outcome in (Outcome.DEFECT, Outcome.FAILED) else ""
        name, line = (block.id, block.line) if block else (planned.id, 0)
        return Result(name, planned.id, line, outcome, tuple(tries), tuple(reasons), fix, planned.page)


def _judged(view: PageView, blamed: set[str], results: Sequence[Result]) -> tuple[Result, ...]:
    """The outcomes of one page's blocks, later blame and changes since it was read considered."""
    fixes = {each.id: each.fix for each in view.planned if each.step in blamed and not each.beside}
    own = [each for each in results if each.page == view.name]
    own = [_blamed(each, fixes[each.original]) if each.original in fixes else each for each in own]
    own = [_stale(each) if each.original in view.stale else each for each in own]
    return (*own, *_unplanned(view, own))


def _stale(result: Result) -> Result:
    """A block that changed since it was read is never reported as verified."""
    if result.outcome not in (Outcome.VERIFIED, Outcome.SUBSTITUTED):
        return result
    why = "it ran well, and is not what was read: check that the claims still say what it does"
    return replace(result, outcome=Outcome.STALE, reasons=(*result.reasons, why))


def _blamed(result: Result, fix: str) -> Result:
    """A block that ran, and without whose correction a later one failed."""
    if result.outcome not in (Outcome.VERIFIED, Outcome.SUBSTITUTED):
        return result
    why = "it ran, and a later block failed until this was done by the procedure's own commands"
    return replace(result, outcome=Outcome.DEFECT, reasons=(*result.reasons, why), fix=fix)


def _unplanned(view: PageView, results: Sequence[Result]) -> Iterator[Result]:
    known = {each.block for each in results}
    for block in view.page.commands:
        if block.id not in known:
            why = f"none of the {len(view.planned)} entries of the plan says how to run it, or the walk ended before"
            yield Result(block.id, block.id, block.line, Outcome.UNBOUND, reasons=(why,), page=view.name)
