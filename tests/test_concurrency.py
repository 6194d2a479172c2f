"""Doing things at once and waiting for them: results and errors in order, an interrupt for all, the last reason."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

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
    begun.join(10)
    assert (begun.is_alive(), ended.is_set()) == (False, True)


def _together_to_its_end(work: Callable[[int], None]) -> None:
    with pytest.raises(KeyboardInterrupt):
        together(work, [1, 2])


def test_an_interrupt_calls_everything_off(own_interrupt: None) -> None:
    ended: list[bool] = []

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        ended.append(True)
        raise Interrupted("called off")

    threading.Timer(0.3, lambda: os.kill(os.getpid(), 2)).start()
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


def test_what_ends_in_time_is_there_and_what_is_late_is_not() -> None:
    over = threading.Event()
    began = time.monotonic()
    found = within(0.3, lambda n: over.wait(20) and n if n == 2 else n * n, [3, 2, 1])
    over.set()
    assert (found, time.monotonic() - began < 5) == ([9, None, 1], True)


def test_nothing_to_do_within_a_time_is_nothing() -> None:
    assert within(0, lambda n: n, []) == []


def test_what_is_late_is_called_off() -> None:
    seen = threading.Event()

    def work(_: int) -> None:
        while not interrupted():
            time.sleep(0.01)
        seen.set()

    assert within(0.1, work, [1]) == [None]
    assert seen.wait(5)


def test_a_defect_within_a_time_goes_before_a_problem() -> None:
    def fail(n: int) -> None:
        raise CommandFailed("a machine's refusal") if n == 1 else ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        within(5, fail, [1, 2])


def test_an_interrupt_within_a_time_is_raised_at_once(own_interrupt: None) -> None:
    over = threading.Event()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        within(20, lambda _: over.wait(20), [1, 2])
    over.set()
    assert time.monotonic() - began < 5


def test_work_that_is_called_off_does_not_wait_within_a_time() -> None:
    over = threading.Event()

    def outer(_: int) -> list[bool | None]:
        return within(20, lambda _: over.wait(20), [1])

    began = time.monotonic()
    assert within(0.2, outer, [1]) == [None]
    over.set()
    assert time.monotonic() - began < 5
