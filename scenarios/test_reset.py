"""A node that is reset leaves nothing of itself but what it says; joined again, it is a new node of the same name.

Source: https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/
"""

from __future__ import annotations

import pytest

from fixtures.subjects.certificates import OWN
from fixtures.subjects.joins import CNI, Rejoins
from provision.cluster import Cluster

pytestmark = pytest.mark.lengthy

ROLES = ("control-plane", "worker")
LONGEST_OUTAGE = 5.0
"""Seconds, as for an upgrade."""

REQUESTS_AT_LEAST = 20
"""Requests: ten a second are sent, a reset and a join take ten seconds at least, and one that fails takes up to two."""

both = pytest.mark.parametrize("role", ROLES)


@both
def test_reset_leaves_no_file_of_kubeadms(mutable: Cluster, rejoins: Rejoins, role: str) -> None:
    """No certificate, key, kubeconfig or manifest; the kubelet drop-in is the machine's own.

    What a configuration names, an audit policy for one, was put there by hand, as its owner would.
    """
    own = mutable.own_configuration
    left = rejoins.of(role).left.below("/etc/kubernetes/") - set(own.files if own else ())
    assert {path for path in left if "/kubelet.d/" not in path} == set()


@both
def test_reset_leaves_no_data_of_etcd(rejoins: Rejoins, role: str) -> None:
    """A member that finds the data of its last life does not join again."""
    assert {path for path in rejoins.of(role).left.files if path.startswith("/var/lib/etcd/")} == {"/var/lib/etcd/"}


@both
def test_reset_leaves_no_state_of_the_kubelet(rejoins: Rejoins, role: str) -> None:
    assert rejoins.of(role).left.below("/var/lib/kubelet/") == set()


@both
def test_reset_stops_only_the_kubelet(rejoins: Rejoins, role: str) -> None:
    assert rejoins.of(role).left.active == {"containerd"}


@both
def test_reset_leaves_no_container(rejoins: Rejoins, role: str) -> None:
    assert rejoins.of(role).left.containers == set()


@both
def test_reset_leaves_the_pod_networks_configuration(rejoins: Rejoins, role: str) -> None:
    """The page: "you must do this manually"."""
    assert rejoins.of(role).left.below(CNI) != set()


@both
def test_reset_leaves_the_node_object(rejoins: Rejoins, role: str) -> None:
    """Also of a control plane: it is deleted by hand, or its pods are counted on for ever."""
    assert rejoins.of(role).meanwhile.node != {}


@pytest.mark.topology("stacked")
def test_reset_removes_its_member_from_etcd(mutable: Cluster, rejoins: Rejoins) -> None:
    """Otherwise the others would count it on, and lose their majority one machine earlier."""
    others = {machine.name for machine in mutable.control_planes[:-1]}
    assert set(rejoins.of("control-plane").meanwhile.members) == others


def test_reset_of_a_worker_leaves_the_etcd_members_unchanged(rejoins: Rejoins) -> None:
    rejoin = rejoins.of("worker")
    assert rejoin.meanwhile.members == rejoin.before.members


@both
def test_reset_machine_joins_again(rejoins: Rejoins, role: str) -> None:
    assert (rejoins.of(role).failure, rejoins.of(role).after.ready) == ("", True)


@both
def test_rejoined_node_is_a_new_object(rejoins: Rejoins, role: str) -> None:
    rejoin = rejoins.of(role)
    assert rejoin.before.node["metadata"]["uid"] != rejoin.after.node["metadata"]["uid"]


@both
def test_rejoined_kubelet_has_a_new_certificate(rejoins: Rejoins, role: str) -> None:
    rejoin = rejoins.of(role)
    assert rejoin.before.serials["kubelet"] != rejoin.after.serials["kubelet"]


@pytest.mark.parametrize("own", OWN)
def test_rejoined_control_plane_has_new_certificates(rejoins: Rejoins, own: str) -> None:
    rejoin = rejoins.of("control-plane")
    assert rejoin.before.serials[f"{own}.crt"] != rejoin.after.serials[f"{own}.crt"]


@pytest.mark.parametrize("authority", ["ca", "front-proxy-ca", "etcd/ca"])
def test_rejoined_control_plane_has_the_same_authorities(rejoins: Rejoins, authority: str) -> None:
    rejoin = rejoins.of("control-plane")
    assert rejoin.before.serials[f"{authority}.crt"] == rejoin.after.serials[f"{authority}.crt"]


@pytest.mark.topology("stacked")
def test_rejoined_control_plane_has_a_new_etcd_member(mutable: Cluster, rejoins: Rejoins) -> None:
    rejoin, name = rejoins.of("control-plane"), mutable.control_planes[-1].name
    others = {each: rejoin.before.members[each] for each in rejoin.before.members if each != name}
    assert rejoin.after.members.keys() == rejoin.before.members.keys()
    assert others.items() <= rejoin.after.members.items()
    assert rejoin.after.members[name] != rejoin.before.members[name]


@both
def test_api_answers_during_reset_and_rejoin(rejoins: Rejoins, role: str) -> None:
    rejoin = rejoins.of(role)
    assert rejoin.requests >= REQUESTS_AT_LEAST
    assert [gap for gap in rejoin.gaps if gap.seconds > LONGEST_OUTAGE] == []
