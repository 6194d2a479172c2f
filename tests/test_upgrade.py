"""Upgrades: which clusters, which steps, and what is made of how the API answered meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.versions import Version
from provision.kubeadm.upgrading import flag_for_unreleased
from provision.loadbalancer.availability import Outage, Sample, outages
from provision.procedure import procedure_of
from provision.procedure.step import all_steps, link
from provision.util.errors import BadInput
from report.curve import curve

CLUSTER = ClusterId.parse("stacked-uploaded-1.37-from-1.36")


def _samples(answers: str) -> list[Sample]:
    """One a second: `+` was answered at once, `-` was not, after half a second."""
    return [Sample(float(n), 0.01 if each == "+" else 0.5, each == "+") for n, each in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ("", []),
        ("++++", []),
        ("+--+", [Outage(1, 2)]),
        ("-+-+", [Outage(0, 1), Outage(2, 1)]),
        ("++--", [Outage(2, 1.5)]),  # not over when the requests ended
    ],
)
def test_outages_last_until_the_next_answer(answers: str, found: list[Outage]) -> None:
    assert outages(_samples(answers)) == found


def test_a_curve_shows_answers_and_gaps() -> None:
    drawn = curve([(100, 0.1, 1), (101, 0.2, 1), (102, 2.0, 0), (104, 0.1, 1)])
    assert drawn
    assert (drawn.requests, drawn.answered, drawn.slowest, drawn.longest) == (4, 3, 0.2, 2)
    assert [mark.title for mark in drawn.gaps] == ["no answer for 2.0 s"]
    assert len(drawn.points.split()) == 3


@pytest.mark.parametrize(("answered", "share"), [(10_000, "100 %"), (9_999, "99.99 %"), (999_999, "99.99 %")])
def test_a_share_is_never_rounded_up_to_all(answered: int, share: str) -> None:
    missing = 0 if answered == 10_000 else 1
    drawn = curve([(1, 0.1, 1)])
    assert drawn
    assert replace(drawn, answered=answered, requests=answered + missing).share == share


def test_without_requests_there_is_no_curve() -> None:
    assert curve([]) is None


@pytest.mark.parametrize(
    ("origin", "version", "name"),
    [
        ("previous", "1.37", "stacked-uploaded-1.37-from-1.36"),
        ("1.36", "1.37.2", "stacked-uploaded-1.37.2-from-1.36"),
        ("1.37.1", "1.37.2", "stacked-uploaded-1.37.2-from-1.37.1"),
    ],
)
def test_where_a_cluster_comes_from_is_part_of_its_id(origin: str, version: str, name: str) -> None:
    cluster = Settings.of({"upgrade-from": origin}).cluster_id("stacked", version)
    assert str(cluster) == name
    assert cluster.upgraded
    assert name.endswith(f"from-{cluster.origin}")


def test_a_cluster_has_another_id_before_its_upgrade() -> None:
    before, after = CLUSTER.moments
    assert (str(before), after) == (f"{CLUSTER}-before", CLUSTER)
    assert (before.upgraded, before.made, before.machines) == (False, CLUSTER, CLUSTER.machines)
    assert ClusterId.parse(str(before)) == before


@pytest.mark.parametrize("name", ["stacked-uploaded-1.37", "stacked-uploaded-1.37-from-1.36-mutable"])
def test_a_cluster_that_is_not_upgraded_has_one_moment(name: str) -> None:
    cluster = ClusterId.parse(name)
    assert cluster.moments == (cluster,) == (cluster.made,)


@pytest.mark.parametrize(("origin", "version"), [("1.35", "1.37"), ("1.37", "1.36"), ("1.37", "1.37")])
def test_kubeadm_goes_one_minor_at_a_time(origin: str, version: str) -> None:
    with pytest.raises(BadInput, match=f"no cluster is upgraded from {origin} to {version}"):
        Settings.of({"upgrade-from": origin}).cluster_id("stacked", version)


def test_only_containers_are_upgraded() -> None:
    with pytest.raises(BadInput, match="no others yet"):
        Settings.of({"upgrade-from": "previous", "provider": "vagrant"})


@pytest.mark.parametrize(
    ("version", "flag"),
    [
        ("v1.38.0", ""),
        ("v1.38.0+vendor", ""),
        ("v1.38.0-rc.0", " --allow-release-candidate-upgrades"),
        ("v1.38.0-alpha.0.123+abcdef0-dirty", " --allow-experimental-upgrades"),
        ("v1.37.2-dirty", " --allow-experimental-upgrades"),
    ],
)
def test_kubeadm_gets_a_flag_for_a_version_that_is_not_released(version: str, flag: str) -> None:
    assert flag_for_unreleased(Version.parse(version)) == flag


def test_an_upgrade_follows_the_whole_procedure() -> None:
    plain = procedure_of(ClusterId.parse("stacked-uploaded-1.36"), "serial")
    steps = procedure_of(CLUSTER, "serial")
    assert steps[: len(plain)] == plain
    assert [step.name for step in all_steps(steps[len(plain) :])][:3] == [
        "upgrade the first control plane", "upgrade the other control planes", "upgrade the workers"
    ]  # fmt: skip


def test_a_step_of_an_upgrade_links_to_the_upgrade_page() -> None:
    page = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/#upgrade-worker-nodes"
    assert page in [link(step.section) for step in all_steps(procedure_of(CLUSTER, "serial"))]


def test_a_variant_called_before_does_not_make_a_cluster_an_upgraded_one() -> None:
    cluster = ClusterId.parse("stacked-uploaded-1.37-before")
    assert (cluster.before, cluster.made, cluster.moments) == (False, cluster, (cluster,))
