"""Commands of this checkout as a person types them, from a folder that is not the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHOICES = {"HA_WORKERS": "0", "HA_VARIANT": "typed", "HA_KEEP": "never"}
"""In the environment, where they hold for every command. An inventory has three control planes or more."""

_PATIENCE = 60  # seconds to remove four machines in


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command as called in a folder; what it says beside its answer is shown with the test."""
    program = ROOT / command[0]
    started = subprocess.Popen(
        [program, *command[1:]], cwd=ROOT if ".tox" in program.parts else folder, env=os.environ | CHOICES,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        written, _ = started.communicate()
    except BaseException:  # interrupted: what was begun is removed by who began it
        started.terminate()
        started.wait(_PATIENCE)
        raise
    print(f"$ {' '.join(command)}\n{written}")
    return subprocess.CompletedProcess(command, started.returncode, written)


def answer(folder: Path, *command: str) -> str:
    """What a command that ends well answers."""
    ended = call(folder, *command)
    assert ended.returncode == 0
    return ended.stdout
