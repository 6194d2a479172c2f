"""High availability itself: one machine is gone, and the cluster goes on; two of three are too many.

Tried on a cluster that may be changed. A lost machine answers no request, as one without power or network.
"""

from __future__ import annotations

import pytest

from fixtures.subjects.outages import Outages
from provision.cluster import Cluster
from provision.machines.machine import Machine


def test_writes_go_on_without_a_control_plane(mutable: Cluster, outages: Outages, control_plane: Machine) -> None:
    """Any one of them, the first included."""
    if mutable.id.stacked and len(mutable.etcd_members) < 3:
        pytest.skip("two members of etcd outlive the loss of none")
    survivor = next(each for each in mutable.control_planes if each is not control_plane)
    with outages.without([control_plane]):
        outages.until_writing(survivor)
        assert outages.ready(survivor)


@pytest.mark.topology("stacked")
def test_etcd_loses_a_member_with_its_control_plane(
    mutable: Cluster, outages: Outages, control_plane: Machine
) -> None:  # fmt: skip
    """What being on one machine costs: redundancy of etcd is lost with that of the API."""
    if len(mutable.etcd_members) < 3:
        pytest.skip("two members of etcd outlive the loss of none")
    survivor = next(each for each in mutable.control_planes if each is not control_plane)
    with outages.without([control_plane]):
        outages.until_writing(survivor)
        assert len(outages.healthy()) == len(mutable.etcd_members) - 1


@pytest.mark.topology("external")
def test_etcd_goes_on_without_a_control_plane(mutable: Cluster, outages: Outages, control_plane: Machine) -> None:
    with outages.without([control_plane]):
        assert len(outages.healthy()) == len(mutable.etcd_machines)


@pytest.mark.topology("external")
def test_writes_go_on_without_an_etcd_machine(mutable: Cluster, outages: Outages, etcd_machine: Machine) -> None:
    survivor = mutable.control_planes[0]
    with outages.without([etcd_machine]):
        outages.until_writing(survivor)
        assert len(outages.healthy()) == len(mutable.etcd_machines) - 1


@pytest.mark.lengthy
@pytest.mark.topology("external")
def test_control_planes_go_on_without_an_etcd_machine(
    mutable: Cluster, outages: Outages, etcd_machine: Machine
) -> None:
    with outages.without([etcd_machine]):
        outages.until_writing(mutable.control_planes[0])
        assert {each.name: outages.ready(each) for each in mutable.control_planes} == {
            each.name: True for each in mutable.control_planes
        }


def test_nothing_is_written_without_a_majority_of_etcd(mutable: Cluster, outages: Outages) -> None:
    """One of three is none any more: this is why their number is odd, and why three outlive the loss of only one."""
    survivor, members = mutable.control_planes[-1], mutable.etcd_members
    assert outages.write(survivor).ok
    with outages.without(members[: len(members) - len(members) // 2]):
        assert [outages.write(survivor).ok for _ in range(3)] == [False] * 3
