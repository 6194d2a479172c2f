"""etcd: one member a control plane, or one an etcd machine; all of them voters.

That they are one cluster with one leader is among what scenarios/test_checks.py proves by the rules of `./run check`.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/
"""

from __future__ import annotations

import pytest

from checks.facts.etcd import Member
from fixtures.subjects.configured import command_of
from fixtures.subjects.etcd import Etcd
from provision.cluster import Cluster
from provision.config.addresses import url, version_of
from provision.machines.machine import Machine


def test_etcd_members_are_exactly_the_machines(etcd: Etcd, cluster: Cluster) -> None:
    assert {member.name for member in etcd.members} == {machine.name for machine in cluster.etcd_members}


def test_etcd_has_as_many_voters_as_machines(etcd: Etcd, cluster: Cluster) -> None:
    assert sum(not member.learner for member in etcd.members) == len(cluster.etcd_members)


def test_etcd_member_advertises_its_machine_to_clients(member: Member, etcd_member: Machine) -> None:
    assert member.client_urls == (url(etcd_member.address, 2379),)


def test_etcd_member_advertises_its_machine_to_peers(member: Member, etcd_member: Machine) -> None:
    assert member.peer_urls == (url(etcd_member.address, 2380),)


def test_etcd_member_is_healthy(etcd: Etcd, member: Member, etcd_member: Machine) -> None:
    endpoint = url(etcd_member.address, 2379)
    assert etcd.health[endpoint], f"the member of etcd at {endpoint} is not healthy"


def test_etcd_member_reports_no_errors(etcd: Etcd, member: Member, etcd_member: Machine) -> None:
    errors = etcd.statuses[url(etcd_member.address, 2379)].errors
    assert errors == (), f"the member of etcd reports {'; '.join(errors)}"


@pytest.mark.topology("stacked")
def test_api_server_uses_the_etcd_member_of_its_machine(cluster: Cluster, control_plane: Machine) -> None:
    manifest = control_plane.succeed("sudo cat /etc/kubernetes/manifests/kube-apiserver.yaml")
    localhost = "::1" if version_of(control_plane.address) == 6 else "127.0.0.1"
    assert command_of(manifest)["etcd-servers"] == (url(localhost, 2379),)


def test_etcd_member_is_started_with_a_list_of_members(cluster: Cluster, etcd_member: Machine) -> None:
    """One that it is in, and that no service of discovery gives it."""
    options = command_of(etcd_member.succeed("sudo cat /etc/kubernetes/manifests/etcd.yaml"))
    listed = {each.partition("=")[0] for each in options["initial-cluster"][0].split(",")}
    assert etcd_member.name in listed
    assert [name for name in options if name.startswith("discovery")] == []


@pytest.mark.changes
def test_write_is_read_from_every_etcd_member(etcd: Etcd, written: tuple[str, str], etcd_member: Machine) -> None:
    """A write through the first member is read back from each member's own copy."""
    key, value = written
    assert etcd.read_from(etcd_member, key) == value
