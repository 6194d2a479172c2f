"""Machines that join when the printed commands are of no use any more: by a new token, and a key of one's own.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#steps-for-the-rest-of-the-control-plane-nodes
"""

from __future__ import annotations

import pytest

from fixtures.subjects.balancer import backends_of
from fixtures.subjects.certificates import SHARED, alternative_names, issued_by, of_a_control_plane
from fixtures.subjects.etcd import Etcd
from fixtures.subjects.facts import Object, conditions
from fixtures.subjects.files import PKI, NodeFiles
from provision.cluster import Cluster
from provision.config.topology import Role
from provision.kubeadm.waits import api_refusal
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet

_LABEL = "node-role.kubernetes.io/control-plane"
_STARTED = 60  # seconds until an API server is ready, after its join has ended
_UP = 15  # seconds: the balancer checks its targets every second


@pytest.fixture(scope="module")
def late_files(mutable: Cluster, late_control_plane: Machine) -> dict[str, NodeFiles]:
    """The files of the first control plane and of the fourth."""
    return {each.name: NodeFiles(each) for each in (mutable.control_planes[0], late_control_plane)}


def _node(cluster: Cluster, machine: Machine) -> Object:
    found: Object = cluster.get("node", machine.name)
    return found


def test_joined_control_plane_is_ready(mutable: Cluster, late_control_plane: Machine) -> None:
    assert conditions(_node(mutable, late_control_plane))["Ready"] == "True"


def test_joined_control_plane_has_its_label_and_taint(mutable: Cluster, late_control_plane: Machine) -> None:
    node = _node(mutable, late_control_plane)
    taints = {taint["key"]: taint["effect"] for taint in node["spec"]["taints"]}
    assert (_LABEL in node["metadata"]["labels"], taints.get(_LABEL)) == (True, "NoSchedule")


def test_joined_control_plane_has_exactly_the_expected_pki_files(
    mutable: Cluster, late_control_plane: Machine, late_files: dict[str, NodeFiles]
) -> None:
    assert late_files[late_control_plane.name].pki == of_a_control_plane(mutable.id)


@pytest.mark.parametrize("path", SHARED)
def test_shared_file_is_the_same_on_the_joined_control_plane(late_files: dict[str, NodeFiles], path: str) -> None:
    assert len({found.facts[PKI + path].sha256 for found in late_files.values()}) == 1


def test_joined_api_server_has_a_certificate_with_its_names(mutable: Cluster, late_files: dict[str, NodeFiles]) -> None:
    late = mutable.late(Role.CONTROL_PLANE)
    certificates = late_files[late.name].certificates
    found = certificates[f"{PKI}apiserver.crt"]
    names = {late.name, late.address, mutable.endpoint.name}
    assert (issued_by(found, certificates[f"{PKI}ca.crt"]), names <= alternative_names(found)) == (True, True)


def test_joined_api_server_is_ready(mutable: Cluster, late_control_plane: Machine) -> None:
    """A join ends when the node is ready, and its API server may still be starting."""
    mutable.wait_until(lambda: api_refusal(late_control_plane), _STARTED, "the API server that joined last is ready")


def test_joined_control_plane_is_up_in_the_balancer(mutable: Cluster, late_control_plane: Machine) -> None:
    def down() -> NotYet | None:
        found = {each.name: backends_of(mutable, each).get(late_control_plane.name) for each in mutable.carriers}
        up = all(each and each.status == "UP" for each in found.values())
        return None if up else NotYet(f"the balancer says {found}")

    mutable.wait_until(down, _UP, "the balancer has it as a target that is up")


@pytest.mark.topology("stacked")
def test_etcd_member_of_the_joined_control_plane_votes(mutable: Cluster, late_control_plane: Machine) -> None:
    members = {member.name: member.learner for member in Etcd(mutable).members}
    assert members == {each.name: False for each in (*mutable.control_planes, late_control_plane)}


@pytest.mark.topology("external")
def test_join_of_a_control_plane_leaves_the_etcd_members_unchanged(
    mutable: Cluster, late_control_plane: Machine
) -> None:
    assert {member.name for member in Etcd(mutable).members} == {each.name for each in mutable.etcd_machines}


def test_joined_worker_is_ready(mutable: Cluster, late_worker: Machine) -> None:
    assert conditions(_node(mutable, late_worker))["Ready"] == "True"


def test_joined_worker_has_no_label_or_taint_of_a_control_plane(mutable: Cluster, late_worker: Machine) -> None:
    node = _node(mutable, late_worker)
    taints = [taint["key"] for taint in node["spec"].get("taints", []) if "control-plane" in taint["key"]]
    assert (_LABEL in node["metadata"]["labels"], taints) == (False, [])


def test_joined_worker_has_only_the_cluster_ca_certificate(mutable: Cluster, late_worker: Machine) -> None:
    assert NodeFiles(late_worker).pki == {"ca.crt"}
