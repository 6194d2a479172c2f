"""Files that an inventory, or a configuration beside it, names."""

from __future__ import annotations

from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether it is one; not what is in a folder that may not be read, or has a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
