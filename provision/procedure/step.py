"""What a step is, and the states of the world that steps lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from provision.cluster import Cluster

PAGE = "setup/production-environment/tools/kubeadm/high-availability/"
"""The page that the sections below are anchors of."""


class State(IntEnum):
    """How far a cluster has come; each state includes those before it."""

    MACHINES = 1
    LOAD_BALANCED = 2
    INITIALISED = 3
    READY = 4


@dataclass(frozen=True)
class Step:
    """One named, timed entry of a procedure.

    `section` is the page's anchor, empty for what the page leaves out. `leads_to` is the state that needs this step.
    """

    name: str
    section: str
    leads_to: State
    action: Callable[[Cluster], None]


@dataclass(frozen=True)
class Alongside:
    """Steps that do not depend on each other and run at once."""

    steps: tuple[Step, ...]

    @property
    def leads_to(self) -> State:
        """The state that needs them all."""
        return self.steps[0].leads_to


Procedure = tuple[Step | Alongside, ...]
