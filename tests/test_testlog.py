"""What is written down about tests, by a real pytest, with and without workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = "pytester"

ROOT = Path(__file__).parent.parent
CONFTEST = """
from pathlib import Path
from fixtures.plugin.redaction import redactor_of
from fixtures.plugin.testlog import TestLog

def pytest_configure(config):
    config.pluginmanager.register(TestLog(Path(config.rootpath, "tests.jsonl"), redactor_of(config)))
"""
TESTS = """
import pytest

def test_passes(record_property):
    record_property("observed", "--token abcdef.0123456789abcdef")

def test_fails():
    print("abcdef.0123456789abcdef")
    assert "abcdef.0123456789abcdef" == ""

def test_is_skipped():
    pytest.skip("no such machine")

@pytest.mark.xfail(reason="upstream")
def test_is_expected_to_fail():
    assert False

@pytest.fixture
def broken():
    pytest.fail("the step failed\\nlong answer", pytrace=False)

def test_never_begins(broken):
    pass
"""


@pytest.fixture(params=["-pno:xdist", "-n2"], ids=["alone", "with workers"])
def records(request: pytest.FixtureRequest, pytester: pytest.Pytester) -> list[dict[str, Any]]:
    """The lines that a run of `TESTS` leaves behind."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    request.getfixturevalue("monkeypatch").setenv("PYTHONPATH", str(ROOT))
    pytester.runpytest_subprocess("-pno:testinfra", "-pno:pytest11.testinfra", request.param)
    return [json.loads(line) for line in (pytester.path / "tests.jsonl").read_text().splitlines()]


def of(records: list[dict[str, Any]], name: str, when: str = "call") -> dict[str, Any]:
    (found,) = [each for each in records if each.get("nodeid", "").endswith("::" + name) and each["when"] == when]
    return found


def test_each_phase_is_written_once(records: list[dict[str, Any]]) -> None:
    phases = [(each["nodeid"], each["when"]) for each in records if each["kind"] == "test"]
    assert len(phases) == len(set(phases)) == 14
    assert all(each["stop"] >= each["start"] > 1e9 for each in records if each["kind"] == "test")


def test_outcomes_come_with_their_reasons(records: list[dict[str, Any]]) -> None:
    assert of(records, "test_is_skipped")["reason"] == "no such machine"
    assert of(records, "test_is_expected_to_fail")["xfail"] == "upstream"
    assert "def test_fails():" in of(records, "test_fails")["text"]
    assert of(records, "test_never_begins", "setup")["text"] == "the step failed\nlong answer"


def test_the_end_says_how_many_tests_there_should_have_been(records: list[dict[str, Any]]) -> None:
    assert [each for each in records if each["kind"] == "session"] == [
        {"kind": "session", "exitstatus": 1, "collected": 5, "interrupted": False}
    ]


def test_secrets_are_not_written(records: list[dict[str, Any]]) -> None:
    assert "0123456789abcdef" not in json.dumps(records)
    assert "‹secret›" in of(records, "test_passes")["properties"]["observed"]


def test_a_file_that_cannot_be_collected_is_written_down(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("import nothing_of_that_name")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.runpytest_subprocess("-pno:testinfra", "-pno:pytest11.testinfra")
    first = json.loads((pytester.path / "tests.jsonl").read_text().splitlines()[0])
    assert (first["when"], first["outcome"]) == ("collect", "failed")
    assert "nothing_of_that_name" in first["text"]
