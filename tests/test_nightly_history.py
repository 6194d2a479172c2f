"""Many nights: what is newly red, flaky, gone or new, and what explains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightly import page
from nightly.history import FINE, FLAKY, GONE, NEW, NEWLY_RED, RETIRED, STILL_RED
from nightly.views import clusters
from tests.generated import ID, Page
from tests.histories import BAD, GOOD, MODES, OTHER, SCENARIOS, Night, cell, explained, kept


@pytest.mark.parametrize(
    ("nights", "state"),
    [
        ([GOOD, GOOD], FINE),
        ([GOOD, GOOD, BAD], NEWLY_RED),
        ([GOOD, BAD, BAD], STILL_RED),
        ([BAD], NEWLY_RED),
        ([GOOD, BAD, GOOD], FLAKY),
        ([GOOD, BAD, Night(harness="bbb2222")], FINE),
        ([GOOD, BAD, Night(version="v1.37.3")], FINE),
        ([GOOD, Night(scenarios=SCENARIOS[1:])], GONE),
        ([GOOD, Night(scenarios=SCENARIOS[1:], keyword="other")], FINE),
        ([GOOD, Night(scenarios=SCENARIOS[1:], complete=False)], FINE),
        ([Night(scenarios=SCENARIOS[1:]), GOOD], NEW),
        ([GOOD, BAD, Night(broken="join the others")], "blocked"),
    ],
)
def test_a_history_has_the_expected_state(tmp_path: Path, nights: list[Night], state: str) -> None:
    assert cell(kept(tmp_path, nights)).state == state


def test_a_scenario_stays_green_when_another_is_red(tmp_path: Path) -> None:
    assert cell(kept(tmp_path, [GOOD, BAD]), "test_ready").state == FINE


def test_a_scenario_can_be_red_and_flaky_at_once(tmp_path: Path) -> None:
    found = cell(kept(tmp_path, [GOOD, BAD, GOOD, BAD]))
    assert (found.state, found.flaky) == (NEWLY_RED, True)


def test_a_regression_is_located_and_explained(tmp_path: Path) -> None:
    after = Night("v1.37.3", red=[MODES], listed="644 super-admin.conf", components={"etcd": "3.7.1"})
    why = explained(kept(tmp_path, [GOOD, GOOD, after, after]))
    assert why.green is not None
    assert (why.green.version, why.red.version) == ("v1.37.2", "v1.37.3")
    assert why.changed == [("Kubernetes", "v1.37.2", "v1.37.3"), ("etcd", "3.7.0", "3.7.1")]
    assert why.failures[0][:2] == ("cp1", "super-admin.conf is 644")
    assert [each.command for each in why.differences] == ["cat /etc/kubernetes/list"]
    assert [line for line in why.differences[0].lines if line[0] in "+-"] == [
        "-600 super-admin.conf", "+644 super-admin.conf",
    ]  # fmt: skip


def test_commands_that_name_the_version_are_compared_with_those_of_another(tmp_path: Path) -> None:
    after = Night("v1.37.3", red=[MODES], label="labels: [control-plane]")
    found = explained(kept(tmp_path, [GOOD, after])).differences
    assert [(each.step, each.command) for each in found] == [("initialise", "kubeadm init v1.37.3")]


def test_commands_with_words_of_the_failure_come_first(tmp_path: Path) -> None:
    before = Night(other="1 of 3\n2 of 3")
    after = Night(red=[MODES], listed="644 super-admin.conf\n600 admin.conf", other="1 of 3")
    commands = [each.command for each in explained(kept(tmp_path, [before, after])).differences]
    assert commands == ["cat /etc/kubernetes/list", "cat /etc/other"]


def test_a_version_that_was_never_green_is_compared_with_the_one_before(tmp_path: Path) -> None:
    new = "stacked-uploaded-1.38.0-rc.0"
    nights = [GOOD, Night("v1.38.0-rc.0", cluster=new, red=[MODES], listed="644 super-admin.conf")]
    why = explained(kept(tmp_path, nights), new)
    assert (why.borrowed, why.green and why.green.cluster, len(why.differences)) == (True, ID, 1)


def test_a_scenario_that_was_never_green_is_compared_with_nothing(tmp_path: Path) -> None:
    assert explained(kept(tmp_path, [BAD])).green is None


def test_a_step_that_fails_is_red_and_the_rest_blocked(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, Night(broken="join the others")])
    assert (cell(store, "join the others").state, cell(store).state) == (NEWLY_RED, "blocked")


@pytest.mark.parametrize(
    ("requested", "absence"), [(["1.37"], GONE), (["1.37", "1.36"], GONE), (["1.38", "1.36"], RETIRED), ([], RETIRED)]
)
def test_a_cluster_that_newer_runs_do_not_have_is_gone_or_retired(
    tmp_path: Path, requested: list[str], absence: str
) -> None:
    nights = [Night(cluster=OTHER, red=[MODES]), Night(requested=requested)]
    store = kept(tmp_path, nights)
    assert [each.absence for each in clusters(store.runs(9).runs)] == [absence, ""]
    text = Page(page.draw(store, tmp_path / "page", 9)).text
    shown = ("Nothing is red" in text, "1 cluster gone" in text, "last run" in text)
    assert shown == (True, absence == GONE, True)


def test_a_cluster_is_not_missed_in_another_selection(tmp_path: Path) -> None:
    store = kept(tmp_path, [Night(cluster=OTHER), Night(keyword="other"), Night(complete=False)])
    assert [each.absence for each in clusters(store.runs(9).runs)] == ["", ""]


def test_an_incomplete_night_is_named_and_changes_no_state(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD, BAD, Night(running=MODES, complete=False)])
    assert cell(store).state == NEWLY_RED
    text = Page(page.draw(store, tmp_path / "page", 9)).text
    assert ("1 newly red" in text, "newest run is incomplete: interrupted" in text) == (True, True)


@pytest.mark.parametrize("version", ["v1.36.4", "1.36", "v1.36.4-gke.100"])
def test_a_cluster_that_was_only_checked_has_the_column_of_its_minor(tmp_path: Path, version: str) -> None:
    [view] = clusters(kept(tmp_path, [Night(version=version, cluster="ours")]).runs(1).runs)
    assert view.version == "1.36"
