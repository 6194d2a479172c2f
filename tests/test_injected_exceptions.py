"""Exceptions and full disks inside of the run's own process: a run is red there, and leaves nothing, or names it."""

from __future__ import annotations

import pytest

from tests.fakes import ONE, TWO
from tests.faulty_runs import PODS, TESTS, Inject, assert_red
from tests.notes import history, left

pytest_plugins = ("pytester", "tests.faulty_run_fixtures")
pytestmark = pytest.mark.slow


def patched(project: pytest.Pytester, target: str, effect: str) -> None:
    """Has something in the run's own process raise an exception: for what no program can bring about."""
    (project.path / "scenarios" / "conftest.py").write_text(f"""
import errno
from unittest.mock import patch
patch({target!r}, autospec=True, side_effect={effect}).start()
""")


def test_a_kept_cluster_with_an_unreadable_state_is_not_removed(project: pytest.Pytester) -> None:
    """Whatever is wrong with its state.json: the run is refused before it begins."""
    assert project.runpytest_subprocess("--ha-keep", "always").ret == 0
    before = sorted((project.path / "runs").iterdir())
    for text in ("", "{", "[]", '{"schema": 99, "state": {}}', '{"schema": 2, "state": []}'):
        (project.path / "home" / "clusters" / TWO / "state.json").write_text(text)
        result = project.runpytest_subprocess()
        result.stderr.fnmatch_lines([f"ERROR: {TWO}: its state cannot be read, so it is left alone"])
        assert (result.ret, sorted((project.path / "runs").iterdir())) == (pytest.ExitCode.USAGE_ERROR, before)
        assert (left(project.path), history(project.path)) == ([TWO], [("made", TWO)])


NO_SPACE = "OSError(errno.ENOSPC, 'No space left on device')"
IN_THE_PROCESS = [
    ("provision.providers.container.containers.Containers.create", "KeyError('items')", "KeyError: 'items'"),
    ("provision.clusters.state.write_whole", NO_SPACE, "No space left on device"),
    ("provision.machines.keys.write_keys", NO_SPACE, "No space left on device"),
]


@pytest.mark.parametrize(("target", "effect", "message"), IN_THE_PROCESS)
def test_an_exception_while_machines_are_made_fails_one_test_and_skips_the_others(
    project: pytest.Pytester, target: str, effect: str, message: str
) -> None:
    patched(project, target, effect)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=TESTS - 1)
    assert_red(project, result, message, f"{TWO} could not be made")
    assert left(project.path) == []


def test_an_exception_in_removal_fails_the_run_and_names_what_is_left(project: pytest.Pytester) -> None:
    (project.path / "scenarios" / "test_zero.py").write_text("""
from provision.providers.container.containers import Containers

def test_zero(cluster):
    remove = Containers.remove

    def fail(self, name, state):
        if name.endswith("1.36"):
            raise KeyError("items")
        remove(self, name, state)

    Containers.remove = fail
""")
    result = project.runpytest_subprocess("--ha-kubernetes", "1.36,1.37")
    result.assert_outcomes(passed=2 * (TESTS + 1), errors=1)
    assert_red(project, result, "items", f"{ONE} is left behind", f"Try: ./run clean {ONE}")
    assert left(project.path) == [ONE]


FULL = """
import errno
from provision.clusters import state
write = state.write_whole

def full(path, content, mode):
    if b'"status": "ready"' in content:
        raise OSError(errno.ENOSPC, "No space left on device")
    return write(path, content, mode)

state.write_whole = full
"""


RECORDS = """
import errno
from pathlib import Path
from fixtures.plugin import testlog
from provision.recording import listeners

def full(write, path_of):
    def written(*arguments, **named):
        if path_of(*arguments).name == {name!r}:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(*arguments, **named)
    return written

Path.write_text = full(Path.write_text, lambda path, *_: path)
listeners.append_line = testlog.append_line = full(listeners.append_line, lambda path, *_: path)
"""


def test_a_full_disk_for_the_state_of_a_ready_cluster_is_shown_once_and_fails_nothing(
    project: pytest.Pytester,
) -> None:
    (project.path / "scenarios" / "conftest.py").write_text(FULL)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS)
    step = f"{TWO}  ✗ write down how far the cluster came  after "
    [shown] = [line for line in result.outlines if line.startswith(step)]
    assert shown.endswith(": OSError: [Errno 28] No space left on device")
    [report] = (project.path / "runs").glob("2*/report.html")
    assert ("✓ Passed" in report.read_text(), "✗ Failed" in report.read_text()) == (True, False)
    assert left(project.path) == []


@pytest.mark.parametrize("name", ["commands.jsonl", "tests.jsonl", f"{TWO}.json", "run.json", "report.html"])
def test_a_full_disk_for_records_hides_no_failure_and_leaves_no_cluster(
    project: pytest.Pytester, inject: Inject, name: str
) -> None:
    (project.path / "scenarios" / "conftest.py").write_text(RECORDS.format(name=name))
    inject(PODS, "killed")
    result = project.runpytest_subprocess()
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED, text
    assert "INTERNALERROR" not in text
    assert "exited with 137" in text
    assert left(project.path) == []
