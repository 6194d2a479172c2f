"""How late this process itself is: its threads' times mean nothing where it does not get the processor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_EVERY = 0.05  # seconds: twenty samples in the delay that makes a run void
_HEARD = 0.25  # seconds: a delay that is written down at once, since what comes after may be worse


@dataclass(frozen=True)
class Delay:
    """By how many seconds a thread woke too late, and when."""

    seconds: float = 0.0
    at: float = 0.0


class Delays:
    """Wakes at fixed times; `worst` is the latest that it was. `heard` gets each that is worse than all before."""

    def __init__(self, heard: Callable[[Delay], None] = lambda _: None, clock: Callable[[], float] = time.monotonic):
        self.worst = Delay()
        self._heard, self._clock = heard, clock

    def work(self, stopped: threading.Event) -> None:
        """Measure until stopped."""
        due = self._clock()
        while True:
            due += _EVERY
            ended = stopped.wait(max(0.0, due - self._clock()))
            now = self._clock()
            if ended:
                return
            self.woke(due, now)
            due = max(due, now - _EVERY)  # one delay counts once, and not for all the times that passed with it

    def woke(self, due: float, now: float) -> None:
        """Take one sample."""
        late = Delay(now - due, due)
        if late.seconds > self.worst.seconds:
            self.worst = late
            if late.seconds >= _HEARD:
                self._heard(late)
