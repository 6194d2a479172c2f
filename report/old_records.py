"""How records of older versions are read: what is a field today was a word of a message then, or a part of a name.

The one place that searches texts to decide something; what has the field never gets here. Pure.
"""

from __future__ import annotations

import re

_PARAMETER = re.compile(
    r"\[(?:(?P<before>.*)-)??(?P<cluster>[a-z]+-[a-z]+-1\.\d[a-z0-9.-]*):(?P<subject>[a-z0-9.]+)(?:-(?P<after>.*))?\]$"
)
"""`<cluster id>:<subject>`, with what other parametrizations put before or after it."""

_INTERRUPTED = 2
"""pytest's exit status, which it has for files that cannot be collected, too."""


def step_was_interrupted(error: str) -> bool:
    """Whether a step ended because the run was ended. Field: `interrupted` of a step."""
    return error in ("KeyboardInterrupt", "SIGTERM", "SystemExit")


def run_was_interrupted(exitstatus: object) -> bool:
    """Whether the user, or a signal, ended the run. Field: `interrupted` of the session."""
    return exitstatus == _INTERRUPTED


def was_blocked(reason: str) -> bool:
    """Whether a test was skipped since its cluster was broken before. Field: `blocked` of a test."""
    return "is broken at step" in reason or "could not be made" in reason


def broken_at(state: str) -> str:
    """The step at which a cluster broke; empty where it did not. Field: `broken_at` of a cluster."""
    begin = "broken at "
    return state.removeprefix(begin) if state.startswith(begin) else ""


def parameters(nodeid: str) -> tuple[str, str, str, tuple[str, ...]] | None:
    """Node id without its parameters, cluster, subject, other parameters; None where no cluster is named.

    Properties: `cluster` and `subject` of a test. A worker that died leaves a record without them, today as well.
    Machines' names with a hyphen in them cannot be distinguished from what stands behind them.
    """
    match = _PARAMETER.search(nodeid)
    if not match:
        return None
    others = tuple(filter(None, (match["before"], match["after"])))
    return nodeid[: match.start()], match["cluster"], match["subject"], others
