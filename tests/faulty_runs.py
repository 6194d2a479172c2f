"""Whole runs of pytest with a fault in them: what they run, and what must be true of each."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from provision.util.redaction import Redactor
from report.records import Records, read
from report.results import results
from report.verdict import verdict
from tests.notes import left

STEP = "initialise the first control plane"
PODS = "sudo KUBECONFIG=/etc/kubernetes/admin.conf kubectl get pods -n kube-system -o json"
FILES = "sudo -n env LC_ALL=C sh -c 'find /etc/kubernetes -type f -exec sha256sum {} +'"
EARLY_AND_LATE = """
def test_early(machines): pass
def test_late(cluster): pass
def test_worker(cluster, worker): pass
"""
READING_FACTS = """
from fixtures.subjects.files import NodeFiles
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


def times_run(project: pytest.Pytester, command: str) -> int:
    """How often a command was run, on all machines."""
    return [each.command for each in records(project).commands].count(command)


def assert_red(project: pytest.Pytester, result: pytest.RunResult, *lines: str, kept: Collection[str] = ()) -> None:
    """The run ends with 1 and shows why; nothing but what is `kept` is left, or named with what removes it."""
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED, text
    assert "INTERNALERROR" not in text
    assert [each for each in lines if each not in text] == []
    assert word(project) == "failed"
    assert [each for each in left(project.path) if each not in kept and f"./run clean {each}" not in text] == []
