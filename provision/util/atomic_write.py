"""Writes files, and lines at their ends, whole or not at all, also where another process reads or writes the same."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> Path:
    """Write a file beside its place and move it there; returns the path. Raises OSError, and then leaves nothing.

    `mode` is what the process's umask takes its part from, as it does for every new file.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.touch(mode)
        temporary.write_bytes(content)
        return temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def append_line(path: Path, data: object) -> None:
    """Append `data` as one line of JSON, all of it or nothing; makes the file, for its owner only. Raises OSError."""
    # Output of commands may carry undecodable bytes as surrogates; escaped with a backslash they are valid JSON.
    line = (json.dumps(data, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # or the end could be cut off of what another process wrote meanwhile
        _append_whole(descriptor, line)
    finally:
        os.close(descriptor)


def _append_whole(descriptor: int, line: bytes) -> None:
    """Write at the end of a file that nothing else writes to now; takes back what is written of a line by half."""
    size = os.fstat(descriptor).st_size
    # A process that was killed while it wrote has taken nothing back: its half line must not spoil this one.
    begin = b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
    if os.write(descriptor, begin + line) < len(begin + line):  # as on a disk that is full
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def folder_of_its_own(runs: Path, tail: str = "") -> Path:
    """Make a folder for its owner only, named by the time and `tail`; another process that does so gets another.

    Raises OSError.
    """
    name = f"{datetime.now():%Y-%m-%dT%H-%M-%S}{tail}"
    for each in (name, *(f"{name}-{number}" for number in range(2, 100))):
        with suppress(FileExistsError):
            (runs / each).mkdir(parents=True, mode=0o700)
            return runs / each
    raise FileExistsError(f"{runs / name}-99 exists")


def point_at(link: Path, folder: Path) -> None:
    """Let a link beside a folder lead to it, at no moment to nothing. Raises OSError."""
    temporary = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    try:
        temporary.symlink_to(folder.name)
        temporary.replace(link)
    finally:
        temporary.unlink(missing_ok=True)
