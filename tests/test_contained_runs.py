"""Runs in which something unforeseen is raised: each thing breaks once, others go on, and nothing is left behind."""

from __future__ import annotations

import json

import pytest

from tests.fakes import ONE, TWO, make_project
from tests.injections import UNFORESEEN
from tests.notes import history, left

pytest_plugins = "pytester"

STEP = "initialise the first control plane"
SCENARIOS = """
def test_early(machines): pass
def test_late(cluster, worker): pass
def test_last(cluster): pass
"""
SOME = pytest.mark.parametrize("name", ["KeyError", "OSError"])  # all of them: below, where it takes no time
Project = pytest.Pytester


@pytest.fixture
def project(pytester: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    make_project(pytester, monkeypatch, first=SCENARIOS)
    return pytester


def _assert_shown_once(result: pytest.RunResult, name: str) -> None:
    text = result.stdout.str() + result.stderr.str()
    assert text.count("Traceback (most recent call last)") == 1, text
    assert sum(line.strip().startswith(UNFORESEEN[name][1]) for line in text.splitlines()) == 1, text
    assert "INTERNALERROR" not in text
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@SOME
def test_a_step_is_run_once_and_its_traceback_is_shown_once(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("FAKE_RAISES", f"{STEP}={name}")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1, skipped=3)
    _assert_shown_once(result, name)
    result.stdout.fnmatch_lines([f"{TWO}: step '{STEP}' failed"])
    result.stdout.fnmatch_lines([f"SKIPPED [[]3] *: {TWO} is broken at step '{STEP}', first failure: *"])
    assert history(project.path) == [("made", TWO), ("tried", STEP.replace(" ", "-")), ("removed", TWO)]
    described = json.loads((project.path / "runs/last/run.json").read_text())["clusters"]
    assert [each["state"] for each in described] == [f"broken at {STEP}"]


@SOME
def test_machines_are_made_once_and_let_go_of(project: Project, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("FAKE_RAISES", f"machines={name}")
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=4)
    _assert_shown_once(result, name)
    result.stdout.fnmatch_lines([f"SKIPPED [[]4] *: {TWO} could not be made, first failure: *"])
    assert history(project.path) == [("made", TWO), ("tried", "machines"), ("removed", TWO)]


@pytest.mark.parametrize("workers", ["-pno:xdist", "-n2"])
def test_other_clusters_go_on(project: Project, monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    """Each of them is broken by itself, and removed."""
    monkeypatch.setenv("FAKE_RAISES", f"{STEP}=KeyError")
    result = project.runpytest_subprocess(workers, "--ha-kubernetes", "1.36,1.37")
    result.assert_outcomes(passed=2, errors=2, skipped=6)
    assert result.stdout.str().count("Traceback (most recent call last)") == 2
    assert sorted(each for each in history(project.path) if each[0] == "removed") == [
        ("removed", ONE),
        ("removed", TWO),
    ]


@pytest.mark.parametrize("joins", ["join the workers", "join the other control planes"])
def test_steps_that_run_at_once_break_a_cluster_once(
    project: Project, monkeypatch: pytest.MonkeyPatch, joins: str
) -> None:
    monkeypatch.setenv("FAKE_RAISES", f"{joins}=IndexError")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1, skipped=3)
    _assert_shown_once(result, "IndexError")
    assert [what for what, _ in history(project.path)] == ["made", "tried", "removed"]


def test_an_upgrade_breaks_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RAISES", "upgrade the workers=JSONDecodeError")
    result = project.runpytest_subprocess("--ha-kubernetes", "1.37", "--ha-upgrade-from", "1.36")
    result.assert_outcomes(passed=5 + 1, errors=1, skipped=3)
    _assert_shown_once(result, "JSONDecodeError")
    assert [what for what, _ in history(project.path)] == ["made", "tried", "removed"]


def test_machines_that_were_to_be_upgraded_are_made_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests before the upgrade and those after it meet the same failure."""
    monkeypatch.setenv("FAKE_RAISES", "machines=KeyError")
    result = project.runpytest_subprocess("--ha-kubernetes", "1.37", "--ha-upgrade-from", "1.36")
    result.assert_outcomes(errors=1, skipped=9)
    _assert_shown_once(result, "KeyError")


def test_a_cluster_that_cannot_be_removed_hides_no_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one worker both clusters are removed by one process; each is left behind, and named."""
    monkeypatch.setenv("FAKE_RAISES", "removal=OSError")
    result = project.runpytest_subprocess("--ha-kubernetes", "1.36,1.37")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    for cluster in (ONE, TWO):
        result.stdout.fnmatch_lines([f"{cluster} is left behind: Traceback*", f"Try: ./run clean {cluster}"])
    assert [what for what, _ in history(project.path)] == ["made", "tried"] * 2


FIXTURES = """
import pytest
from fixtures.plugin.once import fact, once
from tests.notes import note
from tests.injections import UNFORESEEN

@pytest.fixture(scope="session")
def facts(cluster):
    note("read", "-")
    UNFORESEEN["OSError"][0]()

@pytest.fixture(scope="module")
def attempts(cluster):
    return Attempts()

class Attempts:
    def __init__(self):
        self.of = once(self._of)

    def _of(self, which):
        note("attempted", which)
        return UNFORESEEN[which][0]() if which in UNFORESEEN else which

    @fact
    def lines(self):
        note("listed", "KeyError")
        UNFORESEEN["KeyError"][0]()

@pytest.mark.parametrize("name", UNFORESEEN)
def test_attempt(attempts, name): attempts.of(name)

@pytest.mark.parametrize("name", UNFORESEEN)
def test_attempt_again(attempts, name): attempts.of(name)

def test_attempt_that_succeeds(attempts, worker): assert attempts.of("good") == "good"
def test_line(attempts, worker): attempts.lines
def test_fact(facts, worker): pass
def test_other_fact(facts): pass
"""


def test_a_fixture_and_an_attempt_fail_once_and_all_that_needs_them_is_red(
    pytester: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(pytester, monkeypatch, first=FIXTURES)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=3, errors=4, failed=2 * 6 + 3)
    tried = [each for each in history(pytester.path) if each[0] not in ("made", "removed")]
    assert sorted(tried) == sorted(
        [("attempted", "good"), ("listed", "KeyError"), ("read", "-"), *(("attempted", name) for name in UNFORESEEN)]
    )
    lines = result.stdout.str().splitlines()
    for name, (_, end) in UNFORESEEN.items():  # pytest's own tracebacks end in lines that begin with an E
        shown = [line for line in lines if line.startswith(("E ", "E\t")) and end.split(":")[0].split(".")[-1] in line]
        assert shown, name
    short = [line for line in lines if line.startswith("failed before, and was not tried again: see ")]
    assert len(short) == 6 + 2 + 3  # the attempts, the lines, the facts
    assert history(pytester.path)[-1] == ("removed", TWO)


def test_a_skip_inside_an_attempt_skips_all_that_need_it(pytester: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
import pytest
from fixtures.plugin.once import once

@pytest.fixture(scope="module")
def attempt(cluster):
    return once(lambda: pytest.skip("not on this host"))

def test_attempt(attempt, worker): attempt()
"""
    make_project(pytester, monkeypatch, first=text)
    pytester.runpytest_subprocess().assert_outcomes(skipped=3)


CRASHES = """
import os
def test_early(machines): pass
def test_crash(cluster): {crash}
def test_last(cluster): pass
"""


@pytest.mark.parametrize(
    ("crash", "keep"), [("os._exit(0)", "never"), ("os._exit(3)", "failure"), ("raise SystemExit(0)", "never")]
)
def test_a_worker_that_ends_in_a_test_leaves_no_cluster_and_no_green_run(
    pytester: Project, monkeypatch: pytest.MonkeyPatch, crash: str, keep: str
) -> None:
    make_project(pytester, monkeypatch, first=CRASHES.replace("{crash}", crash))
    result = pytester.runpytest_subprocess("-n1", "--max-worker-restart=0", "--ha-keep", keep)
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.INTERNAL_ERROR)
    assert left(pytester.path) == ([TWO] * (keep == "failure"))


def test_a_record_that_cannot_be_written_fails_no_test_and_is_mentioned_once(project: Project) -> None:
    folder = project.mkdir("run")
    (folder / "clusters").write_text("a file is in the way")
    result = project.runpytest_subprocess("--ha-run-dir", str(folder))
    result.assert_outcomes(passed=5)
    assert result.stdout.str().count("the report lacks facts about") == 1
    assert history(project.path) == [("made", TWO), ("removed", TWO)]


COUNTED = """
from tests import notes

def pytest_sessionstart():
    from fixtures.plugin.run import Run
    describe = Run.describe

    def counted(self, building, moment, *rest):
        notes.note("described", building.reached.name)
        describe(self, building, moment, *rest)

    Run.describe = counted
"""


def test_a_cluster_is_described_when_it_changed_and_not_for_every_test(project: Project) -> None:
    (project.path / "conftest.py").write_text((project.path / "conftest.py").read_text() + COUNTED)
    project.runpytest_subprocess().assert_outcomes(passed=5)
    assert [each for each in history(project.path) if each[0] == "described"] == [
        ("described", "MACHINES"), ("described", "READY"), ("described", "READY")
    ]  # fmt: skip
