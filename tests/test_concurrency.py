"""Doing things at once and waiting for them: results and errors in order, an interrupt for all, the last reason."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from provision.util import concurrency
from provision.util.concurrency import NotYet, interrupted, together, wait_until, within
from provision.util.errors import CommandFailed, Interrupted, TimedOut


def test_results_of_concurrent_actions_are_in_order() -> None:
    assert together(lambda n: n * n, [3, 1, 2]) == [9, 1, 4]


def test_the_first_error_by_order_is_raised() -> None:
    def fail(n: int) -> None:
        raise ValueError(str(n))

    with pytest.raises(ValueError, match="1"):
        together(fail, [1, 2])


@pytest.fixture
def own_interrupt() -> Iterator[None]:
    """Python's own handler: this run's lets only the first interrupt through."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_before_the_last_is_begun_calls_off_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that starts first may block while the others are yet to be started."""
    ended = threading.Event()

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        ended.set()

    submit = ThreadPoolExecutor.submit

    def interrupting(pool: ThreadPoolExecutor, *what: Any) -> Any:
        if pool._work_queue.qsize() or pool._threads:
            raise KeyboardInterrupt
        return submit(pool, *what)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", interrupting)
    begun = threading.Thread(target=_together_to_its_end, args=(work,), daemon=True)
    begun.start()
    begun.join(30)
    assert (begun.is_alive(), ended.is_set()) == (False, True)


def _together_to_its_end(work: Callable[[int], None]) -> None:
    with pytest.raises(KeyboardInterrupt):
        together(work, [1, 2])


def test_an_interrupt_calls_everything_off(own_interrupt: None) -> None:
    ended: list[bool] = []
    begun = threading.Barrier(3)

    def work(_: int) -> None:
        if begun.wait(30) == 0:
            os.kill(os.getpid(), signal.SIGINT)
        while not interrupted():
            time.sleep(0.01)
        ended.append(True)
        raise Interrupted("called off")

    with pytest.raises(KeyboardInterrupt):
        together(work, [1, 2, 3])
    assert ended == [True, True, True]


def test_waiting_quotes_the_last_reason() -> None:
    with pytest.raises(TimedOut, match="the sun is up") as caught:
        wait_until(lambda: NotYet("still dark"), timeout=0.05, what="the sun is up", every=0.01)
    assert caught.value.answer == "still dark"


def test_an_error_of_the_check_ends_the_wait() -> None:
    def check() -> NotYet | None:
        raise CommandFailed("it is dead")

    with pytest.raises(CommandFailed):
        wait_until(check, timeout=60, what="anything")


def test_what_ends_in_time_is_there_and_what_is_late_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    _pass_time_after(2, monkeypatch)
    found = within(0.3, lambda n: over.wait(60) and n if n == 2 else n * n, [3, 2, 1])
    late = not over.is_set()
    over.set()
    assert (found, late) == ([9, None, 1], True)


def _pass_time_after(results: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still until as many have ended: on a host of any speed, these are in time."""
    now, left = 0.0, results

    class Ended(queue.SimpleQueue[Any]):
        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            nonlocal now, left
            if left:
                left -= 1
                return super().get(timeout=30)
            now += timeout or 0
            raise queue.Empty

    monkeypatch.setattr(concurrency, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(concurrency, "queue", SimpleNamespace(SimpleQueue=Ended, Empty=queue.Empty))


def test_nothing_to_do_within_a_time_is_nothing() -> None:
    assert within(0, lambda n: n, []) == []


def test_what_is_late_is_called_off() -> None:
    seen = threading.Event()

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        seen.set()

    assert within(0.1, work, [1]) == [None]
    assert seen.wait(30)


def test_a_defect_within_a_time_goes_before_a_problem() -> None:
    def fail(n: int) -> None:
        raise CommandFailed("a machine's refusal") if n == 1 else ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        within(30, fail, [1, 2])


def test_an_interrupt_within_a_time_is_raised_at_once(own_interrupt: None) -> None:
    over, begun = threading.Event(), threading.Barrier(2)
    ended: list[int] = []

    def work(number: int) -> None:
        if begun.wait(30) == 0:
            os.kill(os.getpid(), signal.SIGINT)
        over.wait(60)
        ended.append(number)

    with pytest.raises(KeyboardInterrupt):
        within(60, work, [1, 2])
    assert not ended
    over.set()


def test_an_interrupt_within_a_time_before_the_last_is_begun_calls_off_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended, start, begun = threading.Event(), threading.Thread.start, list[threading.Thread]()

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        ended.set()

    def interrupting(thread: threading.Thread) -> None:
        if begun:
            raise KeyboardInterrupt
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupting)
    with pytest.raises(KeyboardInterrupt):
        within(60, work, [1, 2])
    assert ended.wait(30)


def test_work_that_is_called_off_does_not_wait_within_a_time() -> None:
    over = threading.Event()

    ended = threading.Event()

    def outer(_: int) -> None:
        within(120, lambda _: over.wait(120), [1])
        ended.set()

    assert within(0.2, outer, [1]) == [None]
    assert ended.wait(30)
    over.set()
