"""Two faults at once, as one: each is done, proved and undone where it hits by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.fault import Fault, Proof, Spared
from resilience.faults.scene import Scene, Step, Steps


@dataclass(frozen=True)
class _Within:
    """A step of one of them, in its own scene."""

    scene: Scene
    step: Step

    def do(self, scene: Scene) -> str:
        del scene
        printed = self.step.do(self.scene)
        self.scene.printed.append(printed)
        return printed

    def by_hand(self, scene: Scene) -> str:
        del scene
        return self.step.by_hand(self.scene)


class _Both:
    """Two faults, and the scene of each, which is made when it is chosen where they hit."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = faults
        self._scenes: list[Scene] = []

    def where(self, scene: Scene) -> list[Machine]:
        self._scenes = [Scene(scene.cluster, scene.board) for _ in self._faults]
        for fault, own in zip(self._faults, self._scenes, strict=True):
            own.hit = fault.where(own)
        missing = not all(each.hit for each in self._scenes)
        return [] if missing else list(dict.fromkeys(machine for own in self._scenes for machine in own.hit))

    def do(self, scene: Scene) -> Steps:
        del scene
        return [_Within(own, step) for fault, own in self._each() for step in fault.do(own)]

    def undo(self, scene: Scene) -> Steps:
        """The last one first."""
        del scene
        return [_Within(own, step) for fault, own in reversed(self._each()) for step in fault.undo(own)]

    def before(self, scene: Scene) -> str:
        del scene
        return json.dumps([fault.proof.before(own) for fault, own in self._each()])

    def seen(self, scene: Scene, earlier: str) -> str | NotYet:
        del scene
        notes: list[str] = json.loads(earlier)
        answers = [fault.proof.seen(own, note) for (fault, own), note in zip(self._each(), notes, strict=True)]
        late = next((each for each in answers if isinstance(each, NotYet)), None)
        return late or "; ".join(str(each) for each in answers)

    def lacking(self, scene: Scene) -> str:
        return next((why for fault in self._faults if (why := fault.lacking(scene))), "")

    def _each(self) -> list[tuple[Fault, Scene]]:
        return list(zip(self._faults, self._scenes, strict=True))


def at_once(one: Fault, other: Fault) -> Fault:
    """Both, as long as the longer one. Any way may be gone meanwhile: together they may leave no quorum."""
    both = _Both(one, other)
    proof = Proof(
        f"{one.proof.what}, and {other.proof.what}", both.seen, both.before, max(one.proof.within, other.proof.within)
    )
    return Fault(
        f"{one.name}-and-{other.name}", f"{one.what}; and {other.what}", f"{one.place}; and {other.place}", both.where,
        both.do, proof, one.bound + other.bound, "no acknowledged write is missing", both.undo,
        max(one.heals, other.heals, key=lambda bound: bound.seconds), tuple(dict.fromkeys((*one.links, *other.links))),
        tuple(each for each in one.topologies if each in other.topologies), max(one.hold, other.hold),
        frozenset({Spared.ALL}), lengthy=one.lengthy or other.lengthy, mute=one.mute or other.mute,
        lacking=both.lacking, kinds=lambda kind: one.kinds(kind) and other.kinds(kind),
    )  # fmt: skip
