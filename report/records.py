"""Reads a run directory, whatever state it was left in: files may be missing, cut off in the middle, or old."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provision.recording.journal import CommandRecord, StepRecord
from provision.util.redaction import Redactor
from report import old_records

Record = dict[str, Any]

_LINES = ("commands.jsonl", "tests.jsonl", "faults.jsonl")


@dataclass(frozen=True)
class Records:
    """What a run left behind. Each step is there once, in the order they started. `faults` were tried on its clusters.

    `damaged` names the files that cannot be read, and those of which some lines cannot, with their number.
    """

    run: Record
    steps: tuple[StepRecord, ...]
    commands: tuple[CommandRecord, ...]
    phases: tuple[Record, ...]
    session: Record
    evidence: tuple[str, ...]
    files: tuple[str, ...]
    damaged: tuple[str, ...] = ()
    faults: tuple[Record, ...] = ()


def read(folder: Path, redact: Redactor, answers: bool = False) -> Records:
    """Everything that is in a run directory, redacted. `evidence` and `files` are paths relative to it.

    Without `answers`, commands that succeeded come without theirs.
    """
    run = next(_parsed([_text(folder / "run.json")], redact), {})
    lines = {name: [line for line in _lines(folder / name) if line.strip()] for name in _LINES}
    journal, tests, faults = (list(_parsed(each, redact, answers)) for each in lines.values())
    return Records(
        run=run,
        steps=tuple(_steps(journal)),
        commands=tuple(_command(each) for each in journal if each.get("kind") == "command"),
        phases=tuple(each for each in tests if each.get("nodeid")),
        session=next((each for each in tests if each.get("kind") == "session"), {}),
        evidence=_paths(folder, "evidence/*/*/**/*"),
        files=_paths(folder, "*.json", "*.jsonl", "*.xml", "check.html"),
        damaged=(
            *map(str, run.get("unreadable") or ()),
            *(["run.json"] if not run and _text(folder / "run.json") else []),
            *_counted("commands.jsonl", len(lines["commands.jsonl"]) - len(journal)),
            *_counted("tests.jsonl", len(lines["tests.jsonl"]) - len(tests)),
            *_counted("faults.jsonl", len(lines["faults.jsonl"]) - len(faults)),
        ),
        faults=tuple(each for each in faults if each.get("fault")),
    )


def _steps(journal: list[Record]) -> list[StepRecord]:
    """The end of a step replaces its beginning."""
    steps: dict[tuple[str, str, float], StepRecord] = {}
    for each in journal:
        if each.get("kind") == "step":
            step = StepRecord(
                _str(each, "cluster"), _str(each, "name"), _str(each, "section"),
                _float(each, "start") or 0.0, _float(each, "stop"), _str(each, "error"), _str(each, "correction"),
                each.get("bookkeeping") is True, _interrupted(each),
            )  # fmt: skip
            steps[step.cluster, step.name, step.start] = step
    return sorted(steps.values(), key=lambda step: step.start)


def _interrupted(step: Record) -> bool:
    if "interrupted" in step:
        return step["interrupted"] is True
    return old_records.step_was_interrupted(_str(step, "error"))


def _command(each: Record) -> CommandRecord:
    start = _float(each, "start") or 0.0
    rc = each.get("rc")
    return CommandRecord(
        cluster=_str(each, "cluster"),
        machine=_str(each, "machine"),
        step=_str(each, "step"),
        command=_str(each, "command"),
        rc=rc if isinstance(rc, int) else None,
        stdout=_str(each, "stdout"),
        stderr=_str(each, "stderr"),
        start=start,
        stop=_float(each, "stop") or start,
    )


def _parsed(lines: Iterable[str], redact: Redactor, answers: bool = False) -> Iterator[Record]:
    """The records that can be read: a line may be cut off, as on a full disk."""
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            if record.get("kind") == "command" and record.get("rc") == 0 and not answers:
                record |= {"stdout": "", "stderr": ""}  # never shown, often megabytes
            yield redact.all_in(record)


def _counted(name: str, damaged: int) -> Iterator[str]:
    if damaged:
        yield f"{damaged} {'line' if damaged == 1 else 'lines'} of {name}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _lines(path: Path) -> list[str]:
    return _text(path).split("\n")


def _paths(folder: Path, *patterns: str) -> tuple[str, ...]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _str(record: Record, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _float(record: Record, key: str) -> float | None:
    value = record.get(key)
    return float(value) if isinstance(value, (int, float)) else None
