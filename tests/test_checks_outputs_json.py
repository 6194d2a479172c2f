"""A report as JSON: its schema, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from checks.findings import Report, Severity
from checks.outputs import json_report
from provision.util.errors import BadInput
from tests.bad_report import bad_report, large_report, without_login
from tests.hostile import patiently, reports

SCHEMA = Path(__file__).parent.parent / "docs" / "checks.schema.json"


def _valid(text: str) -> None:
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(json.loads(text))


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    command = "python -m checks.outputs.json_report > docs/checks.schema.json"
    assert json.loads(SCHEMA.read_text()) == json.loads(json_report.schema()), f"stale: {command}"
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("report", [bad_report(), without_login(), large_report()], ids=["bad", "bare", "large"])
def test_a_report_is_valid_and_is_read_as_it_was_written(report: Report, tmp_path: Path) -> None:
    written = json_report.document(report)
    _valid(written)
    (tmp_path / "run.json").write_text(written)
    assert json_report.load(tmp_path / "run.json") == report


@settings(patiently, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=reports())
def test_whatever_a_cluster_says_is_read_as_it_was_written(report: Report, tmp_path: Path) -> None:
    written = json_report.document(report)
    _valid(written)
    (tmp_path / "run.json").write_text(written, encoding="utf-8", newline="")
    assert json_report.load(tmp_path / "run.json") == report


def test_the_document_has_counts_and_the_exit_status() -> None:
    found = json.loads(json_report.document(bad_report(), Severity.CRITICAL))
    assert found["counts"]["critical"] == 4
    assert (found["schema"], found["fail_on"], found["status"], found["too_little"]) == (1, "critical", 1, "")


def test_a_document_with_a_new_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(json.loads(json_report.document(bad_report())) | {"new": 1}))
    assert json_report.load(tmp_path / "run.json") == bad_report()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', "\x00", "[" * 100_000], ids=range(7)
)
def test_a_file_that_is_not_a_report_is_refused_in_a_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(BadInput, match=r"run\.json"):
        json_report.load(tmp_path / "run.json")


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        json_report.load(tmp_path / "run.json")


def test_a_report_of_nothing_is_valid() -> None:
    _valid(json_report.document(replace(bad_report(), verdicts=(), machines=())))
