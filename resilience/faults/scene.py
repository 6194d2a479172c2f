"""A cluster under a fault: which machines it hits, and the steps that do and undo it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.providers.provider import Power
from provision.util.concurrency import together

_STEP = 90  # seconds for a command: defragmenting, or filling a small quota, on a busy host


class Switchboard(Protocol):
    """Machines, switched from outside."""

    def switch(self, machines: Sequence[str], power: Power) -> None:
        """Do it; raises a Problem."""

    def by_hand(self, machines: Sequence[str], power: Power) -> str:
        """The command that does it."""


@dataclass
class Scene:
    """A cluster, its switchboard, and the machines that were chosen.

    `printed` is what the steps printed, in order, and `notes` what a reader should know of it, in sentences.
    """

    cluster: Cluster
    board: Switchboard
    hit: Sequence[Machine] = field(default_factory=tuple)
    printed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Have the record of this run say something; secrets are taken out of it."""
        self.notes.append(self.cluster.journal.redact(sentence))

    def without(self, gone: Collection[str]) -> Cluster:
        """The cluster without some of its machines, which are not expected to come back."""
        left = {name: machine for name, machine in self.cluster.machines.items() if name not in gone}
        return replace(self.cluster, machines=left)

    @property
    def machine(self) -> Machine:
        """The one that was chosen, or the first one."""
        return self.hit[0]

    @property
    def names(self) -> list[str]:
        """What the chosen ones are called."""
        return [each.name for each in self.hit]

    @property
    def others(self) -> list[Machine]:
        """The members of etcd, or control planes, that the fault leaves alone."""
        cluster = self.cluster
        return [each for each in (*cluster.etcd_machines, *cluster.control_planes) if each not in self.hit]


class Step(Protocol):
    """One thing that is done, and that a person can do as well."""

    def do(self, scene: Scene) -> str:
        """Do it; returns what was printed, and raises a Problem where it was not done."""

    def by_hand(self, scene: Scene) -> str:
        """The command to type."""


@dataclass(frozen=True)
class Shell:
    """A command on a machine. What undoes something ends well where there is nothing to be undone."""

    machine: Machine
    command: str
    timeout: float = _STEP

    def do(self, scene: Scene) -> str:
        del scene
        return self.machine.succeed(self.command, timeout=self.timeout)

    def by_hand(self, scene: Scene) -> str:
        return f"./run ssh {scene.cluster.id} {self.machine.name} {self.command}"


@dataclass(frozen=True)
class Call:
    """Several commands, of which later ones depend on what earlier ones answered. `typed` is what a person types.

    Its function returns what was printed; each of its commands has a limit of its own.
    """

    machine: Machine
    typed: str
    action: Callable[[Scene], str]

    def do(self, scene: Scene) -> str:
        return self.action(scene)

    def by_hand(self, scene: Scene) -> str:
        return f"./run ssh {scene.cluster.id} {self.machine.name} {self.typed}"


@dataclass(frozen=True)
class Switch:
    """Machines that are switched off, on, to pause or to go on."""

    machines: tuple[str, ...]
    power: Power

    def do(self, scene: Scene) -> str:
        scene.board.switch(self.machines, self.power)
        return ""

    def by_hand(self, scene: Scene) -> str:
        return scene.board.by_hand(self.machines, self.power)


@dataclass(frozen=True)
class AtOnce:
    """Steps that are done at the same time."""

    steps: tuple[Step, ...]

    def do(self, scene: Scene) -> str:
        return "\n".join(together(lambda step: step.do(scene), self.steps))

    def by_hand(self, scene: Scene) -> str:
        return "\n".join(step.by_hand(scene) for step in self.steps)


@dataclass(frozen=True)
class Wait:
    """So many seconds in which nothing is done."""

    seconds: float

    def do(self, scene: Scene) -> str:
        del scene
        time.sleep(self.seconds)
        return ""

    def by_hand(self, scene: Scene) -> str:
        del scene
        return f"sleep {self.seconds:.0f}"


Steps = Sequence[Step]
"""What is done, in its order."""
