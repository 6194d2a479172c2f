"""Something to be done again and again in the background, for as long as it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Ticker:
    """Calls `beat` on a thread of its own, each time after as many seconds as it asked for, until stopped.

    What `beat` raises ends it, and is `failure` from then on: silence must not pass for good news.
    """

    def __init__(self, beat: Callable[[], float]) -> None:
        self._beat = beat
        self._stopped = threading.Event()
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def stop(self, patience: float = 1) -> None:
        """End the thread; waits as many seconds for a beat that runs, in case it hangs."""
        self._stopped.set()
        self._thread.join(timeout=patience)

    def _run(self) -> None:
        wait = 0.0
        try:
            while not self._stopped.wait(wait):
                wait = self._beat()
        except Exception as error:
            self.failure = error
