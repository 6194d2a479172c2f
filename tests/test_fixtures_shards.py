"""Whole runs of a shard: together they run everything once, and one without a cluster is a success."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import make_project
from tests.notes import history

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow

SCENARIOS = """
import pytest

def test_cluster(cluster): pass
def test_machine(cluster, control_plane): pass
def test_nothing(): pass
"""
MINORS = "--ha-kubernetes=latest,-1"


def run(pytester: pytest.Pytester, *arguments: str) -> tuple[int, set[str], dict[str, Any]]:
    """The exit status of a run, the tests that it ran, and its record."""
    folder = pytester.path / "-".join(each.replace("/", "of").strip("-") for each in arguments)
    result = pytester.runpytest_subprocess(*arguments, f"--ha-run-dir={folder}", "--ha-night=tonight")
    lines = [json.loads(line) for line in (folder / "tests.jsonl").read_text().splitlines()]
    ran = {each["nodeid"] for each in lines if each["kind"] == "test"}
    return int(result.ret), ran, json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize("how", ["-pno:xdist", "-n2"])
def test_shards_run_everything_once(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    whole = run(pytester, how, MINORS)
    first, second = (run(pytester, how, MINORS, f"--ha-shard={index}/2") for index in (1, 2))
    assert [each[0] for each in (whole, first, second)] == [0, 0, 0]
    assert (first[1] | second[1], first[1] & second[1]) == (whole[1], set())
    assert [{each["id"] for each in one[2]["clusters"]} for one in (first, second)] == [
        {"stacked-uploaded-1.36"}, {"stacked-uploaded-1.37"},
    ]  # fmt: skip
    parts = {"stacked-uploaded-1.36": 1, "stacked-uploaded-1.37": 2}
    shards = [one[2]["shard"] for one in (whole, first, second)]
    assert shards == [{}, *(
        {"index": index, "of": 2, "night": "tonight", "parts": parts, "elsewhere": True} for index in (1, 2)
    )]  # fmt: skip


@pytest.mark.parametrize("how", ["-pno:xdist", "-n1"])
def test_a_shard_without_a_cluster_is_green_and_says_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    result = pytester.runpytest_subprocess("--ha-shard=3/3", MINORS, how, "--ha-night=tonight")
    result.stdout.fnmatch_lines(["shard 3/3 of the night tonight has no cluster: there are 2 in all, *"])
    assert (result.ret, history(pytester.path)) == (0, [])


def test_a_selection_that_is_empty_on_all_shards_is_as_red_as_without_shards(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    result = pytester.runpytest_subprocess("--ha-shard=1/2", MINORS, "-k", "nothing_like_this")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_cluster_is_whole_in_its_shard_before_and_after_its_upgrade(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    _, ran, found = run(pytester, "--ha-kubernetes=1.37", "--ha-upgrade-from=previous", "--ha-shard=1/2")
    upgraded = "stacked-uploaded-1.37-from-1.36"
    assert found["shard"]["parts"] == {upgraded: 1}
    assert {each["id"] for each in found["clusters"]} == {upgraded, f"{upgraded}-before"}
    assert len(ran) == 2 * (1 + 3) + 1  # on each of three control planes, and what is about no cluster


def test_what_k_chooses_is_divided(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    for index, ran in ((1, 1), (2, 0)):
        status, tests, found = run(
            pytester, MINORS, f"--ha-shard={index}/2", "-ktest_cluster and 1.37 and not external"
        )
        assert (status, len(tests), found["shard"]["parts"]) == (0, ran, {"stacked-uploaded-1.37": 1})


def test_measured_durations_decide_where_a_cluster_goes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    durations = tmp_path / "durations.json"
    durations.write_text(json.dumps({"stacked-uploaded-1.36": 10, "stacked-uploaded-1.37": 20}))
    found = run(pytester, MINORS, f"--ha-shard-durations={durations}", "--ha-shard=1/2")[2]
    assert found["shard"]["parts"] == {"stacked-uploaded-1.36": 2, "stacked-uploaded-1.37": 1}


@pytest.mark.parametrize("text", ["0/5", "6/5", "x"])
def test_what_is_not_a_shard_leaves_nothing_behind(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    make_project(pytester, monkeypatch, stacked=SCENARIOS)
    result = pytester.runpytest_subprocess(f"--ha-shard={text}")
    result.stderr.fnmatch_lines([f"ERROR: '{text}' is not a shard: the second of five parts is 2/5", "Try: *"])
    assert (result.ret, (pytester.path / "runs").exists()) == (pytest.ExitCode.USAGE_ERROR, False)
