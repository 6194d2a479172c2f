"""A history's file: a line of JSON for each record, written as it happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Loss, Member, Outcome, Record, Watched

_NAMES: dict[type[Record], str] = {Invoked: "invoked", Answered: "answered", Watched: "watched", Member: "member"}

HISTORY = "history.jsonl"
"""The name of a history in a run's folder."""


class Writer:
    """Writes records as they come, from any thread. A process that is killed loses none that `write` returned from."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1, encoding="utf-8")  # each line at once
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        line = json.dumps({_NAMES[type(record)]: asdict(record)}, separators=(",", ":"))
        with self._lock:
            self._file.write(line + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class BadHistory(ValueError):
    """A line that is not a record: `file:line: why`; or records that do not belong together."""


def read(file: Path) -> Iterator[Record]:
    """The records of a file, in their order. A last line that was cut off (the writer was killed) is left out.

    Raises BadHistory for any other line that is not a record.
    """
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines[:-1], 1):  # what stands behind the last line break was cut off
        try:
            yield _record(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadHistory(f"{file}:{number}: not a record of a history: {error}") from None


def _record(data: dict[str, Any]) -> Record:
    ((name, fields),) = data.items()
    match name:
        case "invoked":
            return Invoked(**fields | {"kind": Kind(fields["kind"])})
        case "answered":
            held = {key: Held(**each) for key, each in fields["objects"].items()}
            known = {"outcome": Outcome(fields["outcome"]), "objects": held, "loss": Loss(fields.get("loss", ""))}
            return Answered(**fields | known)
        case "watched":
            return Watched(**fields | {"change": Change(fields["change"])})
        case "member":
            return Member(**fields)
    raise ValueError(f"there is no record '{name}'")
