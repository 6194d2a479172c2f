"""Faults beside other commands: what a busy host does is not red, what the cluster does is, and all are tried."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from resilience.faults.catalogue import DOZEN
from resilience.faults.outcome import RECORDS
from tests import dozen, typed_calls
from tests.dozen import Dozen, Tried, void_in_the_end

ALL = sorted(DOZEN)
ONE, OTHER = ALL[:2]


def tried(status: int, how: Mapping[str, str], faults: Sequence[str] = ALL, broken: Sequence[str] = ()) -> Tried:
    """A run that was green but for what is named; `broken` are faults under which a promise was."""
    records = {
        name: {
            "fault": name, "ended": how.get(name, "green"), "void": ["too busy"] if how.get(name) == "void" else [],
            "violations": ["stale: a read"] if name in broken else [],
        }
        for name in faults
    }  # fmt: skip
    return Tried(status, "what it wrote", records)


class Alone:
    """Runs alone, one after the other, that are green but for what is named; which faults each was of."""

    def __init__(self, *runs: tuple[int, Mapping[str, str]]) -> None:
        self._runs, self.of = list(runs), list[Sequence[str]]()

    def __call__(self, faults: Sequence[str]) -> Tried:
        self.of.append(faults)
        return tried(*self._runs.pop(0), faults)


def test_what_is_green_beside_others_is_not_tried_again() -> None:
    alone = Alone()
    assert void_in_the_end(tried(0, {OTHER: "skipped"}), alone) == {}
    assert alone.of == []


@pytest.mark.parametrize("how", ["red", "void"])
def test_what_is_not_green_beside_others_is_tried_again_alone(how: str) -> None:
    alone = Alone((0, {}))
    assert void_in_the_end(tried(int(how == "red"), {ONE: how}), alone) == {}
    assert alone.of == [[ONE]]


def test_what_a_run_beside_others_did_not_come_to_is_tried_alone() -> None:
    alone = Alone((0, {}))
    assert void_in_the_end(tried(1, {}, ALL[2:]), alone) == {}
    assert alone.of == [[ONE, OTHER]]


def test_what_is_void_alone_is_named_with_its_reasons_and_is_not_red() -> None:
    alone = Alone((0, dict.fromkeys(ALL, "void")))
    assert void_in_the_end(tried(0, dict.fromkeys(ALL, "void")), alone) == {each: ["too busy"] for each in ALL}


def test_without_a_run_beside_others_all_are_tried_alone_and_what_is_void_twice() -> None:
    alone = Alone((0, {ONE: "void"}), (0, {}))
    assert void_in_the_end(None, alone) == {}
    assert alone.of == [ALL, [ONE]]


@pytest.mark.parametrize(
    ("beside", "alone"),
    [
        pytest.param(tried(1, {ONE: "red"}), Alone((1, {ONE: "red"})), id="red twice"),
        pytest.param(tried(1, {ONE: "red"}, broken=[ONE]), Alone((0, {})), id="a broken promise"),
        pytest.param(tried(0, {ONE: "void"}, broken=[ONE]), Alone((0, {})), id="a broken promise of a void run"),
        pytest.param(tried(1, {}), Alone(), id="all green, and the cluster could not be removed"),
        pytest.param(tried(0, {ONE: "void"}), Alone((1, {})), id="the cluster could not be removed after the second"),
        pytest.param(None, Alone((1, {ONE: "red"}), (0, {})), id="red alone"),
        pytest.param(None, Alone((2, {})), id="the call was refused"),
    ],
)
def test_what_the_cluster_does_is_red(beside: Tried | None, alone: Alone) -> None:
    with pytest.raises(AssertionError):
        void_in_the_end(beside, alone)


def test_a_run_alone_that_did_not_try_all_that_it_should_is_red() -> None:
    with pytest.raises(AssertionError, match="what it wrote"):
        void_in_the_end(None, lambda faults: tried(0, {}, faults[1:]))


PROGRAM = """#!/bin/sh
echo "typed: $*"; [ -z "$BLOCKED" ] || read -r _ < "$BLOCKED"
echo "12 passed in 6 min; report: FOLDER/report.html"
exit 3
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, in a checkout whose ./run writes where its report is, and whose run has one record."""
    (tmp_path / RECORDS).write_text(json.dumps({"fault": ONE, "ended": "green"}) + "\n")
    (tmp_path / "run").write_text(PROGRAM.replace("FOLDER", str(tmp_path)))
    (tmp_path / "run").chmod(0o755)
    monkeypatch.setattr(typed_calls, "ROOT", tmp_path)
    return tmp_path


def test_a_run_is_read_by_the_report_that_it_names(here: Path) -> None:
    found = Dozen(here).alone([ONE, OTHER])
    assert (found.status, list(found.records)) == (3, [ONE])
    assert found.text.startswith(f"typed: faults -k stacked and ({ONE} or {OTHER}) -m dozen\n")


def test_a_run_that_was_begun_is_read_when_it_has_ended(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dozen, "available_memory", lambda: dozen.ROOM)
    with Dozen(here) as tries:
        tries.begin()
        found = tries.beside()
    assert found
    assert (found.status, list(found.records)) == (3, [ONE])
    assert found.text.startswith("typed: faults -k stacked -m dozen\n")


def test_nothing_is_begun_where_there_is_no_memory_for_both(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dozen, "available_memory", lambda: dozen.ROOM - 1)
    with Dozen(here) as tries:
        tries.begin()
        assert tries.beside() is None


def test_a_run_that_goes_on_is_ended_with_its_context(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dozen, "available_memory", lambda: dozen.ROOM)
    os.mkfifo(here / "blocked")
    monkeypatch.setenv("BLOCKED", str(here / "blocked"))
    with Dozen(here) as tries:
        tries.begin()
    found = tries.beside()
    assert found
    assert found.status == -signal.SIGTERM
