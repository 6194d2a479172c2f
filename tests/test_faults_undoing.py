"""What undoes a fault: each step is tried, and what is left is named, whatever ends it."""

from __future__ import annotations

import pytest

from provision.util.errors import CommandFailed
from resilience.faults.scene import Scene
from resilience.faults.undoing import undo
from tests.made_up_faults import CLUSTER, Board, Clock, Steps


def undone(steps: Steps, left: list[str], clock: Clock) -> None:
    undo([steps.step("one"), steps.step("two")], Scene(CLUSTER, Board()), left, clock.sleep)


def test_each_step_is_done_once_and_at_once() -> None:
    steps, left, clock = Steps(), list[str](), Clock()
    undone(steps, left, clock)
    assert (steps.done, left, clock.now) == (["one", "two"], [], Clock().now)


@pytest.mark.parametrize(("times", "done", "left"), [(2, ["one", "two"], []), (3, ["two"], ["type one"])])
def test_a_step_that_fails_is_tried_three_times_and_then_named(times: int, done: list[str], left: list[str]) -> None:
    steps, found, clock = Steps(one=[CommandFailed("not yet")] * times), list[str](), Clock()
    undone(steps, found, clock)
    assert (steps.done, found) == (done, left)
    assert clock.now == Clock().now + 10  # between three tries


def test_what_ends_it_in_a_step_leaves_that_step_and_those_behind_it() -> None:
    steps, left = Steps(two=[KeyboardInterrupt()]), list[str]()
    with pytest.raises(KeyboardInterrupt):
        undone(steps, left, Clock())
    assert left == ["type two"]


def test_what_ends_it_between_two_tries_leaves_that_step_too() -> None:
    class Interrupted(Clock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    steps, left = Steps(one=[CommandFailed("not yet")]), list[str]()
    with pytest.raises(KeyboardInterrupt):
        undone(steps, left, Interrupted())
    assert left == ["type one", "type two"]
