"""Rules of etcd's data and pace: each is loud on one broken thing, and quiet on what is only unusual."""

from __future__ import annotations

import pytest

from checks.facts.etcd import Alarm, EtcdMetrics, Hash
from checks.findings import Severity
from checks.judging import judged
from tests.etcd_facts import (
    MEMBERS,
    changed,
    found,
    only,
    with_view,
)
from tests.healthy import healthy, with_machine
from tests.healthy.values import GIB


def test_the_alarm_of_a_full_member_names_its_machine_and_explains_its_size() -> None:
    facts = with_view(healthy(), alarms=(Alarm("NOSPACE", "a2"),))
    finding = only(changed(facts, "cp2", quota=2**20))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-ETCD-002", Severity.CRITICAL, ("cp2",))
    assert "compaction 12345" in finding.fix


def test_corrupt_data_are_found() -> None:
    assert found(with_view(healthy(), alarms=(Alarm("CORRUPT", "a3"),))) == {"KHA-ETCD-010": ("cp3",)}


@pytest.mark.parametrize(
    ("size", "quota", "ids"),
    [
        (6 * 10**6, 7 * 10**6, {"KHA-ETCD-003"}),
        (GIB * 17 // 10, 0, {"KHA-ETCD-003"}),
        (GIB * 17 // 10, 8 * GIB, set()),
        (GIB * 15 // 10, 0, set()),
    ],
)
def test_size_is_compared_with_the_quota_or_its_default(size: int, quota: int, ids: set[str]) -> None:
    assert found(changed(healthy(), "cp3", size=size, quota=quota)) == dict.fromkeys(ids, ("cp3",))


def test_different_data_at_the_same_revision_are_found_at_the_one_that_differs() -> None:
    facts = with_machine(healthy(), "cp2", etcd_hash=Hash(1, 12345))
    assert only(facts).severity is Severity.CRITICAL
    assert found(facts) == {"KHA-ETCD-012": ("cp2",)}


@pytest.mark.parametrize("apart", [Hash(1, 12346), Hash(1, 12345, 12000)])
def test_hashes_of_other_revisions_are_not_compared(apart: Hash) -> None:
    facts = with_machine(healthy(), "cp2", etcd_hash=apart)
    assert found(facts) == {}
    (verdict,) = (each for each in judged(facts).undecided if each.id == "KHA-ETCD-012")
    assert "different revisions" in verdict.undecided


def test_a_member_far_behind_is_found_and_one_of_a_busy_cluster_is_not() -> None:
    assert found(changed(healthy(), "cp2", revision=100)) == {"KHA-ETCD-013": ("cp2",)}
    assert found(changed(healthy(), "cp2", revision=12345 - 3000)) == {}  # five seconds were needed to collect


def test_an_older_version_is_a_notice() -> None:
    finding = only(changed(healthy(), "cp2", version="3.5.21"))
    assert (finding.id, finding.severity, finding.machines) == ("KHA-ETCD-014", Severity.NOTICE, ("cp2",))


@pytest.mark.parametrize(("seconds", "ids"), [(0.256, {"KHA-ETCD-015"}), (0.032, set()), (None, set())])
def test_a_slow_disk_is_a_notice(seconds: float | None, ids: set[str]) -> None:
    assert set(found(with_machine(healthy(), "cp2", etcd_metrics=EtcdMetrics(1, seconds, True, 9e6)))) == ids


@pytest.mark.parametrize(
    ("changes", "uptime", "ids"), [(500, 10 * 86400, {"KHA-ETCD-016"}), (50, 10 * 86400, set()), (4, 300, set())]
)
def test_a_leader_that_changes_often_is_a_notice(changes: float, uptime: float, ids: set[str]) -> None:
    facts = healthy()
    for name in MEMBERS:
        facts = with_machine(facts, name, etcd_metrics=EtcdMetrics(changes, 0.01, True, uptime))
    assert set(found(facts)) == ids
