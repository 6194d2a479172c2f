"""Requests along the time, as few numbers: nothing is lost on the way, and a run of any length has as many numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from resilience.availability import Gap, Operation
from resilience.faults.strips import strip, width
from resilience.histories.records import Loss


def request(invoked: float, answered: float | None, loss: Loss = Loss.NONE) -> Operation:
    return Operation("service", invoked, answered, loss)


def test_requests_are_counted_where_they_ended_and_gaps_are_those_that_the_control_had_not() -> None:
    requests = [request(10.0, 10.1), request(10.4, 10.6), request(11.0, 11.1, Loss.REFUSED), request(12.0, 12.1)]
    found = strip(requests, [Gap(10.1, 10.6), Gap(10.6, 12.1)], 0.5, injected=10.5, until=13.0)
    assert (found.begin, found.every) == (-0.5, 0.25)
    assert found.answered == [1, 0, 1, 0, 0, 0, 0, 0, 1]
    assert found.lost == [0, 0, 0, 0, 1]
    assert list(found.gaps) == [(0.1, 1.6)]


def test_what_was_never_answered_is_lost_at_the_end_and_what_ended_after_it_does_not_count() -> None:
    found = strip([request(1.0, None, Loss.TIMEOUT), request(1.2, 9.0)], [], 0.0, injected=1.0, until=2.0)
    assert (found.answered, found.lost) == ([], [0, 0, 0, 0, 1])


def test_a_way_without_requests_has_nothing_to_draw() -> None:
    found = strip([], [], 0.0, injected=1.0, until=2.0)
    assert (found.begin, found.answered, found.lost) == (0.0, [], [])


times = some.floats(0, 2000).map(lambda seconds: round(seconds, 3))
requests = some.lists(some.tuples(times, some.floats(0, 9), some.sampled_from([Loss.NONE, Loss.RESET])))


@given(requests, times, times)
def test_each_request_that_ended_is_in_one_step(
    made: list[tuple[float, float, Loss]], injected: float, until: float
) -> None:
    every = [request(begin, begin + took, loss) for begin, took, loss in made]
    found = strip(every, [], 0.0, injected, until)
    ended = [each for each in every if each.answered is not None and each.answered <= until]
    assert sum(found.answered) == sum(each.served for each in ended)
    assert sum(found.lost) == sum(not each.served for each in ended)
    assert max(len(found.answered), len(found.lost)) <= 321


@given(some.floats(-5, 100_000))
def test_a_step_is_a_multiple_of_the_least_and_a_run_has_a_limited_number_of_them(seconds: float) -> None:
    step = width(seconds)
    assert step % 0.25 == 0
    assert seconds / step <= 320
