"""Steps that fail: shown once, then skipped; what is kept, what is collected, and that nothing else changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import ONE, TWO, make_project
from tests.notes import history

pytest_plugins = "pytester"

SCENARIOS = """
def test_early(machines):
    pass

def test_balanced(load_balanced, control_plane):
    pass

def test_late(cluster, worker):
    pass

def test_early_again(machines):
    pass

def test_late_again(cluster):
    pass
"""
STEP = "initialise the first control plane"
BROKEN = f"is broken at step '{STEP}'"
KEPT = f"{TWO} is kept: ./run ssh {TWO} cp1; remove it with ./run clean {TWO}"
GONE = [("made", TWO), ("removed", TWO)]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, first=SCENARIOS, second="def test_last(cluster): pass")
    return pytester


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", STEP)


def evidence(project: pytest.Pytester) -> list[Path]:
    return list((project.path / "runs" / "last" / "evidence").glob("*/*/*"))


@pytest.mark.parametrize("workers", ["-pno:xdist", "-n2"])
def test_a_step_that_fails(project: pytest.Pytester, breaks: None, workers: str) -> None:
    result = project.runpytest_subprocess(workers, "--ha-kubernetes", "1.36,1.37")
    result.assert_outcomes(passed=2 * (1 + 3 + 1), failed=0, errors=2, skipped=2 * (2 + 1 + 1))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    text = result.stdout.str()
    for cluster in (ONE, TWO):
        shown = f"{cluster}: step '{STEP}' failed\non cp1: `{STEP}` exited with 1\n  no luck"
        assert text.count(shown) == 1
        result.stdout.fnmatch_lines(
            [f"SKIPPED [[]4] *: {cluster} {BROKEN}, first failure: on cp1: `{STEP}` exited with 1"]
        )
    assert "Traceback" not in text
    assert "provision/" not in text
    assert sorted(history(project.path)) == sorted([("made", ONE), ("removed", ONE), *GONE])


def test_machines_that_cannot_be_made(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "podman run")
    monkeypatch.setenv("FAKE_HOW", "full")
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=9)
    result.stdout.fnmatch_lines(
        [
            "the disk is full: `podman run *",
            "  Error: *: no space left on device",
            f"SKIPPED*{TWO} could not be made, *",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert history(project.path) == GONE


@pytest.mark.parametrize(
    ("keep", "fails", "kept"),
    [("never", True, False), ("failure", False, False), ("failure", True, True)],
)
def test_keeping_and_evidence(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, keep: str, fails: bool, kept: bool
) -> None:
    monkeypatch.setenv("FAKE_FAILS", STEP if fails else "")
    result = project.runpytest_subprocess("--ha-keep", keep)
    assert history(project.path) == (GONE[:1] if kept else GONE)
    assert result.stdout.str().count(KEPT) == kept
    assert bool(evidence(project)) == fails
    described = (project.path / "runs" / "last" / "run.json").read_text()
    assert ('"kept": true' in described) == kept


HANDED_OVER = """
from tests import fakes
fakes.install()
from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings
from provision.config.cluster_id import ClusterId
clusters = Clusters(Settings.of({}))
clusters.start(ClusterId.parse("stacked-uploaded-1.37-page")).arrive()
clusters.registry.hand_over("stacked-uploaded-1.37-page")
import subprocess, sys
chosen = "--ha-cluster=stacked-uploaded-1.37-page"
sys.exit(subprocess.run([sys.executable, "-m", "pytest", chosen]).returncode)
"""


def test_a_cluster_is_handed_over_while_its_maker_lives(project: pytest.Pytester) -> None:
    """What another process has brought up is tested as it is, and stays."""
    result = project.runpython(project.makepyfile(maker=HANDED_OVER))
    assert (result.ret, history(project.path)) == (0, [("made", "stacked-uploaded-1.37-page")])
    assert "give the load balancer a name in DNS" not in result.stdout.str()


def test_a_kept_cluster_is_refused_and_reused(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("--ha-keep", "always").stdout.fnmatch_lines([KEPT])
    before = sorted((project.path / "runs").iterdir())
    for workers in ("-pno:xdist", "-n1"):
        refused = project.runpytest_subprocess(workers)
        assert refused.ret == pytest.ExitCode.USAGE_ERROR
        refused.stderr.fnmatch_lines(
            [f"ERROR: {TWO} exists and is kept (process * made it)", f"Try: ./run clean {TWO} *"]
        )
        refused.stdout.no_fnmatch_line("*report: *")
        refused.stdout.no_fnmatch_line("*generated xml file*")
    assert sorted((project.path / "runs").iterdir()) == before
    project.runpytest_subprocess("--ha-reuse", "yes", "--ha-keep", "always").assert_outcomes(passed=10)
    assert history(project.path) == GONE[:1]


BUSY = """
import subprocess, sys
from provision.util.home import Home
from provision.clusters.locks import ClusterLocks
locks = ClusterLocks(Home.default().locks)  # which are given back with the object
locks.take("stacked-uploaded-1.37")
sys.exit(subprocess.run([sys.executable, "-m", *sys.argv[1:]]).returncode)
"""


@pytest.mark.parametrize(("program", "status"), [("pytest", pytest.ExitCode.USAGE_ERROR), ("fixtures stacked", 2)])
def test_a_cluster_that_is_in_use_is_refused_at_once(project: pytest.Pytester, program: str, status: int) -> None:
    """Before anything is skipped or written; where another cluster of the run is free, the run goes on."""
    busy = project.makepyfile(busy=BUSY)
    refused = project.runpython_c(f"import sys; sys.argv[1:] = {program.split()}; exec(open({str(busy)!r}).read())")
    assert refused.ret == status
    lines = [f"ERROR: another process is working on {TWO}", "Try: ./run status  # shows which it is; *"]
    refused.stderr.fnmatch_lines(lines, consecutive=True)
    assert (list((project.path / "runs").iterdir()), history(project.path)) == ([], [])
    both = ["pytest", "--ha-kubernetes", "1.36,1.37"]
    project.runpython_c(f"import sys; sys.argv[1:] = {both}; exec(open({str(busy)!r}).read())").assert_outcomes(
        passed=10, errors=1, skipped=9
    )


def test_a_test_that_fails_is_looked_into(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    make_project(pytester, monkeypatch, only="def test_one(machines): assert not machines")
    pytester.runpytest_subprocess("--ha-keep", "failure").stdout.fnmatch_lines([KEPT])
    assert {path.parent.name for path in evidence(pytester)} == {"lb", "cp1", "cp2", "cp3", "w1", "w2", "w3"}


def test_evidence_that_cannot_be_had_changes_nothing(project: pytest.Pytester, breaks: None) -> None:
    (project.path / "run").mkdir()
    (project.path / "run" / "evidence").write_text("a file is in the way")
    result = project.runpytest_subprocess("--ha-run-dir", str(project.path / "run"))
    result.assert_outcomes(passed=5, errors=1, skipped=4)
    result.stdout.fnmatch_lines(["evidence is incomplete: *"])
    assert history(project.path) == GONE


def test_what_cannot_be_removed_fails_the_last_test(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "podman rm")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=10, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_last*",
            f"{TWO} is left behind: 7 machines of {TWO} could not be removed",
            f"Try: ./run clean {TWO}",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_fixtures_end_before_their_cluster(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
import pytest

@pytest.fixture(scope="session")
def workload(cluster):
    yield
    from tests.notes import note
    note("workload-gone", str(cluster.id))
    assert 0, "the teardown fails, too"

def test_one(workload): pass
"""
    make_project(pytester, monkeypatch, only=text)
    result = pytester.runpytest_subprocess("--ha-kubernetes", "1.36,1.37")
    result.assert_outcomes(passed=2, errors=2)
    each = ("made", "workload-gone", "removed")
    assert history(pytester.path) == [*((what, ONE) for what in each), *((what, TWO) for what in each)]
