"""A checkout of the project whose programs only record what they are called with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RECORDER = """#!/bin/sh
{ for each; do printf '%s\\n' "$each"; done; echo END; } >> FOLDER/calls
echo "${HA_HOME:-} ${HA_INVENTORY:-} ${HA_RUN_DIR:-}" >> FOLDER/variables
echo "$PWD" >> FOLDER/folders
echo "${PYTHONPATH:-}" >> FOLDER/paths
case "$*" in
  *"in_harness host"*) exit "${DOCTOR_STATUS:-0}" ;;
  *under_tox*) exit "${TOX_STATUS:-0}" ;;
esac
"""
TOX = ".venv/bin/tox", ".venv/bin/python"
HARNESS = ".tox/harness/bin/python"

NEEDED = (
    "run", "pyproject.toml", "tox.ini", "fixtures/__init__.py", "fixtures/selections.py", "provision/__init__.py",
    "provision/cli/__init__.py", "provision/cli/verb_table.py", "provision/util/__init__.py",
    "provision/util/errors.py", "provision/util/arguments.py", "provision/util/foreground.py",
)  # fmt: skip
"""What `./run` itself is made of, beside `commandline/`: nothing else is there to be imported, no dependency either."""


def make(beside: Path) -> Path:
    """`run` beside those programs, in a folder of `beside`; its path."""
    folder = beside / "a checkout"
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(ROOT / "commandline", folder / "commandline", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*TOX, HARNESS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(RECORDER.replace("FOLDER", f"'{folder}'"))
        (folder / name).chmod(0o755)
    (folder / ".tox" / "harness" / "ready").touch()
    return folder


def call(
    checkout: Path, *arguments: str, here: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """`./run` as called from `here`, or in the folder beside the checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HA_", "PYTHON"))}
    clean["PATH"] = f"{sys.base_prefix}/bin:{clean['PATH']}"  # whose Python has no dependency of the harness
    return subprocess.run(
        [checkout / "run", *arguments], cwd=here or checkout.parent, check=False, capture_output=True, text=True,
        env=clean | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
    )  # fmt: skip


def calls(checkout: Path, *arguments: str) -> list[list[str]]:
    """What programs were called with, in order, when `./run` was."""
    ended = call(checkout, *arguments)
    assert ended.returncode == 0, ended.stderr
    return recorded(checkout)


def recorded(checkout: Path) -> list[list[str]]:
    file = checkout / "calls"
    return [each.splitlines() for each in file.read_text().split("END\n")[:-1]] if file.exists() else []
