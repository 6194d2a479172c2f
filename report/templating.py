"""How pages are drawn: everything is escaped, a name that does not exist is an error, and the style is shared."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
    )
    made.filters["duration"] = duration
    return made
