"""Writes files that are there whole or not at all, also for a process that reads or writes the same meanwhile."""

from __future__ import annotations

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
