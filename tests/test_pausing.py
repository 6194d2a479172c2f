"""Clusters that are paused and resumed: what uses them meanwhile, and what is left where it fails."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from provision.clusters.freezing import Freezer
from provision.clusters.lifecycle import Clusters
from provision.clusters.locks import ClusterLocks
from provision.clusters.pausing import Pauser
from provision.config.cluster_state import PAUSED
from provision.providers.provider import Provider
from provision.util.errors import BadInput, CommandFailed
from tests.freezing_provider import Freezes
from tests.homes import ID

pytest_plugins = "tests.freezing_fixtures"


def test_a_paused_cluster_is_used_by_nothing_until_it_is_resumed(
    pauser: Pauser, clusters: Clusters, freezes: Freezes
) -> None:
    pauser.pause(ID)
    for use in (clusters.attach, clusters.attach_as_it_is, clusters.registry.expect_ready, pauser.pause):
        with pytest.raises(BadInput, match="is paused") as caught:
            use(ID)
        assert caught.value.fix == f"./run resume {ID}"
    pauser.resume(ID)
    assert (clusters.registry.ready(), freezes.does) == ([ID], ["pause", "resume"])


@pytest.mark.parametrize("error", [CommandFailed("no such container"), KeyboardInterrupt(), BadInput("no container")])
@pytest.mark.parametrize("verb", ["pause", "freeze"])
def test_where_not_every_machine_can_be_paused_all_go_on(
    freezer: Freezer, pauser: Pauser, clusters: Clusters, freezes: Freezes, verb: str, error: BaseException
) -> None:
    freezes.not_paused = error
    with pytest.raises(type(error)):
        pauser.pause(ID) if verb == "pause" else freezer.freeze(ID, "before")
    assert (freezes.does, clusters.registry.ready()) == (["pause", "resume"], [ID])
    assert list(freezer.copies) == []


def test_machines_that_cannot_go_on_either_are_known_as_paused(
    pauser: Pauser, clusters: Clusters, freezes: Freezes
) -> None:
    freezes.not_paused, freezes.not_resumed = CommandFailed("no such container"), CommandFailed("engine is gone")
    with pytest.raises(CommandFailed, match="no such container") as caught:
        pauser.pause(ID)
    assert caught.value.__notes__ == [f"{ID} is left paused: engine is gone\nTry: ./run resume {ID}"]
    assert pauser.is_paused(ID)


def test_machines_that_are_no_containers_are_not_paused_and_stay_ready(
    freezer: Freezer, pauser: Pauser, clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pause", "resume", "freeze"):
        monkeypatch.setattr(Freezes, name, getattr(Provider, name))
    for use in (lambda: pauser.pause(ID), lambda: freezer.freeze(ID, "before")):
        with pytest.raises(BadInput, match="its machines are not containers"):
            use()
    assert clusters.registry.ready() == [ID]


def test_what_is_not_paused_is_not_resumed(pauser: Pauser, freezes: Freezes) -> None:
    with pytest.raises(BadInput, match="is not paused"):
        pauser.resume(ID)
    assert freezes.does == []


def test_a_cluster_that_another_process_uses_is_neither_frozen_nor_paused(
    freezer: Freezer, pauser: Pauser, tmp_path: Path, freezes: Freezes
) -> None:
    other = ClusterLocks(tmp_path / "home" / "locks")
    other.take(ID)
    try:
        for use in (lambda: freezer.freeze(ID, "before"), lambda: pauser.pause(ID), lambda: pauser.resume(ID)):
            with pytest.raises(BadInput, match="process"):
                use()
    finally:
        other.give_back(ID)
    assert freezes.does == []


def test_a_paused_cluster_is_found_paused_by_the_next_process(pauser: Pauser, clusters: Clusters) -> None:
    pauser.pause(ID)
    state = clusters.registry.states.read(ID)
    assert state
    assert (state.status, state.kept) == (PAUSED, True)
    assert os.getpid() != state.owner


def test_a_paused_cluster_that_is_young_and_the_same_is_usable(pauser: Pauser) -> None:
    pauser.pause(ID)
    assert pauser.is_paused(ID)
    pauser.expect_usable(ID)


def test_a_paused_cluster_whose_uploaded_certificates_end_is_not(pauser: Pauser, clusters: Clusters) -> None:
    pauser.pause(ID)
    state = clusters.registry.states.read(ID)
    assert state
    clusters.registry.states.write(state.but(created=time.time() - 2 * 3600))
    with pytest.raises(BadInput, match="was made 2 h ago"):
        pauser.expect_usable(ID)


def test_a_paused_cluster_that_was_made_from_something_else_is_not(pauser: Pauser, freezes: Freezes) -> None:
    pauser.pause(ID)
    freezes.image = "node:2"
    with pytest.raises(BadInput, match="paused, and not taken: it was made from what is different now: image"):
        pauser.expect_usable(ID)
