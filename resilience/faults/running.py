"""One fault under traffic: healthy, control, traffic, fault, hold, undone, healthy again, final reads, judged.

Whatever ends it, what was done is undone; what cannot be is named with the command.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from provision.cluster import Cluster
from provision.util.concurrency import NotYet
from provision.util.errors import Problem, briefly
from resilience.faults import meanwhile
from resilience.faults.bounds import BOOTED
from resilience.faults.control import Control, measured
from resilience.faults.fault import Fault, Proof
from resilience.faults.health import wait_until_healthy
from resilience.faults.judging import judged
from resilience.faults.outcome import Ended, Outcome, Times
from resilience.faults.scene import Scene, Switchboard
from resilience.faults.undoing import undo
from resilience.histories.files import HISTORY
from resilience.inside import recording
from resilience.traffic.recorder import Mark
from resilience.traffic.traffic import HEALED, INJECTED, Finished, Traffic

IN_EFFECT, UNDOING, HEALTHY, ENDED = "fault in effect", "fault being undone", "healthy again", "traffic ends"
"""Marks beside those of the traffic."""

WARM = 5.0
"""Seconds of traffic before a fault: a hundred operations, and several turns of each client."""

CALM = 4.0
"""Seconds of traffic after a cluster is healthy again: each client is answered once more."""

_BEFORE = 60.0  # seconds for a cluster to be healthy before a fault: what the one before left is over by then
_WHOLE = BOOTED.seconds
"""Until a cluster is whole that was prepared, or restored: API servers that waited for etcd are started again late."""


class Running(Protocol):
    """What is used of `Traffic`."""

    def mark(self, what: str) -> Mark:
        """Record that something is done."""

    def finish(self, gone: Collection[str] = ()) -> Finished:
        """End it; `gone` are machines that do not come back."""


Trafficking = Callable[..., AbstractContextManager[Running]]


class Runner:
    """Runs faults on one cluster, one after the other. `folder` is the run's; records and histories go there.

    `sleep`, `traffic`, `healthy` and `inside` are what tests replace.
    """

    def __init__(
        self, cluster: Cluster, board: Switchboard, folder: Path, *, seed: int = 0, traffic: Trafficking = Traffic.on,
        healthy: Callable[[Cluster, float], None] = wait_until_healthy, sleep: Callable[[float], None] = time.sleep,
        inside: Callable[[Cluster], AbstractContextManager[meanwhile.Seen]] = recording.on,
    ) -> None:  # fmt: skip
        self._cluster, self._board, self._folder, self._seed = cluster, board, folder, seed
        self._traffic, self._healthy, self._sleep, self._inside = traffic, healthy, sleep, inside

    def control(self, seconds: float) -> Control:
        """Traffic without a fault. Raises what it raises: nothing was done to the cluster."""
        with self._traffic(self._cluster, self._place("control"), seed=self._seed) as traffic:
            self._sleep(WARM)
            begin = traffic.mark("control begins").at
            self._sleep(seconds)
            end = traffic.mark("control ends").at
            finished = traffic.finish()
        return measured(finished, begin, end)

    def run(self, fault: Fault, control_of: Callable[[Fault], Control], seed: int | None = None) -> Outcome:
        """One fault, and its record. With a seed of its own, clients draw by that what they do.

        Its control is requested once it is known that the cluster can show the fault, and is healthy.
        """
        scene = Scene(self._cluster, self._board)
        outcome = self._begun(fault)
        outcome.seed = self._seed if seed is None else seed
        outcome.notes = scene.notes
        try:
            outcome.why = fault.lacks(scene)
            if not outcome.why:
                self._run(fault, scene, outcome, control_of)
        except Problem as problem:
            outcome.red.append(str(problem))
        except BaseException as error:
            outcome.interrupted = True
            outcome.red.append(f"ended by {briefly(error) or type(error).__name__}")
            for command in outcome.left:
                error.add_note(f"Try: {command}")
            raise
        finally:
            outcome.write(self._folder)
        return outcome

    def _run(
        self, fault: Fault, scene: Scene, outcome: Outcome, control_of: Callable[[Fault], Control]
    ) -> None:  # fmt: skip
        try:
            self._healthy(self._cluster, _BEFORE)
        except Problem as problem:
            raise Problem("the cluster was not healthy before the fault", answer=str(problem)) from None
        control = control_of(fault)
        with self._prepared(fault, scene, outcome):
            outcome.void += [f"the control without a fault: {each}" for each in control.wrong]
            folder = self._place(fault.name)
            outcome.history = str((folder / HISTORY).relative_to(self._folder))
            with self._inside(self._cluster) as inside:
                try:
                    self._under_traffic(fault, scene, outcome, folder)
                except Problem as problem:  # what clients saw until then is judged all the same
                    outcome.red.append(str(problem))
            if outcome.times.injected:
                ended = outcome.times.ended
                until = time.monotonic() if ended is None else outcome.times.injected + ended
                lost = fault.forgets(scene) if fault.forgets else None
                judged(outcome, fault, folder / HISTORY, until, control.gaps, lost)
                meanwhile.add(outcome, inside, folder, until)

    def _under_traffic(self, fault: Fault, scene: Scene, outcome: Outcome, folder: Path) -> None:
        with self._traffic(self._cluster, folder, seed=outcome.seed) as traffic:
            self._sleep(WARM + fault.later)
            with self._undone_at_the_end(fault, scene, outcome, traffic):
                self._hit(fault, scene, outcome, traffic)
            self._marked(traffic, outcome, HEALED)
            if outcome.left:
                raise Problem("the fault could not be undone", fix="\n".join(outcome.left))
            gone = scene.names if fault.for_good else []
            self._healthy(scene.without(gone), fault.heals.seconds)
            self._marked(traffic, outcome, HEALTHY)
            outcome.sound = True
            self._sleep(CALM)
            self._marked(traffic, outcome, ENDED)
            finished = traffic.finish(gone)
        outcome.delay = finished.delay.seconds
        outcome.void += finished.void

    def _hit(self, fault: Fault, scene: Scene, outcome: Outcome, traffic: Running) -> None:
        """Do it, hold it, and prove it. What was not done, or not proved, makes the run void."""
        try:
            earlier, steps = fault.proof.before(scene), fault.do(scene)
            other = fault.must.before(scene) if fault.must else ""
            self._marked(traffic, outcome, INJECTED)
            for step in steps:
                scene.printed.append(step.do(scene))
            self._marked(traffic, outcome, IN_EFFECT)
            self._sleep(fault.hold)
            outcome.proof = self._proved(fault.proof, scene, earlier)
        except Problem as problem:
            reasons = outcome.red if fault.must_succeed else outcome.void
            reasons.append(f"the fault was not done, or not proved: {problem}")
            return
        if fault.must:
            try:
                outcome.proof += f"; {self._proved(fault.must, scene, other)}"
            except Problem as problem:
                outcome.red.append(str(problem))

    def _proved(self, proof: Proof, scene: Scene, earlier: str) -> str:
        deadline = time.monotonic() + proof.within * self._cluster.patience
        while isinstance(seen := proof.seen(scene, earlier), NotYet):
            if time.monotonic() >= deadline:
                raise Problem(f"no proof that {proof.what}", answer=seen.reason)
            self._sleep(0.5)
        return seen

    @contextmanager
    def _undone_at_the_end(self, fault: Fault, scene: Scene, outcome: Outcome, traffic: Running) -> Iterator[None]:
        """Choose where, and have it undone whatever happens inside."""
        scene.hit = fault.where(scene)
        if not scene.hit:
            raise Problem(f"the cluster has no machine for {fault.name}: {fault.place}")
        outcome.machines = scene.names
        steps = fault.undo(scene)
        try:
            yield
        finally:
            if outcome.times.injected:
                self._marked(traffic, outcome, UNDOING)
                undo(steps, scene, outcome.left, self._sleep)

    @contextmanager
    def _prepared(self, fault: Fault, scene: Scene, outcome: Outcome) -> Iterator[None]:
        restoring = fault.restore(scene)
        try:
            preparing = fault.prepare(scene)
            for step in preparing:
                step.do(scene)
            if preparing:
                self._healthy(self._cluster, _WHOLE)
            yield
        finally:
            undo(restoring, scene, outcome.left, self._sleep)
        if restoring:
            sound, outcome.sound = outcome.sound, False
            self._healthy(self._cluster, _WHOLE)
            outcome.sound = sound

    def _marked(self, traffic: Running, outcome: Outcome, what: str) -> None:
        at, times = traffic.mark(what).at, outcome.times
        if what == INJECTED:
            times.injected, times.wall, outcome.load = at, time.time(), os.getloadavg()[0]
            return
        since = at - times.injected if times.injected else None
        names = {IN_EFFECT: "in_effect", UNDOING: "undoing", HEALED: "undone", HEALTHY: "healthy", ENDED: "ended"}
        setattr(times, names[what], since)

    def _begun(self, fault: Fault) -> Outcome:
        cluster = self._cluster
        bound = fault.bound_on(cluster.id.topology)
        return Outcome(
            fault.name, cluster.journal.cluster, str(cluster.version), cluster.id.topology, fault.what, fault.place,
            fault.holds, asdict(bound), asdict(fault.heals), fault.links, self._seed, times=Times(), began=time.time(),
            processors=os.cpu_count() or 0,
        )  # fmt: skip

    def _place(self, name: str) -> Path:
        """A folder that no history is in yet."""
        above = self._folder / "faults" / self._cluster.journal.cluster
        names = (name if number == 1 else f"{name}-{number}" for number in range(1, 1000))
        return next(above / each for each in names if not (above / each).exists())


def is_sound(outcome: Outcome) -> bool:
    """Whether the cluster is what it was, so that another fault may come."""
    return outcome.ended is Ended.SKIPPED or (outcome.sound and not outcome.left)
