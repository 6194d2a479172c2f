"""The environments in which everything else runs: tox in .venv, and the harness's dependencies in .tox/harness."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from provision.util import foreground
from provision.util.errors import Problem

_TOX = "tox>=4.24"  # the oldest that knows dependency groups, as pyproject.toml has them
_TOX_CHANGES = ("pyproject.toml", "tox.ini")


def tox(root: Path) -> Path:
    """The tox of a checkout, installed where it is missing; raises Problem where that fails."""
    program = root / ".venv" / "bin" / "tox"
    if not program.exists():
        say("making .venv with tox")
        _install([sys.executable, "-m", "venv", str(root / ".venv")])
        _install([str(root / ".venv" / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", _TOX])
    return program


def harness(root: Path) -> Path:
    """The Python that has the harness's dependencies; installed where they are missing or may have changed."""
    python, ready = root / ".tox" / "harness" / "bin" / "python", root / ".tox" / "harness" / "ready"
    changed = max((root / name).stat().st_mtime for name in _TOX_CHANGES)
    if not ready.exists() or ready.stat().st_mtime < changed:
        program = tox(root)
        say("installing the harness's dependencies into .tox")
        in_tox(program, root, "harness")
        ready.touch()
    return python


def in_tox(program: Path, root: Path, environment: str) -> None:
    """Have tox make an environment, and say aloud what goes wrong; raises Problem."""
    _install([str(program), "run", "-qq", "-e", environment, "--notest"], folder=root)


def _install(command: Sequence[str], folder: Path | None = None) -> None:
    """Run an installer, whose own words are on standard error."""
    status = foreground.call(command, folder=folder, to_stderr=True)
    if status:
        raise Problem(f"{' '.join(command)} exited with {status}, and says why above")


def say(text: str) -> None:
    """A line for people."""
    print(f"run: {text}", file=sys.stderr, flush=True)
