"""Doing independent things at once or in the background, waiting for things to become true, and ending all of it."""

from __future__ import annotations

import contextvars
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from provision.util.errors import Interrupted, Problem, TimedOut

T = TypeVar("T")
R = TypeVar("R")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C, and what a service manager sends


# Set when the waiting thread was interrupted. An interrupt reaches only the main thread; the others check this.
_interrupted: ContextVar[threading.Event | None] = ContextVar("interrupted", default=None)


def interrupted() -> bool:
    """Whether the work that this thread does was called off. Everything that blocks checks at least once a second."""
    event = _interrupted.get()
    return event is not None and event.is_set()


def together(action: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`action` on every item at once, results in order; when all have ended, the first error by order is raised.

    What is not a Problem goes first: it is a defect of the harness, and must not hide behind a machine's refusal. An
    interrupt calls all of them off and is raised again when they have ended.
    """
    things = list(items)
    if not things:
        return []
    event = _interrupted.get() or threading.Event()
    token = _interrupted.set(event)
    futures: list[Future[R]] = []
    with ThreadPoolExecutor(max_workers=len(things)) as pool:
        try:  # the first may work for long when the last is yet to be begun
            for thing in things:
                futures.append(pool.submit(contextvars.copy_context().run, action, thing))
            wait(futures)
        except BaseException:
            event.set()
            raise
        finally:
            _interrupted.reset(token)
    errors = [error for future in futures if (error := future.exception())]
    if errors:
        raise min(errors, key=lambda error: isinstance(error, Problem))
    return [future.result() for future in futures]


def within(seconds: float, action: Callable[[T], R], items: Iterable[T]) -> list[R | None]:
    """`action` on every item at once, results in order; None for each that has not ended within `seconds`.

    What is late is called off and left behind, on a thread that does not keep this process alive. The first error of
    those that ended is raised, as by `together`. An interrupt calls all off, and is raised at once.
    """
    things, deadline = list(items), time.monotonic() + seconds
    ended: queue.SimpleQueue[tuple[int, R | None, BaseException | None]] = queue.SimpleQueue()
    over = threading.Event()

    def work(number: int) -> None:
        _interrupted.set(over)
        try:
            ended.put((number, action(things[number]), None))
        except BaseException as error:
            ended.put((number, None, error))

    found: dict[int, tuple[R | None, BaseException | None]] = {}
    try:  # an interrupt may come when the last is yet to be begun
        for number in range(len(things)):
            threading.Thread(target=contextvars.copy_context().run, args=(work, number), daemon=True).start()
        while len(found) < len(things) and (left := deadline - time.monotonic()) > 0 and not interrupted():
            try:
                number, result, error = ended.get(timeout=min(left, 1))  # 1: whether this work was called off itself
            except queue.Empty:
                continue
            found[number] = result, error
    finally:
        over.set()
    errors = [error for _, (_, error) in sorted(found.items()) if error]
    if errors:
        raise min(errors, key=lambda error: isinstance(error, Problem))
    return [found.get(number, (None, None))[0] for number in range(len(things))]


@dataclass(frozen=True)
class NotYet:
    """Why something is not true yet, in words for people. A class of its own, since "" is easily taken for success."""

    reason: str


def wait_until(check: Callable[[], NotYet | None], timeout: float, what: str, every: float = 0.2) -> None:
    """Repeat `check` until it returns None (it is true); otherwise it returns why not yet.

    `timeout` and `every` are seconds. Raises TimedOut quoting the last reason, and Interrupted when the work is called
    off; what `check` itself raises ends the wait at once, which is how a check says that waiting is hopeless.
    """
    deadline = time.monotonic() + timeout
    while (answer := check()) is not None:
        if not isinstance(answer, NotYet):
            raise TypeError(f"{what}: the check returned {answer!r}, which is neither None nor NotYet")
        if time.monotonic() >= deadline:
            raise TimedOut(f"{what}: not after {timeout:.0f} s", answer=answer.reason)
        if interrupted():
            raise Interrupted("called off")
        time.sleep(every)


class Ticker:
    """Calls `beat` on a thread of its own, each time after as many seconds as it returned, until stopped.

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
