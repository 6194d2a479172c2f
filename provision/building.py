"""One cluster on its way up: runs its procedure as far as somebody needs it, and remembers where it broke."""

from __future__ import annotations

import threading
from collections.abc import Callable

from provision.cluster import Cluster
from provision.errors import ClusterBroken, CommandFailed, Problem, StepFailed, Unreachable
from provision.machines.machine import last_lines
from provision.procedure.step import Alongside, Procedure, State, Step
from provision.together import together


class Building:
    """Takes a cluster from bare machines to ready. `changed` is told after each step, and when one breaks."""

    def __init__(
        self,
        cluster: Cluster,
        procedure: Procedure,
        changed: Callable[[Building], None],
        reached: State = State.MACHINES,
    ) -> None:
        self.cluster = cluster
        self.reached = reached
        self.broken_at = ""
        self._changed = changed
        self._pending = [entry for entry in procedure if entry.leads_to > reached]
        self._lock = threading.Lock()

    @property
    def done(self) -> bool:
        """Whether every step has run."""
        return not self._pending

    def reach(self, state: State) -> Cluster:
        """Run the steps up to `state` that have not run yet.

        Raises StepFailed the first time a step fails, and ClusterBroken ever after.
        """
        with self._lock:
            if self.broken_at and state > self.reached:
                raise ClusterBroken(f"{self.cluster.id} is broken at step '{self.broken_at}'")
            while self._pending and self._pending[0].leads_to <= state:
                self._run(self._pending[0])
                done = self._pending.pop(0)
                if not any(entry.leads_to == done.leads_to for entry in self._pending):
                    self.reached = done.leads_to
                self._changed(self)
            return self.cluster

    def arrive(self) -> None:
        """Know that somebody else has run all the steps: the cluster is ready."""
        with self._lock:
            self._pending.clear()
            self.reached = State.READY
            self._changed(self)

    def _run(self, entry: Step | Alongside) -> None:
        moments = self.cluster.id.moments
        self.cluster.journal.cluster = str(moments[-1 if entry.leads_to is State.UPGRADED else 0])
        if self.cluster.emulated:  # its processors have no room for two things
            for step in entry.steps:
                self._run_step(step)
        else:
            together(self._run_step, entry.steps)

    def _run_step(self, step: Step) -> None:
        try:
            with self.cluster.journal.step(step.name, step.section, step.correction):
                step.action(self.cluster)
        except Problem as problem:
            self.broken_at = step.name
            self._changed(self)
            raise StepFailed(
                f"{self.cluster.id}: step '{step.name}' failed\n{self.cluster.journal.redact(str(problem))}",
                answer=self._logs(problem),
            ) from None

    def _logs(self, problem: Problem) -> str:
        """The last lines of the node's own logs, for a failure that a command on a node reported."""
        nodes = [machine for machine in self.cluster.nodes if machine.name == problem.machine]
        if not isinstance(problem, CommandFailed) or not nodes:
            return ""
        try:
            found = nodes[0].run("sudo journalctl --no-pager -o short-iso -n 20 -u kubelet -u containerd", timeout=20)
        except (Unreachable, Problem):
            return ""
        if not found.stdout.strip():
            return ""
        return self.cluster.journal.redact(f"{nodes[0].name}, kubelet and containerd:\n{last_lines(found.stdout, 20)}")
