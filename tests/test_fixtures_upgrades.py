"""Scenarios before an upgrade and after it: the same machines, each moment under its own id."""

from __future__ import annotations

import json

import pytest

from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

AFTER = "stacked-uploaded-1.37-from-1.36"
BEFORE = f"{AFTER}-before"
SCENARIOS = """
import pytest
from tests.notes import note

@pytest.fixture(scope="session")
def standing(cluster):
    yield
    note("torn-down", cluster.journal.cluster)

def test_both(cluster, standing, worker): pass

@pytest.mark.upgraded(True)
def test_after(cluster): pass

@pytest.mark.upgraded(False)
def test_before(cluster): pass

def test_changing(mutable): pass
"""
BOTH = ("w1", "w2", "w3")
ARGUMENTS = ("--ha-kubernetes", "1.37", "--ha-upgrade-from", "1.36")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, first=SCENARIOS)
    return pytester


def lines(project: pytest.Pytester, file: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (project.path / "runs" / "last" / file).read_text().splitlines()]


def steps(project: pytest.Pytester, cluster: str) -> list[str]:
    records = [each for each in lines(project, "commands.jsonl") if each["kind"] == "step" and each["stop"]]
    return [each["name"] for each in records if each["cluster"] == cluster]


@pytest.mark.parametrize("workers", ["-pno:xdist", "-n2"])
def test_before_and_after_on_the_same_machines(project: pytest.Pytester, workers: str) -> None:
    project.runpytest_subprocess(workers, *ARGUMENTS).assert_outcomes(passed=2 * (3 + 1))
    ran = [each["nodeid"].split("::")[1] for each in lines(project, "tests.jsonl") if each.get("when") == "call"]
    assert ran == [
        *(f"test_both[{BEFORE}:{name}]" for name in BOTH), f"test_before[{BEFORE}:cluster]",
        *(f"test_both[{AFTER}:{name}]" for name in BOTH), f"test_after[{AFTER}:cluster]",
    ]  # fmt: skip
    # What stands on the cluster is gone before the upgrade begins.
    assert history(project.path) == [
        ("made", AFTER), ("torn-down", BEFORE), ("torn-down", AFTER), ("removed", AFTER)
    ]  # fmt: skip

    built, upgraded = steps(project, BEFORE), steps(project, AFTER)
    assert (built[0], "upgrade the workers" in built) == ("start the machines", False)
    assert (upgraded[0], upgraded[-1]) == ("upgrade the first control plane", "remove the machines")
    described = json.loads((project.path / "runs/last/run.json").read_text())["clusters"]
    assert sorted((each["id"], each["state"]) for each in described) == [(AFTER, "upgraded"), (BEFORE, "ready")]
    assert {path.parent.name for path in project.path.glob("runs/last/life/*/cp1.log")} == {BEFORE, AFTER}
    assert all((project.path / f"runs/last/life-{each}.html").exists() for each in (BEFORE, AFTER))


def test_an_upgrade_that_fails(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "upgrade the workers")
    result = project.runpytest_subprocess(*ARGUMENTS)
    result.assert_outcomes(passed=3 + 1, errors=1, skipped=3)
    result.stdout.fnmatch_lines([f"SKIPPED [[]3] *: {AFTER} is broken at step 'upgrade the workers', *"])
    assert {path.parent.parent.name for path in project.path.glob("runs/last/evidence/*/*/*")} == {AFTER}


def test_a_cluster_that_never_was_ready(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "initialise the first control plane")
    result = project.runpytest_subprocess(*ARGUMENTS)
    result.assert_outcomes(errors=1, skipped=3 + 4)
    assert {path.parent.parent.name for path in project.path.glob("runs/last/evidence/*/*/*")} == {BEFORE}


def test_what_failed_before_is_looked_into_before_the_upgrade(project: pytest.Pytester) -> None:
    (project.path / "scenarios/test_second.py").write_text("def test_red(cluster): assert not cluster")
    project.runpytest_subprocess(*ARGUMENTS).assert_outcomes(passed=8, failed=2)
    assert steps(project, BEFORE)[-1] == "collect evidence"
    assert steps(project, AFTER)[-2:] == ["collect evidence", "remove the machines"]


def test_a_kept_cluster_has_nothing_before_it(project: pytest.Pytester) -> None:
    project.runpytest_subprocess(*ARGUMENTS, "--ha-keep", "always").assert_outcomes(passed=8)
    result = project.runpytest_subprocess(*ARGUMENTS, "--ha-reuse", "yes")
    result.assert_outcomes(passed=4, skipped=4)
    result.stdout.fnmatch_lines([f"SKIPPED [[]4] *: {AFTER} is upgraded already, *"])


def test_a_cluster_that_may_be_changed_is_tested_at_one_moment_alone(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess(
        *ARGUMENTS, "--collect-only", "-q", "--ha-mutable", "yes", "-k", "stacked and changing"
    )
    assert [line for line in result.outlines if "::" in line] == [
        f"scenarios/test_first.py::test_changing[{AFTER}-mutable:cluster]"
    ]
