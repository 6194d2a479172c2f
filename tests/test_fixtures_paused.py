"""Runs that take a cluster which waits, paused, instead of making one."""

from __future__ import annotations

import json

import pytest

from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"

CLUSTER = "stacked-uploaded-1.37"
PAUSED = f"""
from tests import fakes
fakes.install()
from provision.clusters.lifecycle import Clusters
from provision.clusters.pausing import Pauser
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
clusters = Clusters(Settings.of({{}}))
clusters.start(ClusterId.parse("{CLUSTER}")).arrive()
Pauser(clusters).pause("{CLUSTER}")
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    make_project(pytester, monkeypatch, only="def test_one(cluster, control_plane): pass")
    assert pytester.runpython(pytester.makepyfile(maker=PAUSED)).ret == 0
    return pytester


def _status(project: pytest.Pytester) -> str:
    file = project.path / "home" / "clusters" / CLUSTER / "state.json"
    return str(json.loads(file.read_text())["state"]["status"])


def test_a_paused_cluster_is_taken_and_waits_again_afterwards(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ha-reuse", "paused", "--ha-kubernetes", "1.37")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"*{CLUSTER} was paused, and goes on"])
    result.stdout.fnmatch_lines([f"{CLUSTER} waits again, paused: ./run resume {CLUSTER}"])
    result.stdout.no_fnmatch_line("*./run ssh*")
    assert (history(project.path), _status(project)) == ([("made", CLUSTER)], "paused")


def test_one_on_which_something_failed_is_not_taken_for_a_new_one_again(project: pytest.Pytester) -> None:
    (project.path / "scenarios" / "test_only.py").write_text("def test_one(cluster, control_plane): assert 0")
    result = project.runpytest_subprocess("--ha-reuse", "paused", "--ha-kubernetes", "1.37")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([f"{CLUSTER} is kept: ./run ssh {CLUSTER} cp1; remove it with ./run clean {CLUSTER}"])
    assert (history(project.path), _status(project)) == ([("made", CLUSTER)], "ready")


def test_one_that_does_not_answer_waits_again(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "true")
    result = project.runpytest_subprocess("--ha-reuse", "paused", "--ha-kubernetes", "1.37")
    result.assert_outcomes(errors=1, skipped=2)
    result.stdout.fnmatch_lines([f"{CLUSTER} waits again, paused: ./run resume {CLUSTER}"])
    assert (history(project.path), _status(project)) == ([("made", CLUSTER)], "paused")


def test_one_whose_resuming_is_interrupted_waits_again(project: pytest.Pytester) -> None:
    interrupted = """
from provision.clusters.lifecycle import Clusters

def attach(self, cluster):
    raise KeyboardInterrupt

Clusters.attach = attach
"""
    with (project.path / "conftest.py").open("a") as file:
        file.write(interrupted)
    result = project.runpytest_subprocess("--ha-reuse", "paused", "--ha-kubernetes", "1.37")
    assert result.ret == 130
    assert (history(project.path), _status(project)) == ([("made", CLUSTER)], "paused")


def test_one_that_would_be_made_in_another_way_is_refused_and_left(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ha-reuse", "paused", "--ha-kubernetes", "1.37", "--ha-online", "yes")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {CLUSTER} is paused, and not taken: *online (False, now True)"])
    assert (history(project.path), _status(project)) == ([("made", CLUSTER)], "paused")


@pytest.mark.parametrize("reuse", ["no", "yes"])
def test_it_is_left_alone_where_it_is_not_wanted(project: pytest.Pytester, reuse: str) -> None:
    result = project.runpytest_subprocess("--ha-reuse", reuse, "--ha-kubernetes", "1.37")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {CLUSTER} exists and is kept *"])
    assert _status(project) == "paused"


def test_up_has_a_new_cluster_wait(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    make_project(pytester, monkeypatch, only="def test_one(cluster): pass")
    up = "from tests import fakes\nfakes.install()\nimport sys\nfrom provision.cli.parser import main\n"
    made = pytester.runpython(pytester.makepyfile(up=f"{up}sys.exit(main(['up', '{CLUSTER}', '--pause']))"))
    assert (made.ret, made.outlines, _status(pytester)) == (0, [CLUSTER], "paused")


def test_up_makes_nothing_that_it_could_not_have_wait(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(pytester, monkeypatch, only="def test_one(cluster): pass")
    up = "from tests import fakes\nfakes.install()\nimport sys\nfrom provision.cli.parser import main\n"
    typed = f"['up', '{CLUSTER}', '--pause', '--ha-provider', 'vagrant']"
    refused = pytester.runpython(pytester.makepyfile(up=f"{up}sys.exit(main({typed}))"))
    assert (refused.ret, refused.outlines, history(pytester.path)) == (2, [], [])
    refused.stderr.fnmatch_lines(["*--pause needs machines that are containers*", "*--ha-provider container*"])
