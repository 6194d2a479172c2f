"""Runs that are ended from outside, in the middle of a step: clusters go, and nothing useless is printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from fixtures.plugin.ending import INTERRUPTED
from tests.fakes import ONE, TWO, make_project
from tests.notes import history, left, noted

pytest_plugins = "pytester"

STEP = "initialise the first control plane"
SCENARIOS = """
def test_early(machines): pass
def test_late(cluster): pass
def test_later(cluster): pass
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts pytest in a session of its own, and returns once as many steps block as requested."""
    make_project(pytester, monkeypatch, first=SCENARIOS)
    monkeypatch.setenv("FAKE_BLOCKS", STEP)
    running = []

    def begin(*arguments: str, blocked: int = 1, program: tuple[str, ...] = ("pytest",)) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *program, *arguments],
            cwd=pytester.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        deadline = time.monotonic() + 60
        while [what for what, _ in history(pytester.path)].count("blocked") < blocked:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def assert_quiet(output: str) -> None:
    for noise in ("KeyboardInterrupt", "Traceback", "INTERNALERROR", "Exception ignored", "BaseExceptionGroup"):
        assert noise not in output, output


@pytest.mark.parametrize(("where", "step"), [(STEP, STEP), ("podman run lb", "start the machines")])
def test_alone(start: Start, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, where: str, step: str) -> None:
    monkeypatch.setenv("FAKE_BLOCKS", where)
    process = start("-pno:xdist")
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == INTERRUPTED, output
    assert history(pytester.path) == [("made", TWO), ("blocked", "-"), ("removed", TWO)]
    assert left(pytester.path) == []
    assert_quiet(output)
    assert output.splitlines()[-1].startswith(f"interrupted in '{step}' of {TWO}; its machines were removed; ")
    assert "report: " in output.splitlines()[-1]
    report = (pytester.path / "runs" / "last" / "report.html").read_text()
    assert "… Interrupted" in report
    assert f"Interrupted in &#39;{step}&#39; of {TWO}; its machines were removed." in report
    assert ("Failed" in report, "failed." in report) == (False, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_selection_that_is_interrupted_ends_as_every_verb(
    start: Start, pytester: pytest.Pytester, number: signal.Signals
) -> None:
    process = start("-pno:xdist", program=("fixtures", "stacked"))
    process.send_signal(number)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 130, output
    assert left(pytester.path) == []
    assert_quiet(output)
    assert (pytester.path / "runs" / "last" / "report.html").exists()


def test_signals_that_follow_change_nothing(start: Start, pytester: pytest.Pytester) -> None:
    """Only the end of the interpreter itself, when all is done, can be cut short."""
    process = start("-pno:xdist")
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.01)
    output = process.communicate()[0]
    assert process.returncode in (INTERRUPTED, -signal.SIGINT, -signal.SIGTERM), output
    assert left(pytester.path) == []
    assert_quiet(output)
    assert " 1 passed, " in output


@pytest.mark.parametrize(
    ("number", "whole_group"),
    [(signal.SIGTERM, False), (signal.SIGINT, True)],
    ids=["the controller alone", "as from a terminal"],
)
def test_with_workers(start: Start, pytester: pytest.Pytester, number: signal.Signals, whole_group: bool) -> None:
    process = start("-n2", "--ha-kubernetes", "1.36,1.37", blocked=2)
    os.killpg(process.pid, number) if whole_group else process.send_signal(number)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == INTERRUPTED, output
    assert sorted(each for each in history(pytester.path) if each[0] == "removed") == [
        ("removed", ONE),
        ("removed", TWO),
    ]
    assert left(pytester.path) == []
    assert_quiet(output)


@pytest.mark.parametrize("keep", ["never", "failure"])
def test_a_worker_that_is_killed(start: Start, pytester: pytest.Pytester, keep: str) -> None:
    """What it was doing fails, and what it made goes, or stays where failures do."""
    process = start("-n1", "--max-worker-restart=0", "--ha-keep", keep)
    (worker,) = {each for what, _, each in noted(pytester.path) if what == "blocked"}
    os.kill(worker, signal.SIGKILL)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == pytest.ExitCode.TESTS_FAILED, output
    assert "crashed while running" in output
    assert left(pytester.path) == ([] if keep == "never" else [TWO])
    assert ("./run clean" in output) == (keep == "failure")
    assert_quiet(output)


def test_a_worker_that_is_replaced(start: Start, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next worker makes the cluster anew."""
    process = start("-n1")
    (worker,) = {each for what, _, each in noted(pytester.path) if what == "blocked"}
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while [what for what, _ in history(pytester.path)].count("blocked") < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)  # like a service manager
    output = process.communicate(timeout=60)[0]
    assert [what for what, _ in history(pytester.path)] == ["made", "blocked", "removed", "made", "blocked", "removed"]
    assert left(pytester.path) == []
    assert_quiet(output)
