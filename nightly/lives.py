"""Where the page of a red scenario leads: to the life of its cluster in the first red run, as it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nightly.attempts import Attempt
from nightly.history import Cell
from nightly.store import Store
from report.life import addresses


def address(cell: Cell) -> str:
    """Where the first red run of a scenario has what else happened, from the root; empty where it was not kept."""
    red = cell.first_red
    if red is None or not (file := _file(red)):
        return ""
    failures = [each for each in red.failures(cell.scenario) if "error" not in each]  # those of steps have one
    return file + "".join(f"#{addresses.anchor_of_test(cell.scenario, str(each['subject']))}" for each in failures[:1])


def write(folder: Path, cells: Iterable[Cell], store: Store) -> None:
    """Write the lives that the pages of these scenarios lead to. Raises OSError."""
    for red in (cell.first_red for cell in cells):
        if red and (file := _file(red)) and not (folder / file).exists():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(store.text(str(red.data["life"])), encoding="utf-8")


def _file(attempt: Attempt) -> str:
    digest = str(attempt.data.get("life") or "")
    return f"lives/{digest}.html" if digest.isalnum() else ""
