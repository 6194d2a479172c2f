"""`./run` and signals, while something is waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkouts import HARNESS, ROOT, make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_call_when_the_program_that_it_waits_for_has_ended(checkout: Path, number: int) -> None:
    """The program may have something to finish, as an installation has."""
    begun, finished = checkout / "begun", checkout / "finished"
    (checkout / HARNESS).write_text(
        f"#!/bin/sh\ntrap \"touch '{finished}'; exit 0\" TERM INT\ntouch '{begun}'\nsleep 60 & wait $!\n"
    )
    started = subprocess.Popen([checkout / "run", "stacked"], stderr=subprocess.DEVNULL, start_new_session=True)
    until(begun.exists)
    os.killpg(started.pid, number)
    assert started.wait(20) == 130
    assert finished.exists()


def test_under_tox_a_request_to_terminate_is_an_interruption(tmp_path: Path) -> None:
    (tmp_path / "tox").mkdir()
    (tmp_path / "tox" / "__init__.py").touch()
    (tmp_path / "tox" / "run.py").write_text(TOX_THAT_WAITS)
    script = ROOT / "commandline" / "under_tox.py"
    started = subprocess.Popen(
        [sys.executable, "-P", script], env={"PYTHONPATH": str(tmp_path)}, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout
    assert started.stdout.readline() == "begun\n"
    started.send_signal(signal.SIGTERM)
    assert started.communicate(timeout=20)[0] == "interrupted\n"
    assert started.returncode == 130


TOX_THAT_WAITS = """
import sys, time
def run():
    try:
        print("begun", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(1)
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
