"""What a step is, and the states of the world that steps lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from provision.cluster import Cluster

PAGE = "high-availability/"
"""The page that a section is an anchor of, where it does not name another: `setup-ha-etcd-with-kubeadm/#anchor`, or
one elsewhere: `/docs/tasks/…/#anchor`."""

_DOCUMENTATION = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/"


def link(section: str) -> str:
    """Where a section is to be read."""
    if section.startswith("/"):
        return f"https://kubernetes.io{section}"
    return f"{_DOCUMENTATION}{section}" if "#" in section else f"{_DOCUMENTATION}{PAGE}#{section}"


class State(IntEnum):
    """How far a cluster has come; each state includes those before it."""

    MACHINES = 1
    LOAD_BALANCED = 2
    ETCD = 3
    INITIALISED = 4
    READY = 5
    UPGRADED = 6


class Joins(StrEnum):
    """How control planes after the first one join."""

    SERIAL = "serial"
    PARALLEL = "parallel"


@dataclass(frozen=True)
class Step:
    """One named, timed entry of a procedure.

    `section` is the page's anchor, empty for what is the harness's own. A cluster has reached the state `leads_to` once
    every step that leads to it, or to an earlier one, is done. `correction` is what the section says or leaves out
    that this step corrects, empty for steps as documented.
    """

    name: str
    section: str
    leads_to: State
    action: Callable[[Cluster], None]
    correction: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The step alone, as an entry of a procedure."""
        return (self,)


@dataclass(frozen=True)
class Alongside:
    """Steps that do not depend on each other and run at once."""

    steps: tuple[Step, ...]

    @property
    def leads_to(self) -> State:
        """The state that all of them lead to."""
        return self.steps[0].leads_to


Procedure = tuple[Step | Alongside, ...]


def all_steps(procedure: Procedure) -> list[Step]:
    """Every step, in the order in which they are written."""
    return [step for entry in procedure for step in entry.steps]
