"""Faults at random: the same seed draws the same, and two at once are both done, proved and undone."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.subjects import random_faults
from fixtures.subjects.random_faults import Clock, again
from provision.config.balancers import BY_NAME, KINDS
from provision.config.topology import TOPOLOGIES
from provision.util.concurrency import NotYet
from resilience.faults.at_once import at_once
from resilience.faults.catalogue import FAULTS
from resilience.faults.catalogue import KINDS as FAULTS_BY_KIND
from resilience.faults.fault import Proof, Spared, none
from resilience.faults.mixing import can_be_at_once, drawn
from resilience.faults.outcome import RECORDS, Ended
from resilience.faults.running import WARM
from tests.fakes import ROOT, make_project
from tests.made_up_faults import Clock as MadeUpClock
from tests.made_up_faults import FakeTraffic, Steps, calm, made, runner
from tests.test_faults_catalogue import named, scene

pytest_plugins = "pytester"


def shown(seed: int, topology: str = "stacked", count: int = 30) -> list[tuple[object, ...]]:
    turns = drawn(seed, topology, count)
    return [(str(each), each.fault.hold, each.fault.later, each.fault.what, each.seed) for each in turns]


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    assert shown(7) == shown(7)
    assert shown(7, count=10) == shown(7)[:10]
    assert shown(7) != shown(8)
    assert [each[0] for each in shown(7)] != [each[0] for each in shown(7, "external")]


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("kind", KINDS, ids=[each.name for each in KINDS])
def test_what_is_drawn_can_be_done_there_is_over_soon_and_leaves_nothing(topology: str, kind: Any) -> None:
    turns = drawn(3, topology, 200, kind)
    for turn in turns:
        assert topology in turn.fault.topologies
        assert turn.fault.kinds(kind)
        assert not turn.fault.destructive
        assert turn.fault.prepare is none
        assert 2 <= turn.fault.hold <= 60
        assert 0 <= turn.fault.later <= 10
    assert len({each.seed for each in turns}) == len(turns)
    assert {"-and-" in each.fault.name for each in turns} == {True, False}
    assert any(kind.name in ("nginx",) and "nginx" in each.fault.name for each in turns) is (kind.name == "nginx")


def test_every_fault_that_may_be_drawn_is_drawn() -> None:
    names = {each.fault.name for each in drawn(1, "stacked", 2000)}
    wanted = {
        each.name
        for kind in ("processes", "machines", "network", "balancer", "etcd")
        for each in FAULTS_BY_KIND[kind]
        if "stacked" in each.topologies and each.kinds(KINDS[0]) and not each.destructive and each.hold <= 30
        if each.prepare is none and not each.lasts
    }
    assert {f"{each}-at-random" for each in wanted} <= names
    assert not any("join" in each or "upgrade" in each or "renewed" in each for each in names)


@pytest.mark.parametrize(
    ("one", "other", "possible"),
    [
        ("etcd-leader-killed", "first-control-plane-isolated", True),
        ("first-control-plane-isolated", "etcd-leader-killed", False),  # the other way round it is
        ("etcd-leader-killed", "first-control-plane-off", False),
        ("etcd-leader-killed", "etcd-follower-killed", False),
        ("scheduler-leader-killed", "first-control-plane-isolated", False),
        ("etcd-leader-killed", "endpoint-name-gone", False),
    ],
)
def test_two_come_at_once_where_neither_is_in_the_other_s_way(one: str, other: str, possible: bool) -> None:
    assert can_be_at_once(named(one), named(other)) is possible


def test_two_at_once_are_typed_where_each_hits_and_undone_the_last_one_first() -> None:
    both = at_once(named("etcd-leader-stopped"), named("etcd-follower-without-peers"))
    where = scene()
    where.hit = both.where(where)
    assert where.names == ["cp2", "cp3"]
    assert [step.by_hand(where).split()[3] for step in both.do(where)] == ["cp2", "cp3"]
    assert [step.by_hand(where).split()[3] for step in both.undo(where)] == ["cp3", "cp2"]
    assert both.spared == {Spared.ALL}


def test_two_at_once_are_done_proved_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MadeUpClock()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    steps, others = Steps(), Steps()
    one = made(steps, proof=Proof("a", lambda _, note: f"a after {note}", lambda _: "x"))
    other = made(others, proof=Proof("b", lambda _, note: f"b after {note}", lambda _: "y"))
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(at_once(one, other), calm(), seed=7003)
    assert (outcome.ended, outcome.proof) == (Ended.GREEN, "a after x; b after y")
    assert steps.done == others.done == ["do", "do-more", "undo", "undo-more"]
    kept = json.loads((tmp_path / RECORDS).read_text())
    assert (kept["fault"], kept["seed"]) == ("made-up-fault-and-made-up-fault", 7003)


@pytest.mark.parametrize("silent", [0, 1])
def test_where_one_of_two_is_not_proved_the_run_is_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: int
) -> None:
    clock = MadeUpClock()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    two = [made(Steps()), made(Steps())]
    two[silent] = made(Steps(), NotYet("0 packets"))
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(at_once(*two), calm())
    assert outcome.ended is Ended.VOID


def test_where_one_of_two_hits_nothing_neither_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, steps = MadeUpClock(), Steps()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    nowhere = replace(made(Steps()), where=lambda _: [])
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(at_once(made(steps), nowhere), calm())
    assert outcome.ended is Ended.RED
    assert steps.done == []


def test_a_fault_may_begin_later_than_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MadeUpClock()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    begin = clock.now
    outcome = runner(clock, tmp_path, FakeTraffic(clock)).run(made(Steps(), later=7.5), calm())
    assert outcome.times.injected - begin == pytest.approx(WARM + 7.5)


def test_turns_end_with_their_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MadeUpClock()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    limited, unlimited = Clock(2), Clock(None)
    clock.sleep(119)
    limited.expect_time()
    clock.sleep(2)
    unlimited.expect_time()
    with pytest.raises(pytest.skip.Exception, match="the 2 minutes are over"):
        limited.expect_time()


@pytest.mark.parametrize(
    ("options", "count", "typed"),
    [
        ({}, 20, "./run faults --random --seed 7"), ({"turns": 5}, 5, "./run faults --random --seed 7 --turns 5"),
        ({"minutes": 2.0}, 6, "./run faults --random --seed 7 --minutes 2"),
    ],
)  # fmt: skip
def test_what_is_typed_for_the_same_again(options: dict[str, Any], count: int, typed: str) -> None:
    option = SimpleNamespace(**({"seed": 7, "turns": None, "minutes": None} | options))
    config: Any = SimpleNamespace(option=option)
    assert again(config) == typed
    assert random_faults.count(option) == count


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch)
    shutil.copy(ROOT / "scenarios/test_faults.py", pytester.path / "scenarios/test_faults.py")
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return pytester


def collect(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.run(sys.executable, "-m", "fixtures", "faults", *arguments, "--collect-only", "-q", "-pno:xdist")


def names(collected: pytest.RunResult) -> list[str]:
    return [line for line in collected.outlines if "::" in line]


def test_each_fault_is_tried_once_without_the_option(project: pytest.Pytester) -> None:
    found = names(collect(project, "-k", "stacked"))
    assert len(found) == sum("stacked" in each.topologies for each in FAULTS)
    assert not any("at_random" in each for each in found)


def test_what_was_drawn_is_tried_with_it(project: pytest.Pytester) -> None:
    found = names(collect(project, "--random", "--seed", "7", "--turns", "4", "-k", "stacked"))
    turns = [str(each) for each in drawn(7, "stacked", 4, BY_NAME["haproxy"])]
    test = "scenarios/test_faults.py::test_cluster_keeps_its_promises_under_faults_at_random"
    assert found == [f"{test}[stacked-uploaded-1.37-faults:cluster-{each}]" for each in turns]


def test_a_seed_that_is_not_given_is_printed(project: pytest.Pytester) -> None:
    shown = project.run(sys.executable, "-m", "fixtures", "faults", "--random", "--collect-only", "-pno:xdist").outlines
    (line,) = [each for each in shown if each.startswith("faults at random: ")]
    assert line.removeprefix("faults at random: ./run faults --random --seed ").isdigit()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--seed", "7"], "--seed is about faults at random"),
        (["--random", "--turns", "3", "--minutes", "3"], "give one of them"),
    ],
)
def test_options_that_say_nothing_together_are_refused(
    project: pytest.Pytester, arguments: list[str], why: str
) -> None:
    refused = collect(project, *arguments)
    assert refused.ret == 2
    assert why in refused.stderr.str()
