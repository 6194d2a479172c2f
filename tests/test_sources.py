"""Where a run's clusters come from: what takes the place of one that would be made, and what is refused."""

from __future__ import annotations

import time

import pytest

from fixtures.plugin.sources import Sources
from provision.clusters.freezing import Freezer
from provision.clusters.lifecycle import Clusters
from provision.config.cluster_state import READY
from provision.config.settings import Settings
from tests.freezing_provider import Freezes
from tests.homes import ID, STATE

pytest_plugins = "tests.freezing_fixtures"


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def sources(clusters: Clusters, lines: list[str]) -> Sources:
    return Sources(Settings.of({"reuse": "frozen"}), clusters, lines.append)


def test_a_run_thaws_what_was_frozen_last_and_removes_it_in_the_end(
    sources: Sources, freezer: Freezer, clusters: Clusters, freezes: Freezes, lines: list[str]
) -> None:
    freezer.freeze(ID, "first")
    freezes.disk.write_text("later")
    freezer.freeze(ID, "second")
    clusters.registry.remove(ID, kept_too=True)
    assert sources.refusal(ID) is None
    sources.taken(ID)
    assert (freezes.disk.read_text(), clusters.registry.expect_ready(ID).kept) == ("later", False)
    assert lines[0].startswith(f"{ID} is thawed: it was frozen as second ")


def test_what_another_run_froze_for_itself_is_not_taken(
    sources: Sources, freezer: Freezer, clusters: Clusters, freezes: Freezes
) -> None:
    freezer.freeze(ID, "mine")
    freezes.disk.write_text("later")
    freezer.freeze(ID, "run-1", kept=False)
    clusters.registry.remove(ID, kept_too=True)
    assert sources.refusal(ID) is None
    sources.taken(ID)
    assert freezes.disk.read_text() == "as it was"


def test_where_only_another_run_froze_it_the_cluster_is_made(
    sources: Sources, freezer: Freezer, clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    freezer.freeze(ID, "run-1", kept=False)
    clusters.registry.remove(ID, kept_too=True)
    made: list[object] = []
    monkeypatch.setattr(clusters, "start", made.append)
    sources.taken(ID)
    assert made == [STATE.cluster_id]


def test_a_kept_cluster_is_not_replaced_by_what_was_frozen(sources: Sources, freezer: Freezer) -> None:
    freezer.freeze(ID, "ready")
    assert f"{ID} exists and is kept" in str(sources.refusal(ID))


def test_what_was_made_from_something_else_is_not_taken(
    sources: Sources, freezer: Freezer, clusters: Clusters, freezes: Freezes
) -> None:
    freezer.freeze(ID, "ready")
    clusters.registry.remove(ID, kept_too=True)
    freezes.image = "node:2"
    assert "ready is not thawed: it was made from what is different now: image" in str(sources.refusal(ID))


def test_what_is_older_than_uploaded_certificates_last_is_not_taken(
    sources: Sources, freezer: Freezer, clusters: Clusters
) -> None:
    made = clusters.planned(STATE.cluster_id).made_from
    old = STATE.but(status=READY, kept=True, made_from=made, created=time.time() - 2 * 3600)
    clusters.registry.states.write(old)
    freezer.freeze(ID, "ready")
    clusters.registry.remove(ID, kept_too=True)
    assert "ready is not thawed: it was made 2 h ago" in str(sources.refusal(ID))


def test_without_a_copy_the_cluster_is_made(
    sources: Sources, clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters.registry.remove(ID, kept_too=True)
    made: list[object] = []
    monkeypatch.setattr(clusters, "start", made.append)
    assert sources.refusal(ID) is None
    sources.taken(ID)
    assert made == [STATE.cluster_id]
