"""How a failed scenario is shown: plain text in every file, the machine and what is wrong with it first."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import TWO, make_project

pytest_plugins = "pytester"

SCENARIOS = '''
"""Certificates.

Source: https://kubernetes.io/docs/setup/best-practices/certificates/, all of it
"""

def test_modes(cluster, control_plane):
    found = {"/etc/kubernetes/pki/" + "a" * 60 + f"/{number}.key": "600" for number in range(30)}
    wrong = {"/etc/kubernetes/pki/apiserver-kubelet-client.key": "644"} if control_plane.name == "cp2" else {}
    print("\\x1b[31mred\\x1b[0m")
    assert {**wrong} == {}

def test_kubelet(cluster, worker):
    """https://kubernetes.io/docs/x/#y."""
    state = "inactive" if worker.name == "w3" else "active"
    assert state == "active", f"kubelet is {state}, must be active"

def test_whole(cluster):
    assert not cluster
'''


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, only=SCENARIOS)
    return pytester


def on_a_terminal(folder: Path) -> str:
    """What a run writes to a terminal, colours and all."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color"}
    command = [sys.executable, "-m", "pytest", "--color=yes", "-pno:xdist"]
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # Linux' way to say that no process has the terminal any more
                break
            if not some:
                break
            seen += some
    os.close(ours)
    assert process.returncode == pytest.ExitCode.TESTS_FAILED
    return seen.decode()


def test_a_terminal_gets_colours_and_no_file_does(project: pytest.Pytester) -> None:
    assert "\x1b[31m" in on_a_terminal(project.path)
    folder = project.path / "runs" / "last"
    for name in ("report.html", "junit.xml", "tests.jsonl", "run.json"):
        text = (folder / name).read_text()
        for escape in ("\x1b", "\\u001b", "#x1B", "[0m", "[31m"):
            assert escape not in text, (name, escape)
    assert (
        "unexpected: {&#39;/etc/kubernetes/pki/apiserver-kubelet-client.key&#39;: &#39;644&#39;}"
        in (folder / "report.html").read_text()
    )


@pytest.mark.parametrize("workers", ["-pno:xdist", "-n1"])
def test_a_failure_begins_with_the_machine_and_has_no_arguments(project: pytest.Pytester, workers: str) -> None:
    result = project.runpytest_subprocess(workers)
    result.assert_outcomes(passed=4, failed=3)
    text = result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "cp2: unexpected: {'/etc/kubernetes/pki/apiserver-kubelet-client.key': '644'}",
            "The page: https://kubernetes.io/docs/setup/best-practices/certificates/",
            "scenarios/test_only.py:*: in test_modes",
            "E   AssertionError: assert {'/etc/kubernetes/pki/apiserver-kubelet-client.key': '644'} == {}",
            "w3: kubelet is inactive, must be active",
            "The page: https://kubernetes.io/docs/x/#y",
            f"{TWO}: assert not <{TWO}>",
        ]
    )
    for noise in ("cluster = <", "control_plane = <", "Full output truncated", "..."):
        assert noise not in text.split("FAILURES")[1].split("short test summary")[0], noise


def test_the_arguments_are_shown_to_who_asks_for_them(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--tb=long", "-k", "test_whole and not external")
    result.stdout.fnmatch_lines(["cluster = <*"])


def test_the_last_line_has_counts_report_and_evidence(project: pytest.Pytester) -> None:
    """Notices stand before it, and none among the dots."""
    result = project.runpytest_subprocess("-pno:xdist", "--ha-keep", "always", "--ha-control-planes", "2")
    folder = (project.path / "runs" / "last").resolve()
    last = result.outlines[-1]
    assert last.startswith("3 failed, 3 passed, 6 deselected in ")
    assert last.endswith(f"; report: {folder}/report.html; evidence: {folder}/evidence")
    cluster = "stacked-uploaded-1.37-2cp"
    for notice in (f"{cluster} is kept: ./run ssh {cluster} cp1; *", f"{cluster}: two etcd members survive no loss; *"):
        result.stdout.fnmatch_lines(["*= FAILURES =*", notice, "*short test summary info*"])
