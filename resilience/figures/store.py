"""The store of figures: a file of lines in the repository. Runs are added, and none is ever changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from provision.util.atomic_write import write_whole
from provision.util.errors import BadInput
from resilience.faults.outcome import RECORDS
from resilience.figures.line import Line, line


def read(store: Path) -> list[Line]:
    """Every line; none where there is no store yet. Raises BadInput for what is not a line."""
    if not store.exists():
        return []
    lines = store.read_text(encoding="utf-8").splitlines()
    return [_parsed(store, number, each) for number, each in enumerate(lines, 1) if each.strip()]


def _parsed(store: Path, number: int, text: str) -> Line:
    try:
        return Line.parse(text)
    except (ValueError, TypeError) as error:
        raise BadInput(f"{store}:{number}: not a line of figures: {error}") from None


def add(store: Path, lines: list[Line]) -> int:
    """Add the lines that are not there yet, each in the place of its date; returns how many these were."""
    known = {each.identity: each for each in read(store)}
    new = {each.identity: each for each in lines if each.identity not in known}
    if new:
        every = {**known, **new}
        text = "".join(f"{every[identity]}\n" for identity in sorted(every))
        store.parent.mkdir(parents=True, exist_ok=True)
        write_whole(store, text.encode())
    return len(new)


def of_run(run: Path) -> list[Line | None]:
    """A line for each record of a run's folder; None for one that says nothing. Raises BadInput where there is none."""
    file = run / RECORDS if run.is_dir() else run
    try:
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]  # a record that was cut off
    except OSError:
        raise BadInput(f"{run} has no {RECORDS}: no fault was tried in it", fix="./run figures runs/last") from None
    return [line(record) for number, each in enumerate(lines, 1) if (record := _record(file, number, each))]


def _record(file: Path, number: int, text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{file}:{number}: not a record of a fault: {error}") from None
    return record if isinstance(record, dict) else {}
