"""Reading a cluster's inside while time goes on: one connection for many samples, and a new one where it has ended."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import cast

import pytest

from provision.machines.ssh import SshMachine
from provision.util.errors import Unreachable
from resilience.inside import recording
from resilience.inside.intervals import ANSWERS, Thing
from resilience.inside.machines import BALANCER, MACHINE, Wanted
from resilience.traffic.clients import Running


class Talking:
    """A machine whose conversations are local shells."""

    name = "lb"

    def __init__(self, *scripts: str) -> None:
        self.scripts, self.logins = list(scripts), 0

    def conversation(self, command: str) -> subprocess.Popen[bytes]:
        del command
        self.logins += 1
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        if not script:
            raise Unreachable("it is off")
        return subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def read(machine: Talking, monkeypatch: pytest.MonkeyPatch, samples: int) -> recording._Machine:
    """Read until there are so many samples, and end."""
    monkeypatch.setattr(recording, "EVERY", 0.01)
    source = recording._Machine(cast(SshMachine, machine), Wanted(balancer=True))
    running = Running("reading", source.work)
    _wait(lambda: len(source.samples) >= samples)
    running.stop()
    source.interrupt()
    assert running.join(time.monotonic() + 30)
    assert running.failure is None
    return source


def _wait(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_login_is_enough_for_many_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Talking("while read -r _; do echo 'B cp1 UP;'; done")
    source = read(machine, monkeypatch, 20)
    assert source.samples[-1].states == {Thing(MACHINE, "lb"): ANSWERS, Thing(BALANCER, "cp1"): "UP"}
    assert machine.logins == 1


def test_an_empty_line_is_an_answer_and_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Talking("while read -r _; do echo; done")
    assert read(machine, monkeypatch, 20).samples[0].states == {Thing(MACHINE, "lb"): ANSWERS}
    assert machine.logins == 1


def test_a_connection_that_ended_is_made_again_also_where_the_machine_was_off(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Talking("read -r _; echo 'B cp1 UP;'", "", "exit 1", "while read -r _; do echo 'B cp1 DOWN;'; done")
    source = read(machine, monkeypatch, 5)
    states = [each.states[Thing(BALANCER, "cp1")] for each in source.samples[:3]]
    assert states == ["UP", "DOWN", "DOWN"]
    assert machine.logins == 4


def test_part_of_a_line_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Talking("read -r _; printf 'B cp1 DOWN;'", "while read -r _; do echo 'B cp1 UP;'; done")
    assert read(machine, monkeypatch, 2).samples[0].states[Thing(BALANCER, "cp1")] == "UP"


def test_a_machine_that_hangs_ends_with_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "EVERY", 0.01)
    source = recording._Machine(cast(SshMachine, Talking("sleep 300")), Wanted(balancer=True))
    running = Running("reading", source.work)
    _wait(lambda: source._process is not None)
    running.stop()
    source.interrupt()
    assert running.join(time.monotonic() + 30)
    assert source.samples == []


def test_a_socket_that_is_missing_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = read(Talking("while read -r _; do echo 'N;'; done"), monkeypatch, 5)
    assert len(source.gaps) == 1
    assert "no stats socket" in next(iter(source.gaps))


def test_what_is_stopped_before_it_began_does_not_log_in() -> None:
    machine, stopped = Talking("cat"), threading.Event()
    stopped.set()
    recording._Machine(cast(SshMachine, machine), Wanted(balancer=True)).work(stopped)
    assert machine.logins == 0
