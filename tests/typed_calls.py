"""Commands of this checkout as a person types them, from a folder that is not the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
CHOICES = {"HA_WORKERS": "0", "HA_VARIANT": "typed", "HA_KEEP": "never"}
"""In the environment, where they hold for every command. An inventory has three control planes or more."""

_PATIENCE = 120  # seconds to remove seven machines in, and a frozen copy of them


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command as called in a folder; what it says beside its answer is shown with the test."""
    started = begin(folder, *command)
    try:
        written, _ = started.communicate()
    except BaseException:  # interrupted: what was begun is removed by who began it
        end(started)
        raise
    print(f"$ {' '.join(command)}\n{written}")
    return subprocess.CompletedProcess(command, started.returncode, written)


def begin(folder: Path, *command: str, file: IO[str] | None = None) -> subprocess.Popen[str]:
    """A command as called in a folder, which goes on; all that it writes goes to a `file`, if one is given."""
    program = ROOT / command[0]
    return subprocess.Popen(
        [program, *command[1:]], cwd=ROOT if ".tox" in program.parts else folder, env=os.environ | CHOICES,
        stdin=subprocess.DEVNULL, stdout=file or subprocess.PIPE, stderr=file, text=True,
    )  # fmt: skip


def end(started: subprocess.Popen[str]) -> None:
    """Have a command remove what it began, if it goes on, and end."""
    started.terminate()
    started.wait(_PATIENCE)


def answer(folder: Path, *command: str) -> str:
    """What a command that ends well answers."""
    ended = call(folder, *command)
    assert ended.returncode == 0
    return ended.stdout


def columns(table: str, number: int) -> list[list[str]]:
    """The first columns of a table, line by line: some may be of clusters that are not the caller's."""
    return [line.split("\t")[:number] for line in table.splitlines()]


def is_decided(checked: str) -> bool:
    """Whether a check decided all; but for hashes of members, where one of 200 revisions came between their answers."""
    between = "1 undecided" in checked and "KHA-ETCD-012; cluster" in checked
    return "0 undecided" in checked or (between and "of different revisions" in " ".join(checked.split()))
