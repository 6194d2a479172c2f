"""Programs that `./run` starts and waits for: they have the terminal, and a signal is theirs to answer."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

INTERRUPTED = 130
"""The exit status of what a user or a signal interrupted."""

_KILLED = 128
"""What a shell adds to the number of the signal that ended a program."""


def call(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    to_stderr: bool = False,
) -> int:
    """The exit status of a program; INTERRUPTED where it was interrupted, whatever it made of that.

    With `to_stderr` its answers go there: standard output is for what follows.
    """
    signals: list[int] = []
    program: subprocess.Popen[bytes] | None = None

    def passed_on(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        if program and number == signal.SIGTERM:  # Ctrl-C reaches it by itself
            program.send_signal(number)

    before = {number: signal.signal(number, passed_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        program = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=sys.stderr.fileno() if to_stderr else None
        )
        status = program.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if signals:
        return INTERRUPTED
    return status if status >= 0 else _KILLED - status
