"""Machines that could not be made ready: what they have to say is collected, and they are removed or kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.cluster import Cluster
from provision.clusters import evidence
from provision.config.cluster_state import ClusterState
from provision.machines.machine import Machine
from provision.recording.journal import Journal

FOLDER = Path("runs") / "logs"
"""Where evidence goes that belongs to no run."""


@dataclass(frozen=True)
class Unstarted:
    """What `Provider.create` does with a cluster's machines when it fails. `keep` is the option's value."""

    state: ClusterState
    journal: Journal
    keep: str
    folder: Path

    def examine(self, error: BaseException, machines: Callable[[], Mapping[str, Machine]]) -> None:
        """Collect evidence after a failure, and note on the error where it is, or why there is none.

        That the user called it off is not a failure.
        """
        if not isinstance(error, Exception):
            return
        try:
            found = Cluster(self.state, machines(), self.journal)
            with self.journal.step("collect evidence", bookkeeping=True):
                evidence.collect(found, self.folder)
            for machine in found.machines.values():
                machine.close()
            error.add_note(f"What its machines have to say is in {(self.folder / self.journal.cluster).absolute()}")
        except Exception as problem:
            error.add_note(f"evidence is incomplete: {problem}")

    def stay(self, error: BaseException) -> bool:
        """Whether the machines are kept: they were before, or it is wanted of such a cluster."""
        wanted = self.keep == "always" or (self.keep == "failure" and isinstance(error, Exception))
        return self.state.kept or wanted
