"""Frozen copies: their names, what is left of one that was never finished, and two processes at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provision.clusters.freezing import Freezer
from provision.clusters.frozen_copies import FrozenCopies
from provision.clusters.lifecycle import Clusters
from provision.clusters.locks import ClusterLocks
from provision.config.cluster_state import ClusterState
from provision.util.errors import BadInput
from provision.util.home import Home
from tests.freezing_provider import Freezes
from tests.homes import ID, OTHER, STATE

pytest_plugins = "tests.freezing_fixtures"


@pytest.mark.parametrize("name", ["", "Upper", "../out", ".hidden", "a/b", "x" * 70])
def test_a_name_that_is_none_is_refused(freezer: Freezer, freezes: Freezes, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a name"):
        freezer.freeze(ID, name)
    with pytest.raises(BadInput, match="no cluster is frozen as"):
        freezer.thaw(name)
    assert freezes.does == []


def test_a_name_is_used_once(freezer: Freezer, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    with pytest.raises(BadInput, match="before exists"):
        freezer.freeze(ID, "before")
    freezer.copies.remove("before")
    freezer.freeze(ID, "before")


def test_what_a_killed_process_left_is_swept_up(freezer: Freezer, tmp_path: Path) -> None:
    (tmp_path / "home" / "frozen" / ".partial-old" / ID).mkdir(parents=True)
    assert list(freezer.copies) == []
    freezer.copies.sweep()
    assert list((tmp_path / "home" / "frozen").iterdir()) == []


def test_what_a_killed_process_left_is_not_part_of_a_copy_of_the_same_name(freezer: Freezer, tmp_path: Path) -> None:
    left = tmp_path / "home" / "frozen" / ".partial-before" / ID / "disks"
    left.mkdir(parents=True)
    freezer.freeze(ID, "before")
    assert sorted(each.name for each in freezer.copies.read("before").folder.iterdir()) == ["disk", "state.json"]


def test_a_name_that_another_process_took_meanwhile_is_refused(
    freezer: Freezer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def held(self: FrozenCopies, name: str) -> Iterator[None]:
        (tmp_path / "home" / "frozen" / name / ID).mkdir(parents=True)
        yield

    monkeypatch.setattr(FrozenCopies, "held", held)
    with pytest.raises(BadInput, match="before exists"):
        freezer.freeze(ID, "before")
    assert list((tmp_path / "home" / "frozen" / "before" / ID).iterdir()) == []


def test_a_copy_that_another_version_made_is_named_and_can_be_removed(freezer: Freezer) -> None:
    freezer.freeze(ID, "before")
    (freezer.copies.read("before").folder / "state.json").write_text('{"schema": 99}')
    for use in (lambda: freezer.copies.read("before"), lambda: freezer.thaw("before")):
        with pytest.raises(BadInput, match="cannot be read by this version") as caught:
            use()
        assert caught.value.fix == "./run frozen remove before"
    freezer.copies.remove("before")
    freezer.freeze(ID, "before")


def test_a_copy_that_is_being_thawed_is_not_removed(
    freezer: Freezer, freezes: Freezes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freezer.freeze(ID, "before")
    refused: list[str] = []

    def remove(cluster: str, state: ClusterState | None) -> None:
        with pytest.raises(BadInput, match="another process") as caught:
            FrozenCopies(Home(tmp_path / "home")).remove("before")
        refused.append(caught.value.what)

    monkeypatch.setattr(freezes, "remove", remove)
    freezer.thaw("before")
    assert len(refused) == 1
    freezer.copies.remove("before")


@pytest.mark.parametrize("kept", [True, False])
def test_a_copy_knows_its_process_and_whether_it_outlives_it(freezer: Freezer, clusters: Clusters, kept: bool) -> None:
    copy = freezer.freeze(ID, "before", kept=kept)
    assert (copy.state.owner, copy.state.kept) == (os.getpid(), kept)
    assert clusters.registry.expect_ready(ID).owner == STATE.owner, "the cluster is whose it was"
    assert not freezer.is_abandoned(copy)
    clusters.registry._locks.give_back(ID)  # as when the process ends
    assert freezer.is_abandoned(copy) is not kept


def test_abandoned_copies_are_removed_by_the_process_that_works_on_their_cluster(
    freezer: Freezer, clusters: Clusters, tmp_path: Path
) -> None:
    freezer.freeze(ID, "kept")
    freezer.freeze(ID, "run-1", kept=False)
    clusters.registry._locks.give_back(ID)
    other = ClusterLocks(tmp_path / "home" / "locks")
    other.take(ID)
    with pytest.raises(BadInput, match="another process"):
        freezer.remove_abandoned(ID)
    assert [each.name for each in freezer.copies] == ["kept", "run-1"]
    other.give_back(ID)
    assert freezer.remove_abandoned(OTHER) == []
    assert freezer.remove_abandoned(ID) == ["run-1"]
    assert [each.name for each in freezer.copies] == ["kept"]


def test_what_another_process_freezes_is_left_alone(freezer: Freezer, tmp_path: Path) -> None:
    (tmp_path / "home" / "frozen" / ".partial-old" / ID).mkdir(parents=True)
    with FrozenCopies(Home(tmp_path / "home")).held("old"):
        freezer.copies.sweep()
        with pytest.raises(BadInput, match="another process"):
            freezer.freeze(ID, "old")
    assert (tmp_path / "home" / "frozen" / ".partial-old" / ID).exists()
