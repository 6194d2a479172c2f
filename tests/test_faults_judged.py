"""What a run of a fault is by its history: gaps against bounds, ways that are spared, violations."""

from __future__ import annotations

from pathlib import Path

import pytest

from resilience.faults import judging
from resilience.faults.fault import Spared
from resilience.faults.outcome import Ended
from resilience.histories.records import Answered, Held, Invoked, Kind, Loss, Outcome, Record
from tests.made_up_faults import Clock, FakeTraffic, Steps, calm, made, runner

pytest_plugins = "tests.clock_fixtures"


def test_a_gap_that_is_longer_than_its_bound_is_red(clock: Clock, tmp_path: Path) -> None:
    fault = made(Steps(), hold=20.0)
    outcome = runner(clock, tmp_path, FakeTraffic(clock, silent=8)).run(fault, calm({"balancer-new": 0.5}))
    assert outcome.ended is Ended.RED
    assert outcome.red == ["balancer-new: no answer for 8.5 s, and 5.5 s is the bound"]


def test_a_way_that_is_spared_may_be_gone_as_long_as_the_fault(clock: Clock, tmp_path: Path) -> None:
    fault = made(Steps(), hold=20.0, spared=frozenset({Spared.BALANCER}))
    outcome = runner(clock, tmp_path, FakeTraffic(clock, silent=8)).run(fault, calm())
    assert outcome.ended is Ended.GREEN


def test_a_way_that_serves_no_more_is_red_though_it_is_spared(clock: Clock, tmp_path: Path) -> None:
    fault = made(Steps(), spared=frozenset({Spared.ALL}))
    outcome = runner(clock, tmp_path, FakeTraffic(clock, silent=1000)).run(fault, calm())
    assert outcome.ended is Ended.RED
    assert "until the end" in outcome.red[0]


def test_a_violation_is_red(clock: Clock, tmp_path: Path) -> None:
    twice: list[Record] = [
        Invoked(1, "api/cp1", Kind.CREATE, 1001.0, "k", "v"), Answered(1, Outcome.OK, 1001.1, 50),
        Invoked(2, "api/cp2", Kind.CREATE, 1001.2, "other", "w"), Answered(2, Outcome.OK, 1001.3, 50),
    ]  # fmt: skip
    outcome = runner(clock, tmp_path, FakeTraffic(clock, extra=twice)).run(made(Steps()), calm())
    assert outcome.ended is Ended.RED
    assert "duplicate-revision" in outcome.red[0]
    assert outcome.writes["ok"] == 2


def test_a_write_without_a_quorum_is_red(clock: Clock, tmp_path: Path) -> None:
    written: list[Record] = [
        Invoked(1, "api/cp1", Kind.CREATE, 1007.0, "k", "v"), Answered(1, Outcome.OK, 1007.2, 50),
        Invoked(2, "api/cp1", Kind.GET, 1014.0, "k"), Answered(2, Outcome.OK, 1014.1, 50, {"k": Held("v", 50)}),
    ]  # fmt: skip
    outcome = runner(clock, tmp_path, FakeTraffic(clock, extra=written)).run(made(Steps(), mute=True), calm())
    assert outcome.red == ["operation 1 of api/cp1: the create was accepted without a quorum"]


@pytest.mark.parametrize(
    ("spared", "way", "expected"),
    [
        ({Spared.HIT}, "api/cp1", True), ({Spared.HIT}, "api/cp2", False), ({Spared.HIT}, "balancer-new", False),
        ({Spared.BALANCER}, "balancer-kept", True), ({Spared.BALANCER}, "service", False),
        ({Spared.ALL}, "service", True), (set(), "api/cp1", False),
    ],
)  # fmt: skip
def test_which_ways_are_spared(spared: set[Spared], way: str, expected: bool) -> None:
    assert judging.is_spared(frozenset(spared), ["cp1"], way) is expected


@pytest.mark.parametrize(("for_good", "ended"), [(True, Ended.GREEN), (False, Ended.RED)])
def test_an_api_server_that_is_gone_for_good_need_not_answer(
    clock: Clock, tmp_path: Path, for_good: bool, ended: Ended
) -> None:
    lost = [
        each
        for number in range(80)
        for each in (
            Invoked(5000 + number, "api/cp3", Kind.GET, 1005.5 + number / 2, "a"),
            Answered(5000 + number, Outcome.FAILED, 1005.6 + number / 2, loss=Loss.REFUSED),
        )
    ]
    traffic = FakeTraffic(clock, extra=lost)
    outcome = runner(clock, tmp_path, traffic).run(made(Steps(), for_good=for_good), calm())
    assert outcome.ended is ended, outcome.red
