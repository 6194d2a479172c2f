"""Clusters that are frozen and thawed: what is refused before anything changes, and what is left where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.clusters import made_from
from provision.clusters.freezing import Freezer
from provision.clusters.lifecycle import Clusters
from provision.clusters.state import RECORD, States
from provision.config.cluster_state import BUILDING, PAUSED, READY, ClusterState
from provision.kubeadm import restarted
from provision.providers import subnets
from provision.util.errors import BadInput, CommandFailed, HostLacks
from tests.freezing_provider import Freezes
from tests.homes import ID, STATE

pytest_plugins = "tests.freezing_fixtures"


def test_a_frozen_cluster_comes_back_as_it_was(freezer: Freezer, clusters: Clusters, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    assert not clusters.registry.expect_ready(ID).thawed
    freezes.disk.write_text("broken on purpose")
    freezer.thaw("before")
    state = clusters.registry.expect_ready(ID)
    assert state.thawed
    assert (freezes.disk.read_text(), state.frozen_as, state.kept) == ("as it was", "before", True)
    assert state.restarts == {"etcd-cp1": 1}
    assert (freezes.does, freezes.removed) == (["pause", "freeze", "resume", "thaw"], [ID])


def test_the_record_of_what_was_done_to_it_comes_back(freezer: Freezer, clusters: Clusters) -> None:
    record = clusters.registry.states.folder(ID) / RECORD
    record.write_text('{"command": "kubeadm init"}\n')
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    freezer.thaw("before")
    assert record.read_text() == '{"command": "kubeadm init"}\n'


def test_it_comes_back_where_nothing_is_left_of_it(freezer: Freezer, clusters: Clusters, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    freezer.thaw("before")
    assert clusters.registry.ready() == [ID]


@pytest.mark.parametrize("error", [CommandFailed("cp failed"), OSError("disk full"), KeyboardInterrupt()])
def test_where_freezing_fails_the_cluster_goes_on_and_nothing_is_left(
    freezer: Freezer, clusters: Clusters, freezes: Freezes, tmp_path: Path, error: BaseException
) -> None:
    freezes.fails = error
    with pytest.raises(type(error)):
        freezer.freeze(ID, "before")
    assert (freezes.does, list((tmp_path / "home" / "frozen").iterdir())) == (["pause", "freeze", "resume"], [])
    assert clusters.registry.expect_ready(ID).frozen_as == ""


def test_a_disk_that_is_full_is_freed_before_it_is_written_that_the_cluster_goes_on(
    freezer: Freezer, clusters: Clusters, freezes: Freezes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen, write = tmp_path / "home" / "frozen", States.write

    def full(self: States, state: ClusterState) -> None:
        if list(frozen.rglob("half")):
            raise OSError("no space left on device")
        write(self, state)

    def freeze(state: ClusterState, folder: Path) -> None:
        (folder / "half").touch()
        raise HostLacks("the disk is full")

    monkeypatch.setattr(States, "write", full)
    monkeypatch.setattr(freezes, "freeze", freeze)
    with pytest.raises(HostLacks, match="the disk is full"):
        freezer.freeze(ID, "before")
    assert (clusters.registry.ready(), list(frozen.iterdir())) == ([ID], [])


@pytest.mark.parametrize("moment", range(4))
def test_where_a_state_cannot_be_written_while_a_cluster_is_frozen_no_copy_is_left(
    freezer: Freezer, freezes: Freezes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """The copy's own, that the cluster is paused, that it goes on, and that it was frozen."""
    write, written = States.write, list[ClusterState]()

    def fails(self: States, state: ClusterState) -> None:
        written.append(state)
        if len(written) == moment + 1:
            raise OSError("no space left on device")
        write(self, state)

    monkeypatch.setattr(States, "write", fails)
    with pytest.raises(OSError, match="no space"):
        freezer.freeze(ID, "before")
    assert list((tmp_path / "home" / "frozen").glob("*")) == []
    assert freezes.does == ([] if moment < 2 else ["pause", "freeze", "resume"])


