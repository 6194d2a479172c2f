"""Locks: a process that waits says for which one, and not for ever; one that only checks disturbs none."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from provision.clusters import locks as locks_
from provision.clusters.locks import ClusterLocks
from provision.recording.journal import CommandRecord, Journal, StepRecord
from provision.util import file_locks
from provision.util.errors import BadInput, TimedOut
from provision.util.redaction import Redactor

HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


class Heard:
    """The names of the steps that began."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step_started(self, step: StepRecord) -> None:
        self.steps.append(step.name)

    def step_finished(self, step: StepRecord) -> None: ...

    def command_finished(self, command: CommandRecord) -> None: ...


@contextlib.contextmanager
def _another_process(lock: Path) -> Iterator[subprocess.Popen[str]]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def journal(heard: Heard) -> Journal:
    return Journal("artifacts", Redactor(), (heard,))


def test_waiting_for_a_lock_names_its_holder_and_ends(tmp_path: Path, heard: Heard, journal: Journal) -> None:
    lock = tmp_path / "locks" / "a.lock"
    with _another_process(lock) as other:
        with pytest.raises(TimedOut, match=f"fill the store: process {other.pid} has held ") as caught:
            file_locks.held(lock, journal, "fill the store", limit=0.2, silent=0.05).__enter__()
        assert caught.value.fix.startswith(f"fuser -v {lock} ")
    assert heard.steps == [f"wait for process {other.pid}: fill the store"]


def test_a_short_wait_for_a_lock_is_not_mentioned(tmp_path: Path, heard: Heard, journal: Journal) -> None:
    lock = FileLock(tmp_path / "a.lock", thread_local=False)
    lock.acquire()
    threading.Timer(0.2, lock.release).start()
    with file_locks.held(tmp_path / "a.lock", journal, "fill the store", limit=60, silent=30):
        pass
    assert heard.steps == []


def test_the_lock_of_a_failed_build_is_free_again(tmp_path: Path, journal: Journal) -> None:
    with pytest.raises(KeyError), file_locks.held(tmp_path / "a.lock", journal, "fill the store", limit=1):
        raise KeyError
    with file_locks.held(tmp_path / "a.lock", journal, "fill the store", limit=1):
        pass


def test_a_holder_that_this_host_does_not_show_is_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.lock").touch()
    assert file_locks.holder(tmp_path / "a.lock", tmp_path / "none") == "another process"


def test_checking_a_lock_does_not_keep_a_run_from_the_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `status` or `clean` in the moment in which a run starts."""
    checking = FileLock(tmp_path / "cluster-one.lock", thread_local=False)
    checking.acquire()
    monkeypatch.setattr(locks_, "_CHECK", 30)
    threading.Timer(0.3, checking.release).start()
    ClusterLocks(tmp_path).take("one")


def test_a_cluster_that_is_worked_on_stays_refused(tmp_path: Path) -> None:
    with _another_process(tmp_path / "cluster-one.lock"):
        assert not ClusterLocks(tmp_path).is_free("one")
        with pytest.raises(BadInput, match="another process is working on one"):
            ClusterLocks(tmp_path).take("one")
    assert ClusterLocks(tmp_path).is_free("one")


def test_several_that_check_a_lock_at_once_see_the_same(tmp_path: Path) -> None:
    locks = ClusterLocks(tmp_path)
    wrong: list[bool] = []
    locks.take("one")
    locks.give_back("one")

    def check() -> None:
        wrong.extend(each for each in (ClusterLocks(tmp_path).is_free("one") for _ in range(2000)) if not each)

    threads = [threading.Thread(target=check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_checking_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    assert ClusterLocks(tmp_path / "locks").is_free("one")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_ones_own_is_not_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks = ClusterLocks(tmp_path)
    locks.take("one")
    locks.take("one")
    assert not locks.is_free("one")
    monkeypatch.setattr(locks_, "_CHECK", 60)
    began = time.monotonic()
    assert not ClusterLocks(tmp_path).is_free("one")
    assert time.monotonic() - began < 30
