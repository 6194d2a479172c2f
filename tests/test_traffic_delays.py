"""How late a thread of traffic is: the harness measures whether it gets the processor."""

from __future__ import annotations

import threading

import pytest

from resilience.traffic.delays import Delay, Delays


def test_the_worst_delay_is_kept_and_heard_of_when_it_is_worse_than_before() -> None:
    heard: list[Delay] = []
    delays = Delays(heard.append)
    for late in (0.01, 0.3, 0.2, 0.5, 0.0):
        delays.woke(10.0, 10.0 + late)
    assert [round(each.seconds, 3) for each in heard] == [0.3, 0.5]
    assert delays.worst == heard[-1]


def test_a_thread_that_does_not_get_the_processor_is_late_by_that_much() -> None:
    times = iter([0.0, 0.0, 0.05, 0.05, 1.35, 1.35, 1.40, 1.40, 9.0])
    last = [0.0]

    def clock() -> float:
        last[0] = next(times, last[0])
        return last[0]

    class Stopped(threading.Event):
        def __init__(self) -> None:
            super().__init__()
            self.left = 3

        def wait(self, timeout: float | None = None) -> bool:
            self.left -= 1
            return self.left < 0

    delays = Delays(clock=clock)
    delays.work(Stopped())
    assert delays.worst.seconds == pytest.approx(1.25, abs=0.01)
