"""Doing independent things at once, and waiting for things to become true."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from provision.errors import TimedOut

T = TypeVar("T")
R = TypeVar("R")


def together(action: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`action` on every item at once, results in order; the first error by order is raised when all have ended.

    An interrupt does not wait for them: what they work with is about to be taken away.
    """
    things = list(items)
    if not things:
        return []
    pool = ThreadPoolExecutor(max_workers=len(things))
    futures = [pool.submit(contextvars.copy_context().run, action, thing) for thing in things]
    try:
        wait(futures)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [future.result() for future in futures]


def wait_until(check: Callable[[], str], timeout: float, what: str, every: float = 0.2) -> None:
    """Repeat `check` until it returns "" (ready); otherwise it returns the reason why not yet.

    `timeout` and `every` are seconds. Raises TimedOut quoting the last reason; what `check` itself raises ends the
    wait at once, which is how a check says that waiting is hopeless.
    """
    deadline = time.monotonic() + timeout
    while reason := check():
        if time.monotonic() >= deadline:
            raise TimedOut(f"{what}: not after {timeout:.0f} s", answer=reason)
        time.sleep(every)
