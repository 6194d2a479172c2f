"""The same run again and again: how its steps are counted, what is not one input, and where it goes on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from provision.util.atomic_write import append_line
from tests.repeated_runs import answer, main, refuse_mixed, repeated


def run(folder: Path, seconds: float, *, harness: str = "abc", error: str = "", ended: bool = True) -> None:
    """The records of one run whose only step took so long."""
    folder.mkdir(parents=True)
    cluster = {"components": {"etcd": "3.7.0"}}
    about = {"started": 1.0, "finished": 1 + 2 * seconds, "harness": harness, "clusters": [] if error else [cluster]}
    (folder / "run.json").write_text(json.dumps(about))
    step = {"kind": "step", "cluster": "c", "name": "join cp2", "start": 1.0, "stop": 1 + seconds, "error": error}
    append_line(folder / "commands.jsonl", step)
    if ended:
        append_line(folder / "tests.jsonl", {"kind": "session", "exitstatus": 0, "interrupted": False})


def test_the_percentiles_of_each_step_are_in_the_table(tmp_path: Path) -> None:
    for number in range(1, 101):
        run(tmp_path / f"{number:03}", float(number))
    lines = list(answer(repeated(tmp_path)))
    assert "| join cp2 | 100 | 50 s | 1 min 15 s | 1 min 35 s | 1 min 40 s |" in lines
    assert "| the whole run | 100 | 1 min 41 s | 2 min 30 s | 3 min 10 s | 3 min 20 s |" in lines
    assert lines[-1] == "100 runs, 0 with failures"


def test_every_failure_is_named_with_its_run(tmp_path: Path) -> None:
    run(tmp_path / "001", 1)
    run(tmp_path / "002", 1, error="TimedOut: cp2 did not answer\nmore")
    lines = list(answer(repeated(tmp_path)))
    assert lines[-2:] == [
        "2 runs, 1 with failures",
        f"{tmp_path}/002: the step 'join cp2': TimedOut: cp2 did not answer",
    ]


def test_runs_of_different_inputs_are_refused_and_failed_ones_are_not_taken_for_them(tmp_path: Path) -> None:
    run(tmp_path / "001", 1)
    run(tmp_path / "002", 1, error="it failed")
    refuse_mixed(repeated(tmp_path))
    run(tmp_path / "003", 1, harness="def")
    with pytest.raises(SystemExit, match="were not made of the same"):
        refuse_mixed(repeated(tmp_path))


def test_it_goes_on_behind_an_interrupted_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "001", 1)
    run(tmp_path / "002", 1, ended=False)
    folders = []

    def call(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        folders.append(Path(command[-1].partition("=")[2]))
        run(folders[-1], 3)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", call)
    assert main(["stacked", "3", str(tmp_path)]) == 0
    assert [each.name for each in folders] == ["003", "004"]
    assert "stacked: 2 of 3" in capsys.readouterr().out


def test_no_run_begins_when_the_time_is_over(tmp_path: Path) -> None:
    run(tmp_path / "001", 1)
    run(tmp_path / "002", 1)
    assert main(["stacked", "3", str(tmp_path), "--minutes", "0"]) == 3


@pytest.mark.parametrize(("status", "returned"), [(2, 2), (0, 2), (130, 130)])
def test_a_run_that_is_refused_is_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, returned: int
) -> None:
    calls = iter([subprocess.CompletedProcess[str]("", status)])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: next(calls))
    assert main(["stacked", "3", str(tmp_path)]) == returned
