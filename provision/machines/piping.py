"""Pipes in commands for machines."""

from __future__ import annotations

import shlex


def piped(*commands: str) -> str:
    """A pipe that fails where any part of it does: a shell by itself asks the last one alone. Pure.

    `pipefail` is bash's, and the login shell of a machine need not be bash.
    """
    return f"bash -o pipefail -c {shlex.quote(' | '.join(commands))}"