def test_where_thawing_fails_no_half_cluster_is_left(freezer: Freezer, clusters: Clusters, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    freezes.thaws = False
    with pytest.raises(CommandFailed, match="no space"):
        freezer.thaw("before")
    assert (clusters.registry.states.ids(), freezes.removed) == ([], [ID, ID])
    assert [each.name for each in freezer.copies] == ["before"]


def test_one_that_would_be_made_from_something_else_is_refused(freezer: Freezer, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    freezes.image = "node:2"
    with pytest.raises(BadInput, match=r"different now: image \(node:1, now node:2\)"):
        freezer.thaw("before")
    with pytest.raises(BadInput, match="cannot be made again"):
        freezer.freeze(ID, "again")
    assert freezes.removed == []


def test_one_with_a_pod_that_is_not_ready_is_refused_before_anything_is_done(
    freezer: Freezer, freezes: Freezes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thaw of its copy would wait for that pod until it gives up."""
    monkeypatch.setattr(restarted, "not_ready", lambda cluster: "pod coredns-1")
    with pytest.raises(BadInput, match="not everything on it is ready: pod coredns-1"):
        freezer.freeze(ID, "before")
    assert (freezes.does, list(freezer.copies)) == ([], [])


def test_one_that_an_older_version_made_is_refused(freezer: Freezer, clusters: Clusters) -> None:
    clusters.registry.states.write(STATE.but(status=READY))
    with pytest.raises(BadInput, match="not known what it was made from"):
        freezer.freeze(ID, "before")


def test_another_cluster_of_the_same_id_is_not_replaced(freezer: Freezer, clusters: Clusters, freezes: Freezes) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.states.write(clusters.registry.expect_ready(ID).but(frozen_as=""))
    with pytest.raises(BadInput, match="not the one that was frozen as before"):
        freezer.thaw("before")
    assert freezes.removed == []


def test_addresses_that_something_else_has_are_refused(
    freezer: Freezer, clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    monkeypatch.setattr(subnets, "taken", lambda family: list(STATE.networks))
    with pytest.raises(HostLacks, match=r"198\.18\.0\.0/24 is in use[^\n]*\nTry: \./run status"):
        freezer.thaw("before")


def test_no_other_cluster_gets_the_addresses_of_a_frozen_one(freezer: Freezer, clusters: Clusters) -> None:
    freezer.freeze(ID, "before")
    clusters.registry.remove(ID, kept_too=True)
    [frozen] = freezer.copies
    assert clusters.subnet(ID) != frozen.state.subnet


def test_a_cluster_whose_process_is_killed_while_it_is_frozen_can_be_resumed(freezer: Freezer, noted: Freezes) -> None:
    freezer.freeze(ID, "before")
    assert noted.seen == [(PAUSED, True), (PAUSED, True)]


def test_what_a_killed_thaw_leaves_is_abandoned(freezer: Freezer, clusters: Clusters, noted: Freezes) -> None:
    freezer.freeze(ID, "before")
    freezer.thaw("before")
    assert noted.seen[2:] == [(BUILDING, False)]
    assert clusters.registry.expect_ready(ID).kept


def test_one_that_was_frozen_twice_is_thawed_from_the_older_copy_only_when_it_is_gone(
    freezer: Freezer, clusters: Clusters
) -> None:
    freezer.freeze(ID, "before")
    freezer.freeze(ID, "after")
    with pytest.raises(BadInput, match="exists, and it was frozen or thawed as after since then"):
        freezer.thaw("before")
    clusters.registry.remove(ID, kept_too=True)
    freezer.thaw("before")
    assert clusters.registry.ready() == [ID]


def test_reasons_of_host_workarounds_do_not_make_another_cluster() -> None:
    """They have figures of this host, as how much of a disk is free."""
    one, other = (STATE.but(workarounds={"imagefs": f"{free} GB are free"}) for free in (40, 41))
    assert made_from.fingerprints(one, {}, "serial") == made_from.fingerprints(other, {}, "serial")
    assert made_from.differences(
        made_from.fingerprints(one, {}, "serial"), made_from.fingerprints(STATE, {}, "parallel")
    )[0].startswith("joins (serial, now parallel)")
