"""What `./run plan` says of a cluster before there is one."""

from __future__ import annotations

import pytest

from provision.artifacts.catalog import Release
from provision.config.cluster_state import ClusterState
from provision.config.versions import Version
from provision.providers import preview
from provision.recording.journal import Journal
from provision.util.redaction import Redactor


def _plan(cluster: str) -> list[str]:
    state = ClusterState(cluster, "v1.37.2", 1, 0.0, subnet="198.18.0.0/24", network="routes")
    release, journal = Release(Version(37, 2), "fake"), Journal(cluster, Redactor())
    return list(preview.lines(state, release, journal, how="podman", memory=0, joins="serial"))


@pytest.mark.parametrize(
    ("cluster", "remark"),
    [
        ("stacked-uploaded-1.37-2cp", "two etcd members survive no loss; use three"),
        ("stacked-uploaded-1.37-1cp-1w", "one etcd member survives no loss; use three"),
        ("stacked-uploaded-1.37-2cp-mutable", "two etcd members survive no loss; use three"),
    ],
)
def test_a_plan_says_that_one_or_two_etcd_members_survive_no_loss(cluster: str, remark: str) -> None:
    assert _plan(cluster).count(remark) == 1


@pytest.mark.parametrize(
    "cluster", ["stacked-uploaded-1.37", "external-uploaded-1.37-1cp", "stacked-uploaded-1.37-5cp"]
)
def test_a_plan_says_nothing_of_etcd_members_that_survive_a_loss(cluster: str) -> None:
    assert not any("no loss" in line for line in _plan(cluster))
