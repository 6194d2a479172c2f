"""No secret is in any file of a run or on the terminal, however joins fail; without the redactor it would be found."""

from __future__ import annotations

import pytest

from fixtures.plugin.searching import Search, files_in
from tests import leaking
from tests.fakes import CONFTEST, TWO, make_project

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow

ALONE, SPREAD = ("-pno:xdist", "--showlocals", "-Wdefault"), ("-n2", "--showlocals", "-Wdefault")
MODES = {"alone": ALONE, "uncaptured": (*ALONE, "-s"), "workers": SPREAD}
RECORDS = {"commands.jsonl", "junit.xml", f"life-{TWO}.html", "report.html", "run.json", "tests.jsonl"}
LIFE = {f"life/{TWO}/{machine}.log" for machine in ("lb", "cp1", "cp2", "cp3", "w1", "w2", "w3")}


@pytest.fixture
def search(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Search:
    """What must not be found of a project that leaks wherever it can."""
    pem = leaking.private_key()
    make_project(pytester, monkeypatch, leaks=leaking.SCENARIOS, unreadable=leaking.UNREADABLE)
    pytester.makeconftest(CONFTEST + leaking.DEFECT)
    pytester.makepyfile(material=leaking.material(pem))
    monkeypatch.setenv("PYTHONPATH", str(pytester.path), prepend=":")
    monkeypatch.setenv("FAKE_FAILS", leaking.JOIN)
    return leaking.search(pem)


def _found(pytester: pytest.Pytester, search: Search, *options: str) -> tuple[pytest.RunResult, set[str]]:
    """Where secrets are after a run: names of files, and `terminal`."""
    argument = f"-Wignore:{leaking.TOKEN}"
    result = pytester.runpytest_subprocess("--continue-on-collection-errors", argument, *options)
    run = (pytester.path / "runs" / "last").resolve()
    assert {str(path.relative_to(run)) for path in files_in(run)} >= {"commands.jsonl", "junit.xml", "tests.jsonl"}
    shown = search.finds("\n".join([*result.outlines, *result.errlines]).encode())
    return result, {*search.found_in(run), *(["terminal"] if shown else [])}


@pytest.mark.parametrize("mode", MODES)
def test_no_secret_is_written_or_shown(pytester: pytest.Pytester, search: Search, mode: str) -> None:
    result, found = _found(pytester, search, *MODES[mode])
    assert found == set()
    assert "test_call" in result.stdout.str()
    assert result.stdout.str().count("‹secret›") > 10
    assert "sha256:1234567890" in result.stdout.str()


@pytest.mark.parametrize("mode", ["alone", "workers"])
def test_each_record_has_secrets_where_nothing_is_redacted(
    pytester: pytest.Pytester, search: Search, mode: str
) -> None:  # fmt: skip
    result, found = _found(pytester, search, "-ptests.unredacted", *MODES[mode])
    held = LIFE if mode == "alone" else set()  # the worker that would read machines has died
    assert found == RECORDS | held | {"terminal"}
    if mode == "alone":  # a worker's secrets are handed over when it ends, and one of them has died
        result.stdout.fnmatch_lines(["secrets of a cluster were written down; *", "Try: rm */junit.xml*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("mode", ["alone", "workers"])
def test_a_defect_of_a_plugin_shows_no_secret(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, search: Search, mode: str
) -> None:  # fmt: skip
    monkeypatch.setenv("FAKE_DEFECT", "yes")
    result, found = _found(pytester, search, *MODES[mode])
    assert found == set()
    result.stdout.re_match_lines(
        [r"INTERNALERROR> .*in pytest_runtest_logfinish$", r"INTERNALERROR> .*RuntimeError: .*--token abcdef.‹secret›"]
    )


def test_a_defect_of_a_plugin_would_show_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, search: Search
) -> None:  # fmt: skip
    monkeypatch.setenv("FAKE_DEFECT", "yes")
    result, _ = _found(pytester, search, "-ptests.unredacted", *ALONE)
    assert search.finds("\n".join(line for line in result.outlines if line.startswith("INTERNALERROR>")).encode())
