"""Writes files that are there whole or not at all, whoever else reads them, or writes the same, meanwhile."""

from __future__ import annotations

import secrets
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
