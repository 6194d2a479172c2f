"""Something to be done again and again in the background, for as long as it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Ticker:
    """Calls `beat` on a thread of its own, each time after as many seconds as it asked for, until stopped."""

    def __init__(self, beat: Callable[[], float]) -> None:
        self._beat = beat
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits a second for it, in case it hangs in a write."""
        self._stopped.set()
        self._thread.join(timeout=1)

    def _run(self) -> None:
        wait = 0.0
        while not self._stopped.wait(wait):
            wait = self._beat()
