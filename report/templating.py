"""How pages are drawn: everything is escaped, a name that does not exist is an error, and the style is shared."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from provision.util.durations import duration

_SHARED = Path(__file__).parent / "templates"


def environment(*folders: Path) -> Environment:
    """Templates of these folders, and of the report's own behind them."""
    made = Environment(
        loader=FileSystemLoader([*folders, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_kept(),
    )
    made.filters["duration"] = duration
    return made


def _kept() -> FileSystemBytecodeCache | None:
    """Compiled templates are kept where compiled Python is, if that is a folder of its own: it is half of a page."""
    folder = sys.pycache_prefix
    return FileSystemBytecodeCache(folder) if folder and os.access(folder, os.W_OK) else None
