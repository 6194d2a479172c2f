"""What was done to a cluster by hand: every step and command, beside its state, for as long as the cluster exists."""

from __future__ import annotations

from provision.clusters.state import RECORD, States
from provision.config.cluster_id import ClusterId
from provision.recording.journal import CommandRecord, StepRecord
from provision.recording.listeners import JsonLines
from provision.util.errors import BadInput


class Record:
    """Listens to journals, and writes what is of a cluster into its folder; the rest is of this host alone."""

    def __init__(self, states: States) -> None:
        self._states = states

    def step_started(self, step: StepRecord) -> None:
        if file := self._file(step.cluster):
            file.step_started(step)

    def step_finished(self, step: StepRecord) -> None:
        if file := self._file(step.cluster):
            file.step_finished(step)

    def command_finished(self, command: CommandRecord) -> None:
        if file := self._file(command.cluster):
            file.command_finished(command)

    def _file(self, cluster: str) -> JsonLines | None:
        """Its lines are dropped while the cluster has no folder yet, or none any more."""
        try:
            made = ClusterId.parse(cluster).made
        except BadInput:  # artifacts, which are of many clusters
            return None
        return JsonLines(self._states.folder(str(made)) / RECORD)
