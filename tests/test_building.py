"""A cluster on its way up: the order of steps, and what happens when one fails."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest

from provision.cluster import Cluster
from provision.clusters.bring_up import Building
from provision.config.cluster_id import ClusterId
from provision.config.topology import MachineSpec, Role
from provision.node.host_workarounds import EMULATION
from provision.procedure.stacked import procedure
from provision.procedure.step import Alongside, Joins, State, Step
from provision.recording.journal import CommandRecord, StepRecord
from provision.util.errors import ClusterBroken, CommandFailed, StepFailed
from provision.util.result import Result
from tests.fake_machine import FakeMachine, Replies, on
from tests.stand_ins import PROCEDURE, commands, fake_cluster

STACKED = ClusterId.parse("stacked-uploaded-1.37")
LOGS = "sudo journalctl --no-pager -o short-iso -n 20 -u kubelet -u containerd"


class Heard:
    """Remembers the names of steps in the order of their start."""

    def __init__(self) -> None:
        self.steps: list[StepRecord] = []

    def step_started(self, step: StepRecord) -> None:
        self.steps.append(step)

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None: ...


def _refusing(what: str, machine: str = "") -> Building:
    """A procedure in which commands with these words fail, on one machine or on all."""
    no = Result(1, "", "it refused")
    replies = {
        re.compile(re.escape(what)): on(machine, no) if machine else no,
        LOGS: "kubelet: a log line",
        **PROCEDURE,
    }
    return Building(fake_cluster(replies), procedure(STACKED, Joins.SERIAL), lambda _: None)


def test_a_procedure_runs_only_as_far_as_the_needed_state() -> None:
    building = Building(fake_cluster(PROCEDURE), procedure(STACKED, Joins.SERIAL), lambda _: None)
    building.reach(State.LOAD_BALANCED)
    assert not any("kubeadm" in command for command in commands(building.cluster, "cp1"))
    assert building.reached is State.LOAD_BALANCED


def test_every_machine_joins_once_with_the_printed_command() -> None:
    building = Building(fake_cluster(PROCEDURE), procedure(STACKED, Joins.SERIAL), lambda _: None)
    building.reach(State.READY)
    building.reach(State.READY)
    for name in ("cp2", "cp3", "w1", "w2", "w3"):
        joins = [command for command in commands(building.cluster, name) if "kubeadm join" in command]
        assert [("--control-plane" in command) for command in joins] == [name.startswith("cp")]


def test_emulated_processors_are_given_one_thing_at_a_time() -> None:
    threads: list[int] = []

    def alone(_cluster: Cluster) -> None:
        threads.append(threading.get_ident())

    steps = tuple(Step(name, "", State.READY, alone) for name in ("join the control planes", "join the workers"))
    Building(fake_cluster(workarounds=[EMULATION]), (Alongside(steps),), lambda _: None).reach(State.READY)
    assert threads == [threading.get_ident()] * 2


def test_nc_runs_before_the_other_control_planes_are_targets() -> None:
    """The page's order: the first control plane is a target, the connection is tested, then come the others."""
    heard = Heard()
    Building(fake_cluster(PROCEDURE, listeners=(heard,)), procedure(STACKED, Joins.SERIAL), lambda _: None).reach(
        State.LOAD_BALANCED
    )
    assert [step.name for step in heard.steps] == [
        "give the load balancer a name in DNS",
        "add the first control plane to the load balancer",
        "test the connection with nc",
        "add the remaining control planes",
    ]


def test_a_failure_names_step_command_answer_and_logs() -> None:
    building = _refusing("kubeadm join", "w2")
    with pytest.raises(StepFailed) as caught:
        building.reach(State.READY)
    text = str(caught.value)
    for part in ("join the workers", "on w2", "kubeadm join", "exited with 1", "it refused", "kubelet: a log line"):
        assert part in text


def test_a_failure_shows_the_logs_of_the_machine_that_failed_and_of_no_namesake() -> None:
    replies: Replies = {LOGS: lambda name, _: f"kubelet of {name}: a log line"}

    def fail(_: Cluster) -> None:
        raise CommandFailed("cp10 could not be made what it was", machine="cp10")

    cluster = fake_cluster(replies)
    more = {"cp10": FakeMachine(replies, MachineSpec("cp10", Role.CONTROL_PLANE, 30))}
    cluster = replace(cluster, machines={**cluster.machines, **more})
    with pytest.raises(StepFailed) as caught:
        Building(cluster, (Step("fail", "", State.READY, fail),), lambda _: None).reach(State.READY)
    assert "kubelet of cp10: a log line" in caught.value.answer


def test_a_failure_shows_no_token() -> None:
    with pytest.raises(StepFailed) as caught:
        _refusing("kubeadm join", "w2").reach(State.READY)
    assert "0123456789abcdef" not in str(caught.value).replace("sha256:1234567890123456", "")


def test_a_cluster_is_broken_after_a_failed_step_and_keeps_the_states_before_it() -> None:
    building = _refusing("kubeadm init")
    with pytest.raises(StepFailed):
        building.reach(State.READY)
    with pytest.raises(ClusterBroken, match="initialise the first control plane"):
        building.reach(State.READY)
    assert building.reach(State.LOAD_BALANCED) is building.cluster


def test_every_step_and_the_end_are_passed_to_what_remembers_them() -> None:
    passed: list[tuple[State, str]] = []
    building = Building(
        fake_cluster(PROCEDURE), procedure(STACKED, Joins.SERIAL), lambda b: passed.append((b.reached, b.broken_at))
    )
    building.reach(State.READY)
    assert passed[-1] == (State.READY, "")
    assert [state for state, _ in passed] == sorted(state for state, _ in passed)


def test_steps_that_another_process_has_run_are_not_run_again() -> None:
    passed: list[State] = []
    building = Building(fake_cluster(PROCEDURE), procedure(STACKED, Joins.SERIAL), lambda b: passed.append(b.reached))
    building.arrive()
    cluster = building.reach(State.READY)
    assert (passed, [each for name in cluster.machines for each in commands(cluster, name)]) == ([State.READY], [])


def test_secrets_that_init_printed_are_learnt() -> None:
    building = Building(fake_cluster(PROCEDURE), procedure(STACKED, Joins.PARALLEL), lambda _: None)
    building.reach(State.INITIALISED)
    assert "a" * 64 not in building.cluster.journal.redact(f"somewhere: {'a' * 64}")


def test_a_state_is_reached_by_the_last_of_its_steps_only() -> None:
    building = _refusing("nc -zv", "cp1")
    building.reach(State.LOAD_BALANCED)  # what nc answers is recorded, and judged by a scenario
    assert building.reached is State.LOAD_BALANCED
    halfway = _refusing("haproxy -c", "lb")
    with pytest.raises(StepFailed):
        halfway.reach(State.LOAD_BALANCED)
    assert halfway.reached is State.MACHINES


@pytest.mark.parametrize(("reached", "joins"), [(State.READY, 0), (State.INITIALISED, 1)])
def test_a_cluster_that_is_attached_to_goes_on_where_it_is(reached: State, joins: int) -> None:
    cluster = fake_cluster(PROCEDURE)
    Building(cluster, procedure(STACKED, Joins.SERIAL), lambda _: None).reach(State.INITIALISED)
    before = len(commands(cluster, "lb"))
    building = Building(cluster, procedure(STACKED, Joins.SERIAL), lambda _: None, reached)
    assert building.done == (joins == 0)
    building.reach(State.READY)
    assert (len(commands(cluster, "w1")), len(commands(cluster, "lb"))) == (joins, before)
