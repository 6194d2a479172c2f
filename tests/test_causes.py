"""Causes over the nights: red or green, since when, how often, and what that is called."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from nightly import summary
from nightly.causes import cause as causes
from nightly.causes import keeping, words
from nightly.causes.again import command
from nightly.causes.cause import GREEN_NOW, NOT_RUN, Cause
from nightly.causes.fisher import fisher
from nightly.history import NEWLY_RED, STILL_RED
from nightly.nowhere import NOWHERE
from nightly.store import Store
from nightly.views import clusters
from tests.documented import parse
from tests.generated import ID, NOW, lines, phase, step
from tests.histories import DAY, GOOD, MODES, OTHER, Night, kept

MESSAGE = "cp1 has no leader of etcd"
RED = Night(red=[MODES], says={MODES: MESSAGE})


def found(store: Store) -> list[Cause]:
    return causes.found(clusters(store.runs().runs), store)


def with_causes(folder: Path, nights: Sequence[Night]) -> Store:
    """The store of nights to which each was added by the verb, as people do: with its causes."""
    store = Store(folder / "store")
    for day, night in enumerate(nights):
        keeping.add(night.write(folder, day), store)
    return store


# One cause is one row


def test_tests_that_say_the_same_are_one_cause_and_others_another(tmp_path: Path) -> None:
    says = {MODES: MESSAGE, "test_ready": "cp1 has no leader of etcd", "test_voters": "cp1 has no voter of etcd"}
    one, other = found(with_causes(tmp_path, [GOOD, Night(red=list(says), says=says)]))
    assert ([len(each.tests) for each in (one, other)], one.headline) == ([2, 1], "‹machine› has no leader of etcd")


def test_the_same_cause_on_other_clusters_and_versions_is_one_row(tmp_path: Path) -> None:
    other = Night("v1.36.3", "stacked-uploaded-1.36", red=["test_ready"], says={"test_ready": MESSAGE}, keyword="other")
    (only,) = found(with_causes(tmp_path, [GOOD, RED, other]))
    assert only.clusters == ["stacked-uploaded-1.36", ID]
    assert only.versions == ["v1.36.3", "v1.37.2"]


def test_a_step_and_the_test_that_met_it_first_are_one_cause(tmp_path: Path) -> None:
    run = Night(broken="join the others").write(tmp_path, 0)
    text = f"{ID}: step 'join the others' failed\non cp1: exited with 1"
    failed = phase(f"scenarios/test_a.py::test_x[{ID}:cp1]", "setup", "failed", text=text)
    lines(run / "tests.jsonl", [failed, {"kind": "session", "exitstatus": 1, "collected": 1}])
    store = Store(tmp_path / "store")
    keeping.add(run, store)
    (only,) = found(store)
    assert only.tests == ["scenarios/test_a.py::test_x", "step: join the others"]


def test_a_failure_that_was_met_again_has_the_cause_of_the_first(tmp_path: Path) -> None:
    run = GOOD.write(tmp_path, 0)
    first = f"scenarios/test_a.py::test_x[{ID}:cp1]"
    again = phase(f"scenarios/test_a.py::test_y[{ID}:cp2]", "call", "failed", text="see it\nKeyError", repeats=first)
    shown = phase(first, "call", "failed", text="E   KeyError: 'a'\nE   a long story", reason="KeyError: 'a'")
    lines(run / "tests.jsonl", [shown, again, {"kind": "session", "exitstatus": 1, "collected": 2}])
    store = Store(tmp_path / "store")
    keeping.add(run, store)
    (only,) = found(store)
    assert len(only.tests) == 2


def test_what_is_red_has_a_cause_also_where_nothing_is_known_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    run = RED.write(tmp_path, 0)
    keeping.add(run, store)
    ((name, data),) = store.runs().runs
    data["clusters"][ID]["failures"] = []
    (only,) = causes.found(clusters([(name, data)]), store)
    assert (only.red, only.headline) == (True, "modes")


@pytest.mark.parametrize(("compared", "headline"), [("9 < 7", "modes: assert 9 < 7"), (f"{'x' * 300} < 7", "modes")])
def test_what_pytest_compared_is_in_the_headline_where_it_has_room(
    tmp_path: Path, compared: str, headline: str
) -> None:
    night = Night(red=[MODES], says={MODES: f"assert {compared}"})
    (only,) = found(with_causes(tmp_path, [night]))
    assert only.headline == headline


def test_what_a_failed_command_printed_as_its_error_is_in_the_headline_first(tmp_path: Path) -> None:
    failure = "E   provision.util.errors.CommandFailed: on cp1: `kubeadm join` exited with 1"
    printed = "E     error: Some fatal errors occurred:\nE     \t[ERROR Port-10250]: Port 10250 is in use"
    run = RED.write(tmp_path, 0)
    failed = phase(f"scenarios/test_a.py::test_x[{ID}:cp1]", "call", "failed", text=f"{failure}\n{printed}")
    lines(run / "tests.jsonl", [failed, {"kind": "session", "exitstatus": 1, "collected": 1}])
    keeping.add(run, store := Store(tmp_path / "store"))
    (only,) = found(store)
    assert only.headline == "[ERROR Port-10250]: Port 10250 is in use: on ‹machine›: `kubeadm join` exited with 1"


# Red or green


@pytest.mark.parametrize(
    ("nights", "state"),
    [("gr", NEWLY_RED), ("grr", STILL_RED), ("grg", GREEN_NOW), ("grgr", NEWLY_RED), ("grgrgrgrgrgrgr", NEWLY_RED)],
)
def test_what_is_red_tonight_is_red_whatever_it_was_before(tmp_path: Path, nights: str, state: str) -> None:
    (only,) = found(kept(tmp_path, [RED if each == "r" else GOOD for each in nights]))
    assert (only.state, only.red) == (state, state != GREEN_NOW)


def test_a_cluster_that_is_gone_makes_no_cause_red(tmp_path: Path) -> None:
    nights = [Night(cluster=OTHER, red=[MODES], says={MODES: MESSAGE}), Night(requested=["1.37"])]
    (only,) = found(kept(tmp_path, nights))
    assert (only.state, only.red) == (NOT_RUN, False)


def test_a_cause_whose_tests_are_blocked_is_no_longer_red_and_not_green(tmp_path: Path) -> None:
    step, tests = found(kept(tmp_path, [GOOD, RED, Night(broken="join the others")]))
    assert (step.state, tests.state) == (NEWLY_RED, NOT_RUN)
    assert words.name(tests) == "its tests were not run, or blocked, since 2026-09-22"


def test_a_file_that_cannot_be_collected_is_red_until_the_next_night(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    run = GOOD.write(tmp_path, 0)
    broken = {"kind": "test", "nodeid": "scenarios/test_b.py", "when": "collect", "outcome": "failed", "text": "E   no"}
    lines(run / "tests.jsonl", [broken, {"kind": "session", "exitstatus": 2, "collected": 0}])
    keeping.add(run, store)
    (only,) = found(store)
    assert (only.red, only.clusters) == (True, [NOWHERE])
    keeping.add(GOOD.write(tmp_path, 1), store)
    assert [each.red for each in found(store)] == [False]


def test_an_artifact_that_cannot_be_built_is_red(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    run = GOOD.write(tmp_path, 0)
    steps = [step("build", 0, 1, error="no Go", cluster="artifacts"), step("fetch", 1, 2, cluster="artifacts")]
    lines(run / "commands.jsonl", steps)
    summary.add(run, store)
    (only,) = found(store)
    assert (only.red, only.tests, only.versions) == (True, ["step: build"], ["1.37.2"])


# What it is called


def test_fishers_test_is_that_of_the_lady_who_tasted_tea() -> None:
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert (fisher(0, 5, 0, 9), fisher(0, 0, 2, 4)) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("nights", "name"),
    [
        ("g" * 20 + "r", "regression"),
        ("ggrr", "first seen 2026-09-23; the earlier runs are too few to call it a regression"),
        ("ggggrrr", "regression"),
        ("r", "first seen 2026-09-21; the earlier runs are too few to call it a regression"),
        ("g" * 9 + "rgggr", "seen before at rate 0.25 since 2026-09-30"),
        ("rgrgrgr", "seen before at rate 0.50 since 2026-09-21"),
        ("r" + "g" * 60 + "rrr", "regression"),
    ],
)
def test_the_test_names_a_red_cause_and_no_more(tmp_path: Path, nights: str, name: str) -> None:
    (only,) = found(kept(tmp_path, [RED if each == "r" else GOOD for each in nights]))
    assert (words.name(only), only.red) == (name, True)


def test_the_numbers_are_of_the_nights_that_all_failed_and_of_those_before(tmp_path: Path) -> None:
    (only,) = found(kept(tmp_path, [GOOD, RED, GOOD, GOOD, RED, RED]))
    assert words.counted(only) == "2 of 2 runs failed now, 1 of 3 before (since its first night); p = 0.3"
    assert words.rate(only) == "3 of 5"


def test_nights_of_other_clusters_count_for_nothing(tmp_path: Path) -> None:
    """A green run of one cluster, newer than the red one of another, does not end its nights."""
    other = Night(cluster=OTHER, keyword="other")
    (only,) = found(kept(tmp_path, [GOOD, other, RED, other, RED, other]))
    assert (only.numbers.failed_now, only.numbers.runs_now, only.numbers.runs_before) == (2, 2, 1)


def test_first_red_and_last_green_nights_are_known(tmp_path: Path) -> None:
    (only,) = found(kept(tmp_path, [GOOD, RED, GOOD, RED, RED]))
    assert only.last_green is not None
    assert [(each - NOW) / DAY for each in (only.since, only.last_green.started)] == [1, 2]


# Ids are kept


def test_an_id_outlives_the_night_that_it_is_from(tmp_path: Path) -> None:
    store = with_causes(tmp_path, [RED, Night(red=[MODES], says={MODES: "cp3 has no leader of etcd !"}), GOOD])
    (whole,) = found(store)
    (newer,) = causes.found(clusters(store.runs(2).runs), store)
    assert (newer.id, newer.since) == (whole.id, NOW)


def test_a_store_from_before_there_were_causes_gets_them_with_the_next_night(tmp_path: Path) -> None:
    store = kept(tmp_path, [RED, GOOD])
    (before,) = found(store)
    keeping.add(Night(red=[MODES], says={MODES: "cp2 has no leader of etcd !"}).write(tmp_path, 7), store)
    assert [name for name, _ in store.causes()] == [before.id]


def test_of_two_stores_that_are_merged_the_older_id_is_taken(tmp_path: Path) -> None:
    first = with_causes(tmp_path / "one", [RED])
    second = Store(tmp_path / "two" / "store")
    night = Night(red=[MODES], says={MODES: f"{MESSAGE}!"})
    keeping.add(night.write(tmp_path / "two", 3), second)
    (older,), (newer,) = found(first), found(second)
    shutil.copytree(tmp_path / "one" / "store", tmp_path / "two" / "store", dirs_exist_ok=True)
    (both,) = found(second)
    assert (both.id, newer.id != older.id, len(second.causes())) == (older.id, True, 2)


def test_a_damaged_cause_is_made_again_under_the_same_id(tmp_path: Path) -> None:
    store = with_causes(tmp_path, [RED])
    ((name, _),) = store.causes()
    (tmp_path / "store" / "causes" / f"{name}.json.gz").write_bytes(b"x")
    (only,) = found(store)
    keeping.add(GOOD.write(tmp_path, 1), store)
    assert (only.id, [each for each, _ in store.causes()]) == (name, [name])


# How to see it again


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        (["/x/pytest", "-k", "a b"], ".tox/harness/bin/pytest"),
        (["/x/fixtures/__main__.py", "all", "--ha-kubernetes=latest,-1", "-k", "x", "-n=2"], "./run all"),
        (
            ["/x/fixtures/__main__.py", "tests", "--ha-reuse=frozen", "-m", "not lengthy"],
            "./run tests -m 'not lengthy'",
        ),
    ],
)
def test_the_command_is_that_of_the_run_for_the_one_test_and_release(
    tmp_path: Path, typed: list[str], again: str, pytestconfig: pytest.Config
) -> None:
    (only,) = found(kept(tmp_path, [Night(red=[MODES], says={MODES: MESSAGE}, selection=typed)]))
    assert command(only.shown[0]) == f"{again} --ha-kubernetes=1.37.2 -k 'stacked and uploaded and test_modes'"
    parse(command(only.shown[0]), pytestconfig._parser)


def test_the_command_of_a_step_chooses_no_test_and_that_of_an_own_build_no_release(tmp_path: Path) -> None:
    typed = ["/x/fixtures/__main__.py", "stacked", "--ha-source=../kubernetes"]
    night = Night(broken="join the others", selection=typed, own=[{"name": "kubeadm", "version": "v1.38.0-alpha.0.1"}])
    (only,) = found(kept(tmp_path, [night]))
    assert command(only.shown[0]) == "./run stacked --ha-source=../kubernetes -k 'stacked and uploaded'"


def test_an_existing_cluster_is_checked_again_as_it_was(tmp_path: Path) -> None:
    night = Night(cluster="mine", red=[MODES], says={MODES: MESSAGE}, selection=["run", "check", "hosts.toml"])
    (only,) = found(kept(tmp_path, [night]))
    assert command(only.shown[0]) == "./run check hosts.toml"
