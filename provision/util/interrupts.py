"""Ctrl-C, and what a service manager sends: the first ends the work, and nothing interrupts the tidying up again."""

from __future__ import annotations

import signal
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end_once() -> None:
    """Let the first SIGINT or SIGTERM from now on raise KeyboardInterrupt in the main thread, and none after it."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, _ignore)
    raise KeyboardInterrupt


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Unlike SIG_IGN, of which Python complains when a second signal is on its way, and which children inherit."""
