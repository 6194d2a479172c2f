"""One cluster on its way up: runs its procedure as far as it is needed, and remembers where it broke."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from provision.cluster import Cluster
from provision.config import limits
from provision.procedure.step import Alongside, Procedure, State, Step
from provision.util.concurrency import together
from provision.util.errors import ClusterBroken, CommandFailed, Interrupted, Problem, StepFailed, briefly, explained
from provision.util.result import last_lines

_REMEMBER = "write down how far the cluster came"


class Building:
    """Takes a cluster from bare machines to ready. `changed` is called after each step, and when one breaks.

    Whatever is raised breaks the cluster, once: a step is never run again. `broken_at` is the step's name, or "".
    """

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
        self._first_failure = ""
        self._changed = changed
        self._pending = [entry for entry in procedure if entry.leads_to > reached]
        self._forgets = False
        self._lock = threading.Lock()

    @property
    def done(self) -> bool:
        """Whether every step has run."""
        return not self._pending

    def reach(self, state: State) -> Cluster:
        """Run the steps up to `state` that have not run yet.

        Raises StepFailed the first time a step fails, and ClusterBroken ever after. The words of StepFailed have the
        traceback of what is not a Problem: that is a defect of the harness, or of what it stands on.
        """
        with self._lock:
            if self.broken_at and state > self.reached:
                raise ClusterBroken(
                    f"{self.cluster.id} is broken at step '{self.broken_at}', first failure: {self._first_failure}"
                )
            while self._pending and self._pending[0].leads_to <= state:
                self._run(self._pending[0])
                done = self._pending.pop(0)
                if not any(entry.leads_to == done.leads_to for entry in self._pending):
                    self.reached = done.leads_to
                self._remember()
            return self.cluster

    def arrive(self) -> None:
        """Know that all the steps were run by other means: the cluster is ready."""
        with self._lock:
            self._pending.clear()
            self.reached = State.READY
            self._remember()

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
        except Interrupted:  # the run was ended, and the step has not failed
            raise
        except Exception as error:
            raise self._broken(step.name, error) from None  # its words have the traceback, which is shown once

    def _broken(self, step: str, error: Exception) -> StepFailed:
        """Break the cluster; what cannot be written down of it hides nothing."""
        redact = self.cluster.journal.redact
        self.broken_at, self._first_failure = step, redact(briefly(error))
        with suppress(Exception):
            self._changed(self)
        return StepFailed(
            f"{self.cluster.id}: step '{step}' failed\n{redact(explained(error))}", answer=self._logs(error)
        )

    def _remember(self) -> None:
        """Have it written down how far the cluster came. That this cannot be done is shown once, and breaks nothing."""
        try:
            self._changed(self)
        except (OSError, Problem) as error:
            if not self._forgets:
                self._forgets = True
                with suppress(OSError, Problem), self.cluster.journal.step(_REMEMBER, bookkeeping=True):
                    raise error
        except Exception as error:
            raise self._broken(_REMEMBER, error) from None

    def _logs(self, problem: Exception) -> str:
        """The last lines of the node's own logs, for a failure that a command on a node reported."""
        name = problem.machine if isinstance(problem, Problem) else ""
        nodes = [machine for machine in self.cluster.nodes if machine.name == name]
        if not isinstance(problem, CommandFailed) or not nodes:
            return ""
        with suppress(Exception):  # the failure itself is what matters
            found = nodes[0].run(
                "sudo journalctl --no-pager -o short-iso -n 20 -u kubelet -u containerd", timeout=limits.LOGS
            )
            if lines := last_lines(found.stdout, 20):
                return self.cluster.journal.redact(f"{nodes[0].name}, kubelet and containerd:\n{lines}")
        return ""
