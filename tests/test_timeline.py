"""Where steps and commands go on the line."""

from __future__ import annotations

from itertools import pairwise

import pytest

from provision.recording.journal import CommandRecord, StepRecord
from report.timeline import bars, scale


def step(start: float, stop: float | None) -> StepRecord:
    return StepRecord("c", "s", "", start, stop)


def command(start: float, stop: float, rc: int | None = 0) -> CommandRecord:
    return CommandRecord("c", "cp1", "s", "true", rc, "", "", start, stop)


def test_one_step_takes_the_whole_line() -> None:
    on = scale([step(100, 200)], 300)
    assert [on.place(moment) for moment in (0, 100, 150, 200, 999)] == [0, 0, 50, 100, 100]


def test_a_long_stretch_without_a_step_is_folded() -> None:
    on = scale([step(0, 50), step(5000, 5050)], 5050)
    assert on.place(50) == pytest.approx(100 * 50 / 103)
    assert on.place(5000) - on.place(50) == pytest.approx(100 * 3 / 103)
    assert "1 h 22 min" in on.folded[0].title


def test_a_short_one_is_not() -> None:
    assert scale([step(0, 50), step(51, 100)], 100).folded == ()


def test_a_step_without_an_end_goes_on_to_the_end_of_the_run() -> None:
    assert scale([step(0, None)], 50).place(25) == 50


def test_nothing_at_all() -> None:
    on = scale([], 0)
    assert on.ticks() == []
    assert bars([], on, {}) == []


def test_ticks_are_round_and_apart() -> None:
    ticks = scale([step(7, 107)], 107).ticks()
    assert [tick.label for tick in ticks[:3]] == ["0", "15 s", "30 s"]
    assert all(after.left - before.left >= 7 for before, after in pairwise(ticks))


def test_commands_at_once_are_below_each_other_and_others_in_a_row() -> None:
    on = scale([step(0, 100)], 100)
    rows = bars([command(0, 20), command(10, 30), command(20, 40)], on, {})
    assert [[bar.left for bar in row] for row in rows] == [[0, 20], [10]]


def test_a_crowd_of_short_commands_is_one_bar() -> None:
    on = scale([step(0, 1000)], 1000)
    ((bar,),) = bars([command(n, n + 0.5) for n in range(300)], on, {})
    assert "300 commands" in bar.title
    assert bar.width == pytest.approx(30, abs=0.1)


def test_a_failure_is_drawn_apart_from_a_crowd() -> None:
    on = scale([step(0, 1000)], 1000)
    (row,) = bars([command(0, 0.1), command(0.1, 0.2, 1), command(0.2, 0.3)], on, {})
    assert [bar.kind for bar in row] == ["ok", "not", "ok"]


def test_the_shortest_command_can_be_seen_even_at_the_end() -> None:
    on = scale([step(0, 1000)], 1000)
    ((bar,),) = bars([command(1000, 1000)], on, {})
    assert bar.width > 0
    assert bar.left + bar.width <= 100
