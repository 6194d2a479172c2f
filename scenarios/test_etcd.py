"""etcd: one member a control plane, or one an etcd machine; all of them voters of one cluster.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/
"""

from __future__ import annotations

import pytest

from fixtures.etcd import Etcd, Member
from provision.cluster import Cluster
from provision.machines.machine import Machine


def test_members_are_exactly_the_machines(etcd: Etcd, cluster: Cluster) -> None:
    assert {member.name for member in etcd.members} == {machine.name for machine in cluster.etcd_members}


def test_every_machine_has_a_voter(etcd: Etcd, cluster: Cluster) -> None:
    assert sum(not member.learner for member in etcd.members) == len(cluster.etcd_members)


def test_no_learners(etcd: Etcd) -> None:
    assert [member.name for member in etcd.members if member.learner] == []


def test_member_is_reached_at_its_machine(member: Member, etcd_member: Machine) -> None:
    assert member.client_urls == (f"https://{etcd_member.address}:2379",)


def test_peers_reach_it_at_its_machine(member: Member, etcd_member: Machine) -> None:
    assert member.peer_urls == (f"https://{etcd_member.address}:2380",)


def test_member_is_healthy(etcd: Etcd, member: Member, etcd_member: Machine) -> None:
    url = f"https://{etcd_member.address}:2379"
    assert etcd.health[url], f"the member of etcd at {url} is not healthy"


def test_one_cluster_id(etcd: Etcd) -> None:
    assert len({status.cluster_id for status in etcd.statuses.values()}) == 1


def test_all_follow_one_leader(etcd: Etcd) -> None:
    leaders = {status.leader for status in etcd.statuses.values()}
    assert (len(leaders), leaders <= {status.member_id for status in etcd.statuses.values()}) == (1, True)


def test_no_alarms(etcd: Etcd, member: Member, etcd_member: Machine) -> None:
    errors = etcd.statuses[f"https://{etcd_member.address}:2379"].errors
    assert errors == (), f"the member of etcd reports {'; '.join(errors)}"


@pytest.mark.topology("stacked")
def test_api_server_uses_the_member_beside_it(cluster: Cluster, control_plane: Machine) -> None:
    manifest = control_plane.succeed("sudo cat /etc/kubernetes/manifests/kube-apiserver.yaml")
    assert "--etcd-servers=https://127.0.0.1:2379\n" in manifest


@pytest.mark.changes
def test_write_is_seen_from_every_member(etcd: Etcd, written: tuple[str, str], etcd_member: Machine) -> None:
    """A write through the first member is read back from each member's own copy."""
    key, value = written
    assert etcd.read_from(etcd_member, key) == value
