"""A cluster that faults are tried on: frozen before the first one, thawed where one has broken it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.subjects import faults
from fixtures.subjects.faults import Ground
from provision.clusters.frozen_copies import FrozenCopies
from provision.util.errors import BadInput, ClusterBroken, Problem
from provision.util.home import Home
from resilience.faults import health
from resilience.faults.catalogue import FAULTS
from resilience.faults.control import Control
from resilience.faults.fault import Fault
from resilience.faults.outcome import Outcome
from tests.stand_ins import fake_cluster

QUICK = next(each for each in FAULTS if not each.lengthy and not each.destructive)
LENGTHY = next(each for each in FAULTS if each.lengthy)
DESTRUCTIVE = next(each for each in FAULTS if each.destructive)
CLUSTER = fake_cluster(name="stacked-uploaded-1.37-faults")


class World:
    """Notes what is frozen, thawed and run; `sound` is what a fault leaves, `refused` what freezing or thawing says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.sound, self.refused = True, ""
        self.kept, self.copied = False, ""
        self.controls: list[Control] = []
        monkeypatch.setattr(faults, "Freezer", lambda _: self)
        monkeypatch.setattr(faults, "Runner", lambda *_: self)
        monkeypatch.setattr(health, "wait_until_healthy", lambda *_: self.done.append("healthy"))
        monkeypatch.setattr(faults, "spread_dns", lambda _: self.done.append("spread"))
        states = SimpleNamespace(read=lambda _: self, write=lambda state: None)
        self.clusters: Any = SimpleNamespace(registry=SimpleNamespace(states=states), provider_of=lambda _: None)
        self.copies = SimpleNamespace(remove=lambda _: self.done.append("remove"))

    def but(self, **changes: Any) -> World:
        return self

    def remove_abandoned(self, cluster: str) -> None:
        self.done.append(f"remove what is left of {cluster}")

    def freeze(self, cluster: str, name: str, *, kept: bool) -> None:
        assert not kept, "it is the run's own"
        self.copied = name
        if self.refused == "freeze":
            raise BadInput("not containers")
        self.done.append("freeze")

    def thaw(self, name: str, *, kept: bool) -> None:
        if self.refused == "thaw":
            raise Problem("no space")
        self.done.append("thaw")

    def control(self, seconds: float) -> Control:
        self.done.append(f"control of {seconds:g} s")
        return self.controls.pop() if self.controls else Control()

    def run(self, fault: Fault, control_of: Callable[[Fault], Control], seed: int | None) -> Outcome:
        control_of(fault)
        self.done.append(fault.name)
        outcome = Outcome(fault.name, "id", "1", "stacked", "", "", "", {}, {}, ())
        outcome.sound, outcome.times.injected = self.sound, 1.0
        return outcome


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def ground(world: World, folder: Path) -> Ground:
    return Ground(CLUSTER, world.clusters, folder)


CONTROL = "control of 15 s"
BEGIN = ["healthy", "spread", "remove what is left of stacked-uploaded-1.37-faults", "freeze", "healthy", CONTROL]


def test_a_cluster_is_frozen_once_and_faults_of_one_length_share_a_control(world: World, tmp_path: Path) -> None:
    found = ground(world, tmp_path)
    longer, as_long = replace(QUICK, lasts=90.0, hold=10.0), replace(LENGTHY, lasts=95.0, hold=5.0)
    for fault in (QUICK, QUICK, longer, QUICK, as_long):
        found.run(fault)
    assert world.done == [*BEGIN, *[QUICK.name] * 2, "control of 100 s", longer.name, QUICK.name, as_long.name]


def test_a_cluster_with_a_long_id_is_frozen_under_a_name_that_is_valid(world: World, tmp_path: Path) -> None:
    cluster = fake_cluster(name="external-uploaded-1.37-from-1.36-balancer-control-planes-faults")
    Ground(cluster, world.clusters, tmp_path).run(QUICK)
    FrozenCopies(Home(tmp_path)).expect_new(world.copied)


def test_a_control_that_says_nothing_is_tried_again_before_the_next_fault(world: World, tmp_path: Path) -> None:
    world.controls = [Control(wrong=("too busy",))]
    found = ground(world, tmp_path)
    for _ in range(3):
        found.run(QUICK)
    assert world.done == [*BEGIN, QUICK.name, CONTROL, QUICK.name, QUICK.name]


def test_a_cluster_is_thawed_after_what_is_destructive(world: World, tmp_path: Path) -> None:
    ground(world, tmp_path).run(DESTRUCTIVE)
    assert world.done[-2:] == ["thaw", "healthy"]


def test_a_cluster_is_thawed_where_it_is_not_sound(world: World, tmp_path: Path) -> None:
    world.sound = False
    ground(world, tmp_path).run(QUICK)
    assert world.done[-2:] == ["thaw", "healthy"]


@pytest.mark.parametrize(("refused", "why"), [("freeze", "not containers"), ("thaw", "no space")])
def test_a_cluster_that_cannot_be_thawed_is_broken_for_all_that_follow(
    world: World, tmp_path: Path, refused: str, why: str
) -> None:
    world.sound, world.refused = False, refused
    found = ground(world, tmp_path)
    found.run(QUICK)
    with pytest.raises(ClusterBroken, match=why):
        found.run(QUICK)


def test_the_frozen_copy_goes_at_the_end_where_there_is_one(world: World, tmp_path: Path) -> None:
    found = ground(world, tmp_path)
    found.close()
    assert world.done == []
    found.run(QUICK)
    found.close()
    assert world.done[-1] == "remove"


@pytest.mark.parametrize(
    ("reasons", "raised"), [({"red": ["a"]}, "Failed"), ({"void": ["a"]}, "Skipped"), ({"why": "a"}, "Skipped")]
)
def test_what_is_not_green_does_not_pass(reasons: dict[str, Any], raised: str) -> None:
    outcome = Outcome("a-fault", "id", "1", "stacked", "", "", "", {}, {}, (), **reasons)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 — pytest's own are no Exceptions
        faults.judge(outcome)
    assert type(caught.value).__name__ == raised


def test_every_fault_is_a_parameter_with_its_marks() -> None:
    marks = {str(each.id): {mark.name for mark in each.marks} for each in faults.parameters()}
    assert set(marks) == {each.name for each in FAULTS}
    assert "lengthy" in marks[LENGTHY.name] & marks[DESTRUCTIVE.name]
    assert "lengthy" not in marks[QUICK.name]
