"""A check ends in time: with machines that hang, with an interrupt, and with fifty nodes."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from checks.collecting import limits, plugins
from provision.util.concurrency import interrupted
from provision.util.result import Result
from tests.collecting import of_inventory
from tests.simulated import cluster, unreachable

pytest_plugins = "tests.collecting_fixtures"
pytestmark = pytest.mark.usefixtures("names")


def test_a_machine_that_hangs_delays_nothing_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FIRST", 1)
    monkeypatch.setattr(limits, "LOGIN", 0)
    monkeypatch.setattr(limits, "EXCHANGE", 0)
    monkeypatch.setattr(limits, "EACH_MACHINE", 0)
    simulated = cluster()
    over = threading.Event()

    def hanging(command: str) -> Result | None:
        over.wait(30)
        return None

    simulated.hosts["w1"].broken = hanging
    began = time.monotonic()
    facts = of_inventory(simulated)
    over.set()
    assert time.monotonic() - began < 8
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

    def hanging(command: str) -> Result | None:
        over.wait(20)
        called_off.append(interrupted())
        return None

    simulated.hosts["w1"].broken = hanging
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        of_inventory(simulated)
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 5
    over.set()
    while not called_off and time.monotonic() < began + 10:
        time.sleep(0.01)
    assert called_off
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
    host, busy = simulated.hosts["cp1"], threading.Lock()

    def one_session(command: str) -> Result | None:
        if not busy.acquire(blocking=False):
            return unreachable(command)
        try:
            time.sleep(0.02)
            return None
        finally:
            busy.release()

    host.broken = one_session
    machine = of_inventory(simulated).machine("cp1")
    assert machine.reached.known
    assert machine.etcd.known
