"""Faults that nobody planned for, put into steps, fixtures and the provider: red where they are, and nothing left over.

Killed commands say nothing, answers are garbage, connections end, disks are full, and exceptions come from nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection

import pytest

from provision.recording.redaction import Redactor
from report.records import Records, read
from report.results import results
from report.verdict import verdict
from tests.fakes import ONE, TWO, make_project
from tests.notes import history, left

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow

STEP = "initialise the first control plane"
PODS = "sudo KUBECONFIG=/etc/kubernetes/admin.conf kubectl get pods -n kube-system -o json"
FILES = (
    "sudo find /etc/kubernetes -type f -not -path '*/kubelet.d/*' -printf '%m %u:%g %p\\n';"
    " echo; sudo find /etc/kubernetes -type f -exec sha256sum {} +"
)
FIRST = """
def test_early(machines): pass
def test_late(cluster): pass
def test_worker(cluster, worker): pass
"""
FACTS = """
from fixtures.files import NodeFiles
import pytest

@pytest.fixture(scope="session")
def first(cluster):
    return NodeFiles(cluster.control_planes[0])

def test_pods(system_pods): pass
def test_pods_again(system_pods): pass
def test_files(first): assert first.facts
def test_files_again(first): assert first.facts
def test_plain(cluster): pass
"""
TESTS = 1 + 1 + 3 + 5
Inject = Callable[..., None]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, first=FIRST, second=FACTS)
    return pytester


@pytest.fixture
def inject(monkeypatch: pytest.MonkeyPatch) -> Inject:
    """Lets a command fail: a step's, another one on a machine, or one of the engine."""

    def inject(command: str, how: str = "") -> None:
        monkeypatch.setenv("FAKE_FAILS", command)
        monkeypatch.setenv("FAKE_HOW", how)

    return inject


def patched(project: pytest.Pytester, target: str, effect: str) -> None:
    """Has something in the run's own process raise an exception: for what no program can bring about."""
    (project.path / "scenarios" / "conftest.py").write_text(f"""
import errno
from unittest.mock import patch
patch({target!r}, autospec=True, side_effect={effect}).start()
""")


def records(project: pytest.Pytester) -> Records:
    """Those of the newest run; `last` is the newest of those that did something to a cluster."""
    newest = max(path for path in (project.path / "runs").iterdir() if not path.is_symlink())
    return read(newest, Redactor())


def word(project: pytest.Pytester) -> str:
    found = records(project)
    return verdict(found, results(found.phases)).word


def started(project: pytest.Pytester, step: str) -> int:
    """How often a step was begun."""
    return [each.name for each in records(project).steps].count(step)


def asked(project: pytest.Pytester, command: str) -> int:
    """How often a command was run, on all machines."""
    return [each.command for each in records(project).commands].count(command)


def assert_red(project: pytest.Pytester, result: pytest.RunResult, *said: str, kept: Collection[str] = ()) -> None:
    """The run ends with 1 and says so everywhere; nothing but what is `kept` is left, or named with what removes it."""
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED, text
    assert "INTERNALERROR" not in text
    assert [each for each in said if each not in text] == []
    assert word(project) == "failed"
    assert [each for each in left(project.path) if each not in kept and f"./run clean {each}" not in text] == []


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
def test_a_fault_in_a_fixture_makes_red_who_needs_it_and_no_other(
    project: pytest.Pytester, inject: Inject, how: str
) -> None:
    inject(PODS, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS - 2, errors=2)
    assert_red(project, result, IN_A_FIXTURE[how], "ERROR at setup of test_pods[", "ERROR at setup of test_pods_again[")
    assert asked(project, PODS) == (0 if how == "unforeseen" else 1)  # which comes before anything is recorded
    assert left(project.path) == []


@pytest.mark.parametrize("how", ["killed", "garbage", "lost"])
def test_facts_that_could_not_be_read_are_not_asked_for_again(
    project: pytest.Pytester, inject: Inject, how: str
) -> None:
    inject(FILES, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS - 2, failed=2)
    assert_red(project, result)
    assert asked(project, FILES) == 1


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


@pytest.mark.parametrize(("command", "how", "said"), MAKING)
def test_a_fault_while_machines_are_made_is_met_once(
    project: pytest.Pytester, inject: Inject, command: str, how: str, said: str
) -> None:
    inject(command, how)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=TESTS - 1)
    assert_red(project, result, said, f"{TWO} could not be made")
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


