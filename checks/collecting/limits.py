"""How long each step of collecting may take, in seconds. Together they end within half a minute, whatever is down.

A step ends when its last part does, so that these count only where something hangs.
"""

from __future__ import annotations

import time

FIRST = 8
"""The first questions to a machine: half a second, on a slow one three. It ends by itself, with what it has."""

LOGIN = 5
"""To log in: TCP's handshake gives up after as many."""

CONTROL_PLANE = 5
"""One list of nodes, of an API server that is up: a tenth of a second."""

OBJECTS = 8
"""All other objects, one kubectl after the other: each takes a tenth of a second."""

SECOND = 7
"""The second questions, side by side: each request ends within four seconds by itself, etcdctl within three."""

NAMES = 3
"""A name server that answers does so in milliseconds."""

EXCHANGE = 2
"""What sending a command and its answer may take beyond the command itself."""

ALL = 26
"""Everything. A large cluster has more, since this host logs in to each of its machines."""

EACH_MACHINE = 0.4
"""What a machine adds to that, and to each step: a login takes this host a tenth of a second of work."""


class Budget:
    """The time that is left of the whole, some of which may be `spent` before."""

    def __init__(self, spent: float = 0.0) -> None:
        self._began = time.monotonic() - spent

    @property
    def spent(self) -> float:
        """Seconds since the begin."""
        return time.monotonic() - self._began

    def step(self, seconds: float, machines: int) -> float:
        """What a step with these machines may take: never more than is left, and a second where nothing is."""
        more = EACH_MACHINE * machines
        return max(1, min(seconds + more, ALL + more - self.spent))
