"""Clusters that come back: what is refused before anything changes, and what is left where it fails."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provision.artifacts.home import Home
from provision.clusters import made_from
from provision.clusters.freezing import Freezer
from provision.clusters.frozen_copies import FrozenCopies
from provision.clusters.lifecycle import Clusters
from provision.clusters.locks import ClusterLocks
from provision.config.cluster_state import PAUSED, READY, ClusterState
from provision.config.settings import Settings
from provision.errors import BadInput, CommandFailed, HostLacks
from provision.kubeadm import restarted
from provision.providers import subnets
from provision.providers.provider import Machines
from provision.recording.journal import Journal
from tests.homes import ID, STATE, FakeProvider
from tests.stand_ins import fake_cluster


class Freezes(FakeProvider):
    """Has one machine, whose disk is a file `disk` of this host; `does` is what was requested."""

    def __init__(self, disk: Path) -> None:
        super().__init__(ID)
        self.disk = disk
        self.does: list[str] = []
        self.image = "node:1"
        self.thaws = True

    def made_of(self, state: ClusterState) -> dict[str, str]:
        return {"image": self.image}

    def pause(self, state: ClusterState) -> None:
        self.does.append("pause")

    def resume(self, state: ClusterState) -> None:
        self.does.append("resume")

    def freeze(self, state: ClusterState, folder: Path) -> None:
        self.does.append("freeze")
        if self.fails:
            raise self.fails
        (folder / "disk").write_text(self.disk.read_text())

    def thaw(self, state: ClusterState, folder: Path, journal: Journal) -> Machines:
        self.does.append("thaw")
        if not self.thaws:
            raise CommandFailed("no space")
        self.disk.write_text((folder / "disk").read_text())
        return dict(fake_cluster(name=ID).machines)

    def attach(self, state: ClusterState, journal: Journal) -> Machines:
        return {}


@pytest.fixture
def provider(tmp_path: Path) -> Freezes:
    (tmp_path / "disk").write_text("as it was")
    return Freezes(tmp_path / "disk")


@pytest.fixture
def clusters(tmp_path: Path, provider: Freezes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """The clusters of a home folder with one that is ready, made from what there is now."""
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    monkeypatch.setattr(restarted, "wait_until_as_before", lambda cluster, since: None)
    found = Clusters(Settings.of({}), home=Home(tmp_path / "home"), providers={"container": lambda _: provider})
    planned, now = found.planned(STATE.cluster_id), time.time()
    found.registry.states.write(STATE.but(status=READY, kept=True, made_from=planned.made_from, created=now))
    yield found
    found.registry._locks.give_back(ID)


@pytest.fixture
def freezer(clusters: Clusters) -> Freezer:
    return Freezer(clusters)


def test_a_frozen_cluster_comes_back_as_it_was(freezer: Freezer, clusters: Clusters, provider: Freezes) -> None:
    freezer.freeze(ID, "before")
    provider.disk.write_text("broken on purpose")
    freezer.thaw("before")
    state = clusters.registry.expect_ready(ID)
    assert (provider.disk.read_text(), state.frozen_as, state.kept) == ("as it was", "before", True)
    assert (provider.does, provider.removed) == (["pause", "freeze", "resume", "thaw"], [ID])


def test_it_comes_back_where_nothing_is_left_of_it(freezer: Freezer, clusters: Clusters, provider: Freezes) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    freezer.thaw("before")
    assert clusters.registry.ready() == [ID]


@pytest.mark.parametrize("error", [CommandFailed("cp failed"), OSError("disk full"), KeyboardInterrupt()])
def test_where_freezing_fails_the_cluster_goes_on_and_nothing_is_left(
    freezer: Freezer, clusters: Clusters, provider: Freezes, tmp_path: Path, error: BaseException
) -> None:
    provider.fails = error
    with pytest.raises(type(error)):
        freezer.freeze(ID, "before")
    assert (provider.does, list((tmp_path / "home" / "frozen").iterdir())) == (["pause", "freeze", "resume"], [])
    assert clusters.registry.expect_ready(ID).frozen_as == ""


def test_where_thawing_fails_no_half_cluster_is_left(freezer: Freezer, clusters: Clusters, provider: Freezes) -> None:
    freezer.freeze(ID, "before")
    provider.thaws = False
    with pytest.raises(CommandFailed, match="no space"):
        freezer.thaw("before")
    assert (clusters.registry.states.ids(), provider.removed) == ([], [ID, ID])
    assert [each.name for each in freezer.copies] == ["before"]


def test_one_that_would_be_made_from_something_else_is_refused(freezer: Freezer, provider: Freezes) -> None:
    freezer.freeze(ID, "before")
    provider.image = "node:2"
    with pytest.raises(BadInput, match=r"different now: image \(node:1, now node:2\)"):
        freezer.thaw("before")
    with pytest.raises(BadInput, match="cannot be made again"):
        freezer.freeze(ID, "again")
    assert provider.removed == []


def test_one_that_an_older_version_made_is_refused(freezer: Freezer, clusters: Clusters) -> None:
    clusters.registry.states.write(STATE.but(status=READY))
    with pytest.raises(BadInput, match="not known what it was made from"):
        freezer.freeze(ID, "before")


def test_another_cluster_of_the_same_id_is_not_replaced(
    freezer: Freezer, clusters: Clusters, provider: Freezes
) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.states.write(clusters.registry.expect_ready(ID).but(frozen_as=""))
    with pytest.raises(BadInput, match="not the one that was frozen as before"):
        freezer.thaw("before")
    assert provider.removed == []


def test_addresses_that_something_else_has_are_refused(
    freezer: Freezer, clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    monkeypatch.setattr(subnets, "taken", lambda family: list(STATE.networks))
    with pytest.raises(HostLacks, match=r"198\.18\.0\.0/24 is in use"):
        freezer.thaw("before")


def test_no_other_cluster_gets_the_addresses_of_a_frozen_one(freezer: Freezer, clusters: Clusters) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    [frozen] = freezer.copies
    assert clusters.subnet(ID) != frozen.state.subnet


@pytest.mark.parametrize("name", ["", "Upper", "../out", ".hidden", "a/b", "x" * 70])
def test_a_name_that_is_none_is_refused(freezer: Freezer, provider: Freezes, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a name"):
        freezer.freeze(ID, name)
    with pytest.raises(BadInput, match="no cluster is frozen as"):
        freezer.thaw(name)
    assert provider.does == []


def test_a_name_is_used_once(freezer: Freezer, provider: Freezes) -> None:
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


def test_what_a_killed_process_left_is_no_part_of_a_copy_of_the_same_name(freezer: Freezer, tmp_path: Path) -> None:
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
    freezer: Freezer, provider: Freezes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freezer.freeze(ID, "before")
    refused: list[str] = []

    def remove(cluster: str, state: ClusterState | None) -> None:
        with pytest.raises(BadInput, match="another process") as caught:
            FrozenCopies(Home(tmp_path / "home")).remove("before")
        refused.append(caught.value.what)

    monkeypatch.setattr(provider, "remove", remove)
    freezer.thaw("before")
    assert len(refused) == 1
    freezer.copies.remove("before")


def test_what_another_process_freezes_is_left_alone(freezer: Freezer, tmp_path: Path) -> None:
    (tmp_path / "home" / "frozen" / ".partial-old" / ID).mkdir(parents=True)
    with FrozenCopies(Home(tmp_path / "home")).held("old"):
        freezer.copies.sweep()
        with pytest.raises(BadInput, match="another process"):
            freezer.freeze(ID, "old")
    assert (tmp_path / "home" / "frozen" / ".partial-old" / ID).exists()


def test_a_paused_cluster_is_used_by_nothing_until_it_is_resumed(
    freezer: Freezer, clusters: Clusters, provider: Freezes
) -> None:
    freezer.pause(ID)
    for use in (clusters.attach, clusters.attach_as_it_is, clusters.registry.expect_ready, freezer.pause):
        with pytest.raises(BadInput, match="is paused") as caught:
            use(ID)
        assert caught.value.fix == f"./run resume {ID}"
    freezer.resume(ID)
    assert (clusters.registry.ready(), provider.does) == ([ID], ["pause", "resume"])


def test_what_is_not_paused_is_not_resumed(freezer: Freezer, provider: Freezes) -> None:
    with pytest.raises(BadInput, match="is not paused"):
        freezer.resume(ID)
    assert provider.does == []


def test_a_cluster_that_another_process_uses_is_neither_frozen_nor_paused(
    freezer: Freezer, tmp_path: Path, provider: Freezes
) -> None:
    other = ClusterLocks(tmp_path / "home" / "locks")
    other.take(ID)
    try:
        for use in (lambda: freezer.freeze(ID, "before"), lambda: freezer.pause(ID), lambda: freezer.resume(ID)):
            with pytest.raises(BadInput, match="process"):
                use()
    finally:
        other.give_back(ID)
    assert provider.does == []


def test_a_paused_cluster_is_found_paused_by_the_next_process(freezer: Freezer, clusters: Clusters) -> None:
    freezer.pause(ID)
    state = clusters.registry.states.read(ID)
    assert state
    assert (state.status, state.kept) == (PAUSED, True)
    assert os.getpid() != state.owner


def test_reasons_of_host_workarounds_do_not_make_another_cluster() -> None:
    """They have figures of this host, as how much of a disk is free."""
    one, other = (STATE.but(workarounds={"imagefs": f"{free} GB are free"}) for free in (40, 41))
    assert made_from.fingerprints(one, {}, "serial") == made_from.fingerprints(other, {}, "serial")
    assert made_from.differences(
        made_from.fingerprints(one, {}, "serial"), made_from.fingerprints(STATE, {}, "parallel")
    )[0].startswith("joins (serial, now parallel)")


def test_a_paused_cluster_that_is_young_and_the_same_is_usable(freezer: Freezer) -> None:
    freezer.pause(ID)
    assert freezer.is_paused(ID)
    freezer.expect_usable(ID)


def test_a_paused_cluster_whose_uploaded_certificates_end_is_not(freezer: Freezer, clusters: Clusters) -> None:
    freezer.pause(ID)
    state = clusters.registry.states.read(ID)
    assert state
    clusters.registry.states.write(state.but(created=time.time() - 2 * 3600))
    with pytest.raises(BadInput, match="was made 2 h ago"):
        freezer.expect_usable(ID)


def test_a_paused_cluster_that_was_made_from_something_else_is_not(freezer: Freezer, provider: Freezes) -> None:
    freezer.pause(ID)
    provider.image = "node:2"
    with pytest.raises(BadInput, match="paused, and not taken: it was made from what is different now: image"):
        freezer.expect_usable(ID)