def test_a_fault_while_a_kept_cluster_is_attached_to_leaves_it_as_it_is(
    project: pytest.Pytester, inject: Inject
) -> None:
    assert project.runpytest_subprocess("--ha-keep", "always").ret == 0
    for how in ("lost", "killed", "unforeseen"):
        inject("true", how)
        result = project.runpytest_subprocess("--ha-reuse", "yes")
        result.assert_outcomes(errors=1, skipped=TESTS - 1)
        assert_red(project, result, TWO, kept=[TWO])
        assert (left(project.path), history(project.path)) == ([TWO], [("made", TWO)])


def test_a_record_that_cannot_be_read_is_no_leave_to_remove(project: pytest.Pytester) -> None:
    """A cluster that was kept stays, whatever became of what is remembered of it."""
    assert project.runpytest_subprocess("--ha-keep", "always").ret == 0
    for text in ("", "{", "[]", '{"schema": 99, "state": {}}', '{"schema": 2, "state": []}'):
        (project.path / "home" / "clusters" / TWO / "state.json").write_text(text)
        result = project.runpytest_subprocess()
        result.assert_outcomes(errors=1, skipped=TESTS - 1)
        assert_red(project, result, TWO, kept=[TWO])
        assert (left(project.path), history(project.path)) == ([TWO], [("made", TWO)])


NO_SPACE = "OSError(errno.ENOSPC, 'No space left on device')"
IN_THE_PROCESS = [
    ("provision.providers.container.containers.Containers.create", "KeyError('items')", "KeyError: 'items'"),
    ("provision.clusters.state.write_whole", NO_SPACE, "No space left on device"),
    ("provision.machines.keys.write_keys", NO_SPACE, "No space left on device"),
]


@pytest.mark.parametrize(("target", "effect", "said"), IN_THE_PROCESS)
def test_an_exception_while_machines_are_made_is_met_once(
    project: pytest.Pytester, target: str, effect: str, said: str
) -> None:
    patched(project, target, effect)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1, skipped=TESTS - 1)
    assert_red(project, result, said, f"{TWO} could not be made")
    assert left(project.path) == []


def test_an_exception_in_removal_fails_the_run_and_names_what_is_left(project: pytest.Pytester) -> None:
    (project.path / "scenarios" / "test_zero.py").write_text("""
from provision.providers.container.containers import Containers

def test_zero(cluster):
    remove = Containers.remove

    def fail(self, name):
        if name.endswith("1.36"):
            raise KeyError("items")
        remove(self, name)

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
from fixtures import testlog
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


def test_a_cluster_that_cannot_be_remembered_as_ready_is_tested_and_removed_and_the_reason_is_said_once(
    project: pytest.Pytester,
) -> None:
    (project.path / "scenarios" / "conftest.py").write_text(FULL)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=TESTS)
    step = f"{TWO}  ✗ write down how far the cluster came  after "
    [said] = [line for line in result.outlines if line.startswith(step)]
    assert said.endswith(": OSError: [Errno 28] No space left on device")
    [report] = (project.path / "runs").glob("2*/report.html")
    assert ("✓ Passed" in report.read_text(), "✗ Failed" in report.read_text()) == (True, False)
    assert left(project.path) == []


@pytest.mark.parametrize("name", ["commands.jsonl", "tests.jsonl", f"{TWO}.json", "run.json", "report.html"])
def test_records_on_a_full_disk_hide_no_failure_and_leave_no_cluster(
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


def test_verbs_take_an_engine_that_fails_for_no_answer(project: pytest.Pytester, inject: Inject) -> None:
    assert project.runpytest_subprocess("--ha-keep", "always", "-k", "stacked and early").ret == 0
    for command, how in (("podman ps", "killed"), ("podman network ls", "full")):
        inject(command, how)
        for verb in (["status"], ["clean"], ["clean", "--all"], ["clean", TWO]):
            result = project.run(sys.executable, "-m", "provision", *verb)
            assert (result.ret, result.stdout.str()) == (1, ""), verb
            assert command in result.stderr.str(), verb
            assert "Traceback" not in result.stderr.str(), verb
            assert left(project.path) == [TWO], verb
