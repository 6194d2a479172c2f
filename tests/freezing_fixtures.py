"""A home folder with one cluster that is ready, whose machines can be paused, frozen and thawed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.clusters.freezing import Freezer
from provision.clusters.lifecycle import Clusters
from provision.clusters.pausing import Pauser
from provision.config.cluster_state import READY
from provision.config.settings import Settings
from provision.kubeadm import restarted
from provision.providers import subnets
from provision.util.home import Home
from tests.freezing_provider import Freezes
from tests.homes import ID, STATE


@pytest.fixture
def freezes(tmp_path: Path) -> Freezes:
    (tmp_path / "disk").write_text("as it was")
    return Freezes(tmp_path / "disk")


@pytest.fixture
def clusters(tmp_path: Path, freezes: Freezes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """The clusters of a home folder with one that is ready, made from what there is now."""
    monkeypatch.setattr(subnets, "taken", lambda family: [])
    monkeypatch.setattr(restarted, "wait_until_as_before", lambda cluster, since: {"etcd-cp1": 1})
    monkeypatch.setattr(restarted, "wait_until_heard_of", lambda cluster, since: None)
    monkeypatch.setattr(restarted, "not_ready", lambda cluster: "")
    found = Clusters(Settings.of({}), home=Home(tmp_path / "home"), providers={"container": lambda _: freezes})
    planned, now = found.planned(STATE.cluster_id), time.time()
    found.registry.states.write(STATE.but(status=READY, kept=True, made_from=planned.made_from, created=now))
    yield found
    found.registry._locks.give_back(ID)


@pytest.fixture
def freezer(clusters: Clusters) -> Freezer:
    return Freezer(clusters)


@pytest.fixture
def pauser(clusters: Clusters) -> Pauser:
    return Pauser(clusters)


@pytest.fixture
def noted(clusters: Clusters, freezes: Freezes) -> Freezes:
    """Notes what is remembered of the cluster whenever something is done to it: what a kill would leave."""

    def state() -> tuple[str, bool]:
        now = clusters.registry.states.read(ID)
        assert now
        return now.status, now.kept

    freezes.sees = state
    return freezes
