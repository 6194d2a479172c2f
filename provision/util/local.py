"""Commands on this host. They run in a process group of their own, which ends with the caller's interest in it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from provision.util.concurrency import interrupted
from provision.util.errors import CommandFailed, HostLacks, Interrupted, TimedOut
from provision.util.result import Result, last_lines

# However this process ends: an orphaned build would go on in a folder that is no longer its own.
_DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")

# The kernel forgets that signal where a set-uid program is started, and sudo is root's, so that its user cannot end it.
# A shell between them gets the signal, and has root end the whole process group: this shell, sudo, and the command.
_SUDO_DIES_WITH_US = (*_DIES_WITH_US, "sh", "-c", """\
trap 'trap "" TERM; sudo -n kill -TERM -- -$$; exit 143' TERM
sudo -n "$@" & wait $!""", "sh", *_DIES_WITH_US)  # fmt: skip
_AS_ROOT = "run as root, or give this user sudo with NOPASSWD in /etc/sudoers.d"
_NO_SPACE = "no space left on device"
_TIMEOUT = 120  # seconds, for what takes few; what may take longer on a slow or busy host says so itself
_REMOVAL = 1800  # gigabytes in small files, on a disk that is slow


def is_root() -> bool:
    """Whether this process needs no sudo."""
    return os.geteuid() == 0


def run(
    command: Sequence[str],
    *,
    root: bool = False,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = _TIMEOUT,
    check: bool = True,
) -> Result:
    """Run a command to its end. `root` goes through sudo where that is needed; `timeout` in seconds.

    Raises CommandFailed for an exit status other than 0 unless `check` is off, HostLacks when the program is missing
    or the disk is full, TimedOut when it takes too long. Whatever is raised, the command and its children are gone.
    """
    if not shutil.which(command[0]):
        raise HostLacks(f"{command[0]} is not installed on this host", fix="./run doctor --fix")
    if root and not is_root() and not shutil.which("sudo"):
        raise HostLacks(f"{command[0]} has to run as root, and sudo is not installed on this host", fix=_AS_ROOT)
    line = [*(_SUDO_DIES_WITH_US if root and not is_root() else _DIES_WITH_US), *command]
    process = subprocess.Popen(
        line, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        out, err = _output(process, timeout)
    except BaseException as error:
        _end(process, root=root)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
        if isinstance(error, subprocess.TimeoutExpired):
            raise TimedOut(f"`{_short(shlex.join(command))}` did not end within {timeout:.0f} s") from None
        raise
    result = Result(process.returncode, out, err)
    if check and not result.ok:
        raise _failure(command, result)
    return result


def _output(process: subprocess.Popen[str], timeout: float) -> tuple[str, str]:
    """Both streams when the process has ended; looks up now and then whether its work was called off."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return process.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            if interrupted():
                raise Interrupted("called off") from None
            if time.monotonic() >= deadline:
                raise


def remove_tree(folder: Path) -> None:
    """Remove a folder, as root where others own what is in it; fine where there is none."""
    if not is_root():
        with suppress(OSError):
            shutil.rmtree(folder)
    if folder.exists():
        run(["rm", "-rf", "--one-file-system", str(folder)], root=True, timeout=_REMOVAL)


def _failure(command: Sequence[str], result: Result) -> CommandFailed | HostLacks:
    answer = last_lines(result.stderr or result.stdout)
    line = shlex.join(command)
    if re.match("sudo: .*(password|terminal)|.* is not in the sudoers file", result.stderr):
        return HostLacks(f"{command[0]} has to run as root, and sudo refuses", answer=answer, fix=_AS_ROOT)
    if _NO_SPACE in result.stderr.lower():
        return HostLacks(
            f"the disk is full: `{_short(line)}`", answer=answer, fix="free some, or set HA_HOME elsewhere"
        )
    return CommandFailed(f"on this host: `{_short(line)}` exited with {result.rc}", answer=answer)


def _short(line: str) -> str:
    return line if len(line) <= 400 else line[:400] + " …"


def _end(process: subprocess.Popen[str], *, root: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if root and not is_root():
            with suppress(subprocess.TimeoutExpired):
                kill = ["sudo", "-n", "kill", f"-{int(number)}", "--", f"-{process.pid}"]
                subprocess.run(kill, check=False, timeout=10)
        else:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                return
        try:
            process.wait(10)
            return
        except subprocess.TimeoutExpired:
            continue
