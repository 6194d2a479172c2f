"""What was not foreseen breaks a cluster, or an attempt, once: with its traceback, and nothing is tried again."""

from __future__ import annotations

import errno
import json
import re
from functools import partial

import pytest

from provision.cluster import Cluster
from provision.clusters.bring_up import Building
from provision.procedure.step import State, Step
from provision.recording.journal import CommandRecord, StepRecord
from provision.util.concurrency import together
from provision.util.errors import ClusterBroken, CommandFailed, StepFailed
from provision.util.result import Result
from tests.injections import UNFORESEEN
from tests.stand_ins import fake_cluster

STEP = "initialise the first control plane"


@pytest.mark.parametrize("name", UNFORESEEN)
def test_whatever_a_step_raises_breaks_its_cluster(name: str) -> None:
    ran: list[str] = []

    def act(_: Cluster) -> None:
        ran.append(name)
        UNFORESEEN[name][0]()

    building = Building(fake_cluster(), (Step("a step", "", State.READY, act),), lambda _: None)
    with pytest.raises(StepFailed) as caught:
        building.reach(State.READY)
    assert str(caught.value).count("Traceback (most recent call last)") == 1
    assert (UNFORESEEN[name][1] in str(caught.value), caught.value.__cause__) == (True, None)
    for _ in range(2):
        with pytest.raises(ClusterBroken, match="is broken at step 'a step', first failure: ") as again:
            building.reach(State.READY)
        assert "Traceback" not in str(again.value)
    assert ran == [name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_breaks_nothing(error: type[BaseException]) -> None:
    def act(_: Cluster) -> None:
        raise error

    building = Building(fake_cluster(), (Step("a step", "", State.READY, act),), lambda _: None)
    with pytest.raises(error):
        building.reach(State.READY)
    assert building.broken_at == ""


def test_a_refusal_of_a_machine_has_no_traceback_of_ours() -> None:
    def act(cluster: Cluster) -> None:
        cluster.kubectl("get", "nodes")

    refusing = fake_cluster({re.compile(r"kubectl get nodes$"): Result(1, "", "it was refused")})
    building = Building(refusing, (Step("a step", "", State.READY, act),), lambda _: None)
    with pytest.raises(StepFailed, match="it was refused") as caught:
        building.reach(State.READY)
    assert "Traceback" not in str(caught.value)


def test_an_unforeseen_error_shows_no_secret() -> None:
    def act(cluster: Cluster) -> None:
        cluster.journal.redact.learn("s3cr3t-s3cr3t-s3cr3t")
        raise KeyError("s3cr3t-s3cr3t-s3cr3t")

    building = Building(fake_cluster(), (Step("a step", "", State.READY, act),), lambda _: None)
    for error in (StepFailed, ClusterBroken):
        with pytest.raises(error, match="KeyError") as caught:
            building.reach(State.READY)
        assert "s3cr3t" not in str(caught.value)


def test_what_cannot_be_written_down_breaks_nothing_and_is_mentioned_once() -> None:
    heard: list[StepRecord] = []

    class Heard:
        def step_started(self, step: StepRecord) -> None: ...
        def step_finished(self, step: StepRecord) -> None:
            heard.append(step)

        def command_finished(self, command: CommandRecord) -> None: ...

    def full(_: Building) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    steps = tuple(Step(name, "", State.READY, lambda _: None) for name in ("one", "two"))
    building = Building(fake_cluster(listeners=(Heard(),)), steps, full)
    building.reach(State.READY)
    assert (building.reached, building.broken_at) == (State.READY, "")
    failed = [(step.name, step.error) for step in heard if step.error]
    assert failed == [("write down how far the cluster came", "OSError: [Errno 28] No space left on device")]


def _note(ran: list[str], name: str, _: Cluster) -> None:
    ran.append(name)


def test_observations_that_cannot_be_written_break_the_cluster_once() -> None:
    """That is not a full disk, but a step that observed what is not plain data."""
    ran: list[str] = []
    steps = tuple(Step(name, "", State.READY, partial(_note, ran, name)) for name in ("one", "two"))

    def write(_: Building) -> None:
        json.dumps({1, 2})

    building = Building(fake_cluster(), steps, write)
    with pytest.raises(StepFailed, match="TypeError: Object of type set is not JSON serializable"):
        building.reach(State.READY)
    with pytest.raises(ClusterBroken):
        building.reach(State.READY)
    assert ran == ["one"]


def test_a_defect_does_not_hide_behind_a_refusal() -> None:
    def act(which: int) -> None:
        raise CommandFailed("it was refused") if which == 0 else KeyError("endpoint")

    with pytest.raises(KeyError):
        together(act, [0, 1])
    with pytest.raises(CommandFailed):
        together(act, [0])
