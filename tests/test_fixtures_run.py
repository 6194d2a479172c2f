"""Records of a run: whole or not at all, and never the reason why a run fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from fixtures.plugin.run import Run
from provision.util.redaction import Redactor
from tests.fakes import TWO, make_project

pytest_plugins = "pytester"

DESCRIBED = {"id": TWO, "version": "v1.37.1", "state": "ready"}


@pytest.mark.parametrize(
    "content", ['{"id": "stacked-upl', "", "[]", "null", '{"id": 1, "version": "v1"}', '{"id": "a"}']
)
def test_a_record_that_cannot_be_read_is_named_in_the_report(tmp_path: Path, content: str) -> None:
    (tmp_path / "clusters").mkdir()
    (tmp_path / "clusters" / "torn.json").write_text(content)
    (tmp_path / "clusters" / "whole.json").write_text(json.dumps(DESCRIBED))
    report = Run(tmp_path, Redactor()).finish()
    found = json.loads((tmp_path / "run.json").read_text())
    assert (found["clusters"], found["unreadable"]) == ([DESCRIBED], ["clusters/torn.json"])
    assert "cannot be read: clusters/torn.json" in report.read_text()


def test_a_command_line_is_written_without_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pytest", "-k", "abcdef.0123456789abcdef"])
    Run(tmp_path, Redactor()).finish()
    assert json.loads((tmp_path / "run.json").read_text())["command"] == ["pytest", "-k", "abcdef.‹secret›"]


def test_a_secret_that_was_written_is_found_in_the_end(tmp_path: Path) -> None:
    redact = Redactor()
    redact.learn("a very peculiar secret")
    run = Run(tmp_path, redact)
    assert run.leaks() == []
    (tmp_path / "junit.xml").write_text("<testsuites>a very peculiar secret</testsuites>")
    assert run.leaks() == ["junit.xml"]


@pytest.mark.parametrize(
    "in_the_way", ["clusters", "life", f"life-{TWO}.html", "report.html", "run.json", "tests.jsonl", "commands.jsonl"]
)
def test_a_record_that_cannot_be_written_fails_no_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, in_the_way: str
) -> None:
    make_project(pytester, monkeypatch, only="def test_one(cluster): pass")
    other = pytester.path / "run" / in_the_way
    (other / "of another").mkdir(parents=True)
    if in_the_way in ("clusters", "life"):
        (other / "of another").rmdir()
        other.rmdir()
        other.write_text("a file")
    result = pytester.runpytest_subprocess("--ha-run-dir", str(pytester.path / "run"), "-pno:xdist")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"*report: {pytester.path}/run/report.html*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
