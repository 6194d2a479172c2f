"""`.venv/bin/python -P commandline/under_tox.py ARGUMENTS`: tox, which ends well on SIGTERM, too, and has no last word.

tox knows Ctrl-C, but dies of SIGTERM and leaves what it runs behind: the one is turned into the other. What a script
starts in the background ignores Ctrl-C, and so would everything that is started from here. The last line is that of
what was run: tox has nothing to add. Imports nothing of the project's, which is not on the path of tox's own Python.
"""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType

_INTERRUPTED = 130


def main() -> None:
    """Run tox on the arguments of this program; raises SystemExit with its exit status, or with 130 after a signal."""
    signalled: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        signalled.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    logging.disable(logging.CRITICAL)
    from tox.run import run  # type: ignore[import-not-found]  # only .venv has it

    try:
        run()
    finally:
        if signalled:
            raise SystemExit(_INTERRUPTED)


if __name__ == "__main__":
    main()
