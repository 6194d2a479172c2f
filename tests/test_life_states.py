"""States of a cluster's life: from moments to intervals, what is drawn, and what there is room for."""

from __future__ import annotations

from typing import Any

import pytest

from report.life import balancer, etcd, nodes, samples
from report.life.containers import PROGRAMS
from report.life.drawn import Bar, Change, levels, listed, thinned
from report.life.states import Point, Row, intervals
from resilience.inside import machines as inside_machines
from resilience.inside import nodes as inside_nodes
from tests.generated import NOW

ROW = Row("cp1", "kube-apiserver")


def states(*points: tuple[float, str, bool]) -> list[tuple[float, float, str, str]]:
    found = intervals([Point(ROW, at, state, exact=exact) for at, state, exact in points], 100, 200)
    return [(each.since, each.until, each.state, each.tone) for each in found]


def test_a_state_from_before_begins_with_the_life_and_the_last_one_goes_on() -> None:
    assert states((10, "runs", True), (150, "gone", True)) == [(100, 150, "runs", "good"), (150, 200, "gone", "bad")]


def test_what_was_over_before_the_life_or_began_after_it_is_left_out() -> None:
    assert states((10, "runs", True), (20, "gone", True), (90, "runs", True), (250, "gone", True)) == [
        (100, 200, "runs", "good")
    ]


def test_what_has_not_been_good_yet_waits_and_is_not_bad() -> None:
    assert states((100, "DOWN", True), (120, "UP", True), (130, "DOWN", True)) == [
        (100, 120, "DOWN", "waits"), (120, 130, "UP", "good"), (130, 200, "DOWN", "bad"),
    ]  # fmt: skip


def test_what_was_sampled_close_to_what_a_log_has_is_the_same_change() -> None:
    assert states((100, "UP", True), (150.0, "DOWN", True), (150.6, "DOWN", False), (152.0, "UP", False)) == [
        (100, 150, "UP", "good"), (150, 200, "DOWN", "bad"),
    ]  # fmt: skip


def test_what_was_sampled_far_from_what_logs_have_is_a_change() -> None:
    assert states((100, "UP", True), (160, "DOWN", False), (170, "UP", False))[1:] == [
        (160, 170, "DOWN", "bad"), (170, 200, "UP", "good"),
    ]  # fmt: skip


FAULT = {"fault": "etcd-leader-off", "times": {"wall": NOW}}


def sampled(what: str, where: str, *states: tuple[str, float, float]) -> list[tuple[str, str, str]]:
    inside = [
        {"what": what, "where": where, "state": state, "since": since, "until": until} for state, since, until in states
    ]
    found = intervals(samples.points([FAULT | {"inside": inside}], ["lb"]), NOW - 10, NOW + 60)
    return [(each.row.name, each.state, f"{each.since - NOW:.1f}") for each in found]


def test_a_process_that_has_taken_the_place_of_another_between_two_samples_is_a_restart() -> None:
    name = "kube-scheduler"
    assert sampled(name, "cp1", ("process 5", -5, 10), ("process 9", 10, 60)) == [
        (name, "runs", "-5.0"), (name, "gone", "10.0"), (name, "runs", "10.0"),
    ]  # fmt: skip


def test_what_was_not_sampled_any_more_is_not_known_unless_a_log_has_it() -> None:
    inside = [{"what": "etcd", "where": "cp1", "state": "process 5", "since": -5, "until": 10}]
    found = list(samples.points([FAULT | {"inside": inside}], []))
    log = [Point(Row("cp1", "etcd"), NOW - 8, "runs")]
    alone, beside = (intervals(some, NOW - 10, NOW + 60) for some in (found, [*log, *found]))
    assert [(each.since - NOW, each.until - NOW, each.already) for each in alone] == [(-5, 10, True)]
    assert [(each.since - NOW, each.until - NOW, each.already) for each in beside] == [(-8, 60, False)]


def test_a_process_that_was_stopped_is_in_that_state() -> None:
    found = sampled("etcd", "cp1", ("process 5", -5, 10), ("stopped", 10, 20), ("process 5", 20, 60))
    assert [state for _, state, _ in found] == ["runs", "stopped", "runs"]


@pytest.mark.parametrize(("where", "row"), [("cp1", "balancer, by lb"), ("cp1 by cp2", "balancer, by cp2")])
def test_servers_are_on_the_row_of_the_balancer_that_finds_them_so(where: str, row: str) -> None:
    found = sampled(inside_machines.BALANCER, where, ("UP", -5, 10), ("DOWN 1", 10, 60))
    assert found == [(row, "UP", "-5.0"), (row, "DOWN", "10.0")]


def test_samples_and_logs_have_the_same_rows() -> None:
    """The words are in two rooms, of which the lower must not know the upper."""
    assert set(PROGRAMS) == set(inside_machines.PROGRAMS.values())
    assert (etcd.NAME, nodes.NAME) == (inside_machines.ETCD, inside_nodes.NODE)
    [(row, *_)] = sampled(inside_machines.BALANCER, "cp1", ("UP", -5, 10))
    assert row == balancer.name("lb")


def test_records_of_faults_that_are_cut_off_have_no_samples() -> None:
    broken: list[dict[str, Any]] = [
        {},
        {"times": {"wall": "x"}},
        FAULT | {"inside": [None, {}, {"since": 1}, {"since": "a", "state": "UP"}]},
    ]
    assert list(samples.points(broken, [])) == []


def bar(since: float, until: float, anchor: str = "") -> Bar:
    return Bar(since, until, "passed", f"{since:g}", anchor)


def test_bars_that_overlap_are_below_each_other() -> None:
    assert [[each.since for each in level] for level in levels([bar(0, 10), bar(5, 7), bar(10, 12)])] == [[0, 10], [5]]


def test_bars_that_are_close_to_each_other_are_one_but_for_failures() -> None:
    found = thinned([bar(0, 1), bar(1.1, 2), bar(2.1, 3, "test-1"), bar(3.1, 4), bar(9, 10)], 0.5)
    assert [(each.since, each.until, each.anchor) for each in found] == [
        (0, 2, ""), (2.1, 3, "test-1"), (3.1, 4, ""), (9, 10, ""),
    ]  # fmt: skip
    assert found[0].title == "0 … 1.1 (2 in a row)"


def test_where_there_are_too_many_changes_failures_and_what_is_around_them_stay() -> None:
    changes = [Change(float(at), "cp1", "node", "Ready") for at in range(0, 1000, 10)]
    changes += [Change(505, "", "test", "fails", "failed", "test-1"), Change(3, "cp1", "node", "NotReady", "bad")]
    kept = listed(changes, 8)
    assert [each.at for each in kept] == [3, 480, 490, 500, 505, 510, 520, 530]
    assert listed(changes[:3], 8) == changes[:3]
