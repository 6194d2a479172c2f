"""Machines that did not start: what they have to say, collected before they are removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from provision.cluster import Cluster
from provision.clusters import evidence

FOLDER = Path("runs") / "logs"
"""Where evidence goes that belongs to no run."""


def look_into(cluster: Callable[[], Cluster], folder: Path, error: BaseException) -> None:
    """Collect evidence, and note on the error where it is; whatever goes wrong with that is noted instead."""
    try:
        found = cluster()
        with found.journal.step("collect evidence", bookkeeping=True):
            evidence.collect(found, folder)
        for machine in found.machines.values():
            machine.close()
        error.add_note(f"What its machines have to say is in {(folder / found.journal.cluster).absolute()}")
    except Exception as problem:
        error.add_note(f"evidence is incomplete: {problem}")
