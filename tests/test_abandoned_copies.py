"""Frozen copies that runs make for themselves: what tells them from a user's, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.cli.parser import main
from provision.clusters.frozen_copies import FrozenCopies
from provision.clusters.lifecycle import Clusters
from provision.clusters.state import States
from provision.config.settings import Settings
from provision.util.errors import BadInput
from tests.homes import ID, OTHER, STATE, FakeProvider

pytest_plugins = "tests.home_fixtures"


@pytest.fixture
def copies(home: Path, provider: FakeProvider) -> Path:
    """The folder of frozen clusters of a home: of each of two ids one that a user froze, and one that a run did."""
    for cluster in (ID, OTHER):
        States(home / "frozen" / f"kept-{cluster}").write(STATE.but(id=cluster, kept=True))
        States(home / "frozen" / f"run-{cluster}").write(STATE.but(id=cluster, owner=4711))
    return home / "frozen"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


ALL = [f"kept-{OTHER}", f"kept-{ID}", f"run-{OTHER}", f"run-{ID}"]


@pytest.mark.parametrize("more", [[], ["--all"]])
def test_clean_removes_what_a_run_froze_for_itself_and_left(
    copies: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clean", *more]) == 0
    assert names(copies) == [f"kept-{OTHER}", f"kept-{ID}"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"run-{ID} is removed: a run froze {ID} for itself, and is gone" in shown.err
    assert "nothing to remove" not in shown.err


@pytest.mark.parametrize("more", [[], ["--all"]])
def test_clean_leaves_what_a_run_froze_that_lives(copies: Path, busy: None, more: list[str]) -> None:
    assert main(["clean", *more]) == 0
    assert names(copies) == [each for each in ALL if each != f"run-{ID}"]


def test_clean_of_one_cluster_leaves_the_copy_of_its_run_that_lives(copies: Path, states: States, busy: None) -> None:
    states.write(STATE.but(id=OTHER))
    assert main(["clean", OTHER]) == 2
    assert names(copies) == ALL


def test_clean_of_one_cluster_removes_what_a_run_froze_of_it(copies: Path, states: States) -> None:
    states.write(STATE.but(kept=True))
    assert main(["clean", ID]) == 0
    assert (names(copies), states.ids()) == ([each for each in ALL if each != f"run-{ID}"], [])


def test_clean_knows_a_cluster_of_which_only_the_copy_is_left(copies: Path) -> None:
    assert main(["clean", ID]) == 0
    assert names(copies) == [each for each in ALL if each != f"run-{ID}"]


def test_clean_does_not_know_a_cluster_of_which_only_a_user_has_a_copy(copies: Path) -> None:
    FrozenCopies(Clusters(Settings.of({})).host.home).remove(f"run-{ID}")
    assert main(["clean", ID]) == 2
    assert f"kept-{ID}" in names(copies)


def test_clean_removes_a_copy_of_a_cluster_that_is_kept_and_not_the_cluster(copies: Path, states: States) -> None:
    states.write(STATE.but(kept=True))
    assert main(["clean"]) == 0
    assert (names(copies), states.ids()) == ([f"kept-{OTHER}", f"kept-{ID}"], [ID])


def test_clean_goes_on_after_a_copy_that_cannot_be_removed(
    copies: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remove = FrozenCopies.remove

    def removed(self: FrozenCopies, name: str) -> None:
        if name == f"run-{OTHER}":
            raise BadInput(f"another process is working on the frozen cluster {name}")
        remove(self, name)

    monkeypatch.setattr(FrozenCopies, "remove", removed)
    assert main(["clean"]) == 1
    assert names(copies) == [each for each in ALL if each != f"run-{ID}"]
    assert f"what a run froze of {OTHER} for itself is left: another process" in capsys.readouterr().err


def test_clean_says_that_there_is_nothing_where_only_a_user_has_copies(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clean"]) == 0
    capsys.readouterr()
    assert main(["clean"]) == 0
    assert capsys.readouterr().err == "nothing to remove\n"


def test_a_copy_that_an_older_version_wrote_is_left_whatever_it_is_called(copies: Path) -> None:
    """All that they have written is kept: nothing in it says that a run made it."""
    States(copies / f"before-faults-{ID}").write(STATE.but(kept=True, frozen_as=f"before-faults-{ID}"))
    assert main(["clean", "--all"]) == 0
    assert f"before-faults-{ID}" in names(copies)


def test_a_copy_that_cannot_be_read_is_named_and_left(copies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copies / f"run-{ID}" / ID / "state.json").write_text('{"schema": 1}')
    assert main(["clean", "--all"]) == 0
    assert f"what is frozen as run-{ID} cannot be read by this version\nTry: ./run frozen" in capsys.readouterr().err
    assert f"run-{ID}" in names(copies)
    assert main(["frozen"]) == 0
    assert f"run-{ID}\t(cannot be read: ./run frozen remove run-{ID})\n" in capsys.readouterr().out


def test_what_is_listed_says_whose_each_copy_is(copies: Path, busy: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frozen"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[-1]) for row in rows] == list(
        zip(ALL, ["kept", "kept", "process 4711", "abandoned"], strict=True)
    )
