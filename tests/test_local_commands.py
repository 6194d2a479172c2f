"""Commands on this host: how one fails, and that none outlives its caller or its limit."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from provision.util import local
from provision.util.errors import CommandFailed, HostLacks, TimedOut
from provision.util.result import Result


def test_a_command_that_fails_says_how() -> None:
    with pytest.raises(CommandFailed, match="exited with 3") as caught:
        local.run(["sh", "-c", "echo because >&2; exit 3"])
    assert "because" in caught.value.answer


def test_a_missing_program_is_named() -> None:
    with pytest.raises(HostLacks, match="no-such-program"):
        local.run(["no-such-program"])


def test_a_full_disk_is_an_error_of_its_own() -> None:
    with pytest.raises(HostLacks, match="disk is full"):
        local.run(["sh", "-c", "echo 'write: no space left on device' >&2; exit 1"])


def test_a_command_that_takes_too_long_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "pid"
    output = local._output

    def of_what_has_begun(process: subprocess.Popen[str], timeout: float) -> tuple[str, str]:
        _wait_until(lambda: mark.exists() and mark.read_text().endswith("\n"))
        return output(process, timeout)

    monkeypatch.setattr(local, "_output", of_what_has_begun)
    with pytest.raises(TimedOut):
        local.run(["sh", "-c", f"sleep 300 & echo $! > {mark}; wait"], timeout=0.1)
    _wait_until(lambda: _is_gone(Path(f"/proc/{mark.read_text().strip()}/cmdline")))


def _is_gone(process: Path) -> bool:
    """Or a zombie that its parent has not waited for."""
    try:
        return process.read_bytes() == b""
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_command_as_root_ends_with_its_caller_for_every_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sudo gets no signal from the kernel, nor from its user: a shell before it gets one, and ends all as root."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(local, "is_root", lambda: False)
    program = f'echo "$*" >> {tmp_path}/calls\nshift\nexec "$@"'
    (tmp_path / "sudo").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "sudo").chmod(stat.S_IRWXU)
    assert local.run(["sh", "-c", "echo out; echo err >&2; exit 3"], root=True, check=False) == Result(
        3, "out\n", "err\n"
    )
    call = "from provision.util import local; local.is_root = lambda: False; local.run(['sleep', '60'], root=True)"
    caller = subprocess.Popen([sys.executable, "-c", call])
    _wait_until(lambda: "sleep 60" in (tmp_path / "calls").read_text())
    caller.kill()
    caller.wait()
    _wait_until(lambda: "kill" in (tmp_path / "calls").read_text())
    first, *_, last = (tmp_path / "calls").read_text().splitlines()
    group = last.removeprefix("-n kill -TERM -- -")
    assert first.startswith("-n setpriv --pdeathsig TERM -- ")
    _wait_until(lambda: not _group_lives(int(group)))


def _group_lives(group: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False)
    return any(not line.startswith("Z") for line in listed.stdout.splitlines())


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
