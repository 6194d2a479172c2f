"""Faults of programs and machines, put into steps, fixtures and the provider: a run is red there, and leaves nothing.

Commands are killed and print nothing, answers are garbage, connections end, disks are full.
"""

from __future__ import annotations

import sys

import pytest

from tests.fakes import TWO
from tests.faulty_runs import FILES, PODS, STEP, TESTS, Inject, assert_red, started, times_run
from tests.notes import history, left

pytest_plugins = ("pytester", "tests.faulty_run_fixtures")
pytestmark = pytest.mark.slow

IN_A_STEP = {
    "killed": f"on cp1: `{STEP}` exited with 137",
    "garbage": "JSONDecodeError",
    "lost": f"cp1 stopped answering during `{STEP}`",
    "full": "No space left on device",
    "unforeseen": "KeyError: 'items'",
}


@pytest.mark.parametrize("how", IN_A_STEP)
def test_a_fault_in_a_step_breaks_the_cluster_once(project: pytest.Pytester, inject: Inject, how: str) -> None:
    inject(STEP, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1, skipped=TESTS - 2)
    assert_red(project, result, IN_A_STEP[how], f"{TWO} is broken at step '{STEP}'")
    assert (started(project, STEP), history(project.path)) == (1, [("made", TWO), ("removed", TWO)])


IN_A_FIXTURE = {
    "killed": "exited with 137",
    "garbage": "JSONDecodeError",
    "lost": "cp1 stopped answering during `sudo KUBECONFIG",
    "full": "No space left on device",
    "unforeseen": "KeyError: 'items'",
}


@pytest.mark.parametrize("how", IN_A_FIXTURE)
def test_a_fault_in_a_fixture_fails_the_tests_that_need_it_and_no_other(
    project: pytest.Pytester, inject: Inject, how: str
) -> None:
    inject(PODS, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS - 2, errors=2)
    assert_red(project, result, IN_A_FIXTURE[how], "ERROR at setup of test_pods[", "ERROR at setup of test_pods_again[")
    assert times_run(project, PODS) == (0 if how == "unforeseen" else 1)  # which comes before anything is recorded
    assert left(project.path) == []


@pytest.mark.parametrize("how", ["killed", "garbage", "lost"])
def test_facts_that_could_not_be_read_are_not_read_again(project: pytest.Pytester, inject: Inject, how: str) -> None:
    inject(FILES, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS - 2, failed=2)
    assert_red(project, result)
    assert times_run(project, FILES) == 1


MAKING = [
    ("podman ps", "killed", "podman ps"),
    ("podman ps", "garbage", "podman rm -f"),
    ("podman network create", "killed", "`podman network create"),
    ("podman network create", "full", "the disk is full: `podman network create"),
    ("podman network inspect", "garbage", "`ip address replace"),
    ("podman run cp2", "killed", "--hostname=cp2"),
    ("podman run cp2", "full", "the disk is full: `podman run"),
    ("systemctl is-system-running", "lost", "stopped answering during `systemctl is-system-running`"),
    ("systemctl is-system-running", "unforeseen", "KeyError: 'items'"),
]


@pytest.mark.parametrize(("command", "how", "message"), MAKING)
def test_a_fault_while_machines_are_made_fails_one_test_and_skips_the_others(
    project: pytest.Pytester, inject: Inject, command: str, how: str, message: str
) -> None:
    inject(command, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=TESTS - 1)
    assert_red(project, result, message, f"{TWO} could not be made")
    assert history(project.path).count(("made", TWO)) <= 1


@pytest.mark.parametrize(
    ("command", "how"), [("podman ps", "killed"), ("podman rm", "killed"), ("podman rm", "full"),
                         ("podman network rm", "killed"), ("podman network ls", "killed")],
)  # fmt: skip
def test_a_fault_in_removal_fails_the_run_and_names_what_is_left(
    project: pytest.Pytester, inject: Inject, command: str, how: str
) -> None:
    (project.path / "scenarios" / "test_zero.py").write_text(f"""
import os
def test_zero(cluster):
    os.environ |= {{"FAKE_FAILS": {command!r}, "FAKE_HOW": {how!r}}}
""")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS + 1, errors=1)
    assert_red(project, result, "podman", f"{TWO} is left behind", f"Try: ./run clean {TWO}")
    assert left(project.path) == [TWO]
    inject("")
    assert project.run(sys.executable, "-m", "provision", "clean", TWO).ret == 0
    assert left(project.path) == []


def test_a_fault_while_a_kept_cluster_is_used_again_leaves_it_as_it_is(
    project: pytest.Pytester, inject: Inject
) -> None:
    assert project.runpytest_subprocess("--ha-keep", "always").ret == 0
    for how in ("lost", "killed", "unforeseen"):
        inject("true", how)
        result = project.runpytest_subprocess("--ha-reuse", "yes")
        result.assert_outcomes(errors=1, skipped=TESTS - 1)
        assert_red(project, result, TWO, kept=[TWO])
        assert (left(project.path), history(project.path)) == ([TWO], [("made", TWO)])


def test_verbs_fail_where_the_engine_fails_and_remove_nothing(project: pytest.Pytester, inject: Inject) -> None:
    assert project.runpytest_subprocess("--ha-keep", "always", "-k", "stacked and early").ret == 0
    for command, how in (("podman ps", "killed"), ("podman network ls", "full")):
        inject(command, how)
        for verb in (["status"], ["clean"], ["clean", "--all"], ["clean", TWO]):
            result = project.run(sys.executable, "-m", "provision", *verb)
            assert (result.ret, result.stdout.str()) == (1, ""), verb
            assert command in result.stderr.str(), verb
            assert "Traceback" not in result.stderr.str(), verb
            assert left(project.path) == [TWO], verb
