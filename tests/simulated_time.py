"""What happens later, one thing at a time: each has a time of its own."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable


class Time:
    """`now` is in whole units of no meaning; `chance` says how much later something is."""

    def __init__(self, chance: random.Random) -> None:
        self.now = 0
        self._chance = chance
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing else happens later."""
        return not self._queue

    def later(self, start: float, what: Callable[[], None]) -> None:
        """Do something a while from now."""
        self._scheduled += 1
        at = self.now + start + self._chance.random() * 8
        heapq.heappush(self._queue, (at, self._scheduled, what))

    def until_quiet(self, before_each: Callable[[], None]) -> None:
        """Everything that is to happen, with what else may happen before each."""
        while self._queue:
            at, _, what = heapq.heappop(self._queue)
            self.now = max(self.now + 1, int(at))
            before_each()
            what()
