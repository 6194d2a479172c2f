"""High availability itself: one machine is gone, and the cluster goes on; two of three are too many.

Tried on a cluster that may be changed. A lost machine answers nobody, as one without power or network.
"""

from __future__ import annotations

import pytest

from fixtures.outages import Losses
from provision.cluster import Cluster
from provision.machines.machine import Machine


def test_writes_go_on_without_a_control_plane(mutable: Cluster, losses: Losses, control_plane: Machine) -> None:
    """Any one of them, the first included."""
    if mutable.id.stacked and len(mutable.etcd_members) < 3:
        pytest.skip("two members of etcd outlive the loss of none")
    survivor = next(each for each in mutable.control_planes if each is not control_plane)
    with losses.without([control_plane]):
        losses.until_writing(survivor)
        assert losses.ready(survivor)


@pytest.mark.topology("external")
def test_etcd_goes_on_without_a_control_plane(mutable: Cluster, losses: Losses, control_plane: Machine) -> None:
    with losses.without([control_plane]):
        assert len(losses.healthy()) == len(mutable.etcd_machines)


@pytest.mark.topology("external")
def test_writes_go_on_without_an_etcd_machine(mutable: Cluster, losses: Losses, etcd_machine: Machine) -> None:
    survivor = mutable.control_planes[0]
    with losses.without([etcd_machine]):
        losses.until_writing(survivor)
        assert len(losses.healthy()) == len(mutable.etcd_machines) - 1


@pytest.mark.lengthy
@pytest.mark.topology("external")
def test_control_planes_go_on_without_an_etcd_machine(mutable: Cluster, losses: Losses, etcd_machine: Machine) -> None:
    with losses.without([etcd_machine]):
        losses.until_writing(mutable.control_planes[0])
        assert {each.name: losses.ready(each) for each in mutable.control_planes} == {
            each.name: True for each in mutable.control_planes
        }


def test_nothing_is_written_without_a_majority_of_etcd(mutable: Cluster, losses: Losses) -> None:
    """One of three is none any more: this is why their number is odd, and why three outlive the loss of only one."""
    survivor, members = mutable.control_planes[-1], mutable.etcd_members
    assert losses.write(survivor).ok
    with losses.without(members[: len(members) - len(members) // 2]):
        assert [losses.write(survivor).ok for _ in range(3)] == [False] * 3
