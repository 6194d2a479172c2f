"""A check ends in time: with machines that hang, with an interrupt, and with fifty nodes."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from checks.collecting import limits, plugins
from checks.collecting.questions import CLOCK
from provision.util.concurrency import interrupted
from provision.util.result import Result
from tests.collecting import of_inventory
from tests.simulated import cluster, unreachable

pytest_plugins = "tests.collecting_fixtures"
pytestmark = pytest.mark.usefixtures("names")


def test_a_machine_that_hangs_delays_nothing_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FIRST", 5)  # a busy host has read all others within these
    monkeypatch.setattr(limits, "LOGIN", 0)
    monkeypatch.setattr(limits, "EXCHANGE", 0)
    monkeypatch.setattr(limits, "EACH_MACHINE", 0)
    simulated = cluster()
    over = threading.Event()
    answered: list[str] = []

    def hanging(command: str) -> Result | None:
        over.wait(60)
        answered.append(command)
        return None

    simulated.hosts["w1"].broken = hanging
    facts = of_inventory(simulated)
    assert not answered
    over.set()
    assert facts.machine("w1").unreachable == "w1 (10.0.0.21) did not answer in time"
    assert facts.machine("w2").files.known


def test_limits_of_all_steps_together_end_within_half_a_minute() -> None:
    """With machines that hang in each step; the rest of the half minute is for what is not collecting."""
    budget = limits.Budget()
    login = limits.LOGIN + limits.FIRST + limits.EXCHANGE
    assert limits.ALL + 1 < 30
    assert login + limits.CONTROL_PLANE + 1 < limits.ALL
    budget._began -= limits.ALL + 5
    assert budget.step(login, 0) == 1
    assert limits.Budget(plugins.SECONDS).step(limits.ALL, 0) <= limits.ALL - plugins.SECONDS


def test_an_interrupt_ends_it_at_once_and_calls_off_what_runs() -> None:
    simulated, over = cluster(), threading.Event()
    called_off: list[bool] = []
    ended = threading.Event()

    def hanging(command: str) -> Result | None:
        if not called_off:
            os.kill(os.getpid(), signal.SIGINT)
        over.wait(60)
        called_off.append(interrupted())
        ended.set()
        return None

    simulated.hosts["w1"].broken = hanging
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        of_inventory(simulated)
    signal.signal(signal.SIGINT, before)
    assert not called_off
    over.set()
    assert ended.wait(30)
    assert all(called_off)


@pytest.mark.slow
def test_fifty_nodes_are_read_within_a_minute() -> None:
    """Each command takes half a second, as on machines that are busy."""
    simulated = cluster(control_planes=3, workers=47, delay=0.5)
    facts = of_inventory(simulated)
    assert len(facts.nodes) == 50
    assert all(each.files.known and each.reached.known for each in facts.nodes)
    assert facts.seconds < 60


def test_a_defect_of_a_thread_is_raised_and_not_swallowed() -> None:
    simulated = cluster()
    del simulated.hosts["w1"].answers["swap"]
    with pytest.raises(AssertionError, match="w1 does not know the question about swap"):
        of_inventory(simulated)


def test_sshd_that_refuses_many_sessions_at_once_is_requested_one_after_the_other() -> None:
    simulated = cluster()
    host, busy, refused = simulated.hosts["cp1"], threading.Lock(), threading.Event()

    def one_session(command: str) -> Result | None:
        if not busy.acquire(blocking=False):
            refused.set()
            return unreachable(command)
        try:
            if CLOCK in host.commands and command.startswith("sudo") and "kubectl" not in command:
                refused.wait(30)  # these come side by side, all before one after the other
            return None
        finally:
            busy.release()

    host.broken = one_session
    machine = of_inventory(simulated).machine("cp1")
    assert refused.is_set()
    assert machine.reached.known
    assert machine.etcd.known
