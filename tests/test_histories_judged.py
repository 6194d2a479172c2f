"""`./run judge`: histories that are on disk, and how long a large one takes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from resilience.histories.__main__ import main
from resilience.histories.files import HISTORY, BadHistory, Writer, read
from resilience.histories.judging import judge
from resilience.histories.members import undecided
from resilience.histories.records import Answered, Change, Invoked, Kind, Member, Outcome, Record, Watched
from tests.planted_histories import of_change
from tests.simulated_histories import simulated
from tests.simulated_store import Plan

FIRST = Invoked(1, "c1", Kind.GET, 1, "a")
ANSWER = Answered(1, Outcome.OK, 2, status=404)
CREATE = Invoked(2, "c1", Kind.CREATE, 3, "a", "v")


def _run(folder: Path, records: Iterable[Record]) -> Path:
    with Writer(folder / HISTORY) as writer:
        for record in records:
            writer.write(record)
    return folder


def test_a_run_with_a_true_history_ends_well_and_says_what_was_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = simulated(Plan(), random.Random(1)).records
    _run(tmp_path, records)
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"{tmp_path / HISTORY}: nothing in it contradicts itself"
    assert sum(int(line.split()[1]) for line in shown if line.startswith("  ") and "(" in line) == sum(
        isinstance(each, Invoked) for each in records
    )


def test_a_violation_is_shown_with_its_records_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = of_change("value at a wrong revision", random.Random(1))
    assert planted
    assert main([str(_run(tmp_path, planted.records) / HISTORY)]) == 1
    shown = capsys.readouterr().out
    (id,) = planted.ids
    assert f"wrong-value: operation {id} of " in shown
    assert f"    operation {id} of " in shown


def test_every_violation_is_shown_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members = [each for number in range(9) for each in (Member("a", number, 1), Member("b", number, 2))]
    _run(tmp_path, [FIRST, ANSWER, *members])
    assert main([str(tmp_path)]) == 1
    assert "members-differ: 4 more; --all shows them" in capsys.readouterr().out
    assert main([str(tmp_path), "--all"]) == 1
    assert capsys.readouterr().out.count("members-differ: members have") == 9


def test_all_histories_of_a_run_are_judged(tmp_path: Path) -> None:
    split: list[Record] = [Member("a", 1, 1), Member("b", 1, 2)]
    for name, members in (("good", []), ("bad", split)):
        (tmp_path / name).mkdir()
        _run(tmp_path / name, [FIRST, ANSWER, *members])
    assert main([str(tmp_path)]) == 1


@pytest.mark.parametrize(
    "records",
    [
        [],
        [FIRST],
        [ANSWER],
        [FIRST, ANSWER, ANSWER],
        [FIRST, FIRST],
        [FIRST, replace(ANSWER, at=0.5)],
        [CREATE, replace(CREATE, id=3)],
        [replace(CREATE, value="")],
        [Watched("w", 1, Change.ADDED, 1, 5, "a", "v")],
        [Watched("w", 1, Change.STARTED, 1, 5), Watched("w", 1, Change.STARTED, 1, 5)],
    ],
)
def test_what_is_not_a_history_ends_with_2(
    records: list[Record], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(_run(tmp_path, records))]) == 2
    assert capsys.readouterr().out == ""


def test_a_folder_without_a_history_and_a_file_of_something_else_end_with_2(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "nothing")]) == 2
    (tmp_path / HISTORY).write_text("{}\n")
    assert main([str(tmp_path)]) == 2
    with pytest.raises(BadHistory, match=r"history\.jsonl:1: "):
        list(read(tmp_path / HISTORY))


def test_what_the_writer_had_not_finished_is_left_out(tmp_path: Path) -> None:
    _run(tmp_path, [FIRST, ANSWER])
    with (tmp_path / HISTORY).open("a") as file:
        file.write('{"invoked":{"id":2')
    assert list(read(tmp_path / HISTORY)) == [FIRST, ANSWER]


def test_members_that_cannot_be_compared_are_not_a_violation() -> None:
    apart = [Member("a", 5, 1, compacted=2), Member("b", 5, 2, compacted=3)]
    assert not judge([FIRST, ANSWER, *apart]).violations
    assert undecided(apart) == ["no two members' hashes are of the same revision and compaction"]
    assert undecided([]) == ["no member's hash was recorded"]
    assert undecided(apart[:1]) == ["only one member's hash was recorded: that of a"]
    assert undecided([Member("a", 5, 1), Member("b", 5, 1)]) == []


@pytest.mark.lengthy
def test_a_hundred_thousand_operations_take_ten_seconds(tmp_path: Path) -> None:
    """Of the processor, since other tests run beside this one. It takes four where nothing else does."""
    records = simulated(Plan(clients=9, operations=11_150, keys=6, lost=0.02), random.Random(1)).records
    assert sum(isinstance(each, Invoked) for each in records) > 100_000
    _run(tmp_path, records)
    began = time.process_time()
    verdict = judge(read(tmp_path / HISTORY))
    assert time.process_time() - began < 10
    assert not verdict.violations
