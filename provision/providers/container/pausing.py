"""Processors that are taken away from containers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provision.artifacts.engines import Engine
from provision.providers.container.removal import run
from provision.util.errors import CommandFailed

_TRIES = 3  # runc gives up what the kernel could not stop at once, as on a busy host: "unable to freeze"


def pause(engine: Engine, going_on: Callable[[], Sequence[str]]) -> None:
    """Pause the containers that go on; those that the engine gave up are tried again. Raises CommandFailed."""
    for left in reversed(range(_TRIES)):
        try:
            if names := going_on():
                run(engine, "pause", *names)
            return
        except CommandFailed:
            if not left:
                raise
