"""Steps that undo what was done, whatever fails: what cannot be undone is named by the command that does it."""

from __future__ import annotations

from collections.abc import Callable

from provision.util.errors import Problem
from resilience.faults.scene import Scene, Step, Steps

_TRIED = 3  # times that a step is tried
_AGAIN = 5.0  # seconds between these: a machine whose network comes back answers by then


def undo(steps: Steps, scene: Scene, left: list[str], sleep: Callable[[float], None]) -> None:
    """Do each step, a few times where it fails; then add its command to `left`, and go on with the next one.

    Whatever else is raised, as by Ctrl-C, ends it: the commands of all that was not done by then are in `left`.
    """
    for number, step in enumerate(steps):
        try:
            if not _done(step, scene, sleep):
                left.append(step.by_hand(scene))
        except BaseException:
            left += [each.by_hand(scene) for each in steps[number:]]
            raise


def _done(step: Step, scene: Scene, sleep: Callable[[float], None]) -> bool:
    for attempt in range(_TRIED):
        if attempt:
            sleep(_AGAIN)
        try:
            step.do(scene)
            return True
        except Problem:
            continue
    return False
