"""What kubeadm lets joining machines, nodes and administrators do, and nobody more.

The facts are those of upstream's own suite (kubernetes/kubernetes, test/e2e_kubeadm), with values where it tests
presence.
"""

from __future__ import annotations

import pytest

from fixtures.rbac import Access

JOINING = "system:bootstrappers:kubeadm:default-node-token"
NODES = "system:nodes"

_CSR = "ClusterRole/system:certificates.k8s.io:certificatesigningrequests"
_UPLOADED = pytest.mark.certificates("uploaded")

CLUSTER_WIDE = {
    "kubeadm:cluster-admins": ("ClusterRole/cluster-admin", "Group:kubeadm:cluster-admins"),
    "kubeadm:get-nodes": ("ClusterRole/kubeadm:get-nodes", f"Group:{JOINING}"),
    "kubeadm:kubelet-bootstrap": ("ClusterRole/system:node-bootstrapper", f"Group:{JOINING}"),
    "kubeadm:node-autoapprove-bootstrap": (f"{_CSR}:nodeclient", f"Group:{JOINING}"),
    "kubeadm:node-autoapprove-certificate-rotation": (f"{_CSR}:selfnodeclient", f"Group:{NODES}"),
    "kubeadm:node-proxier": ("ClusterRole/system:node-proxier", "ServiceAccount:kube-system/kube-proxy"),
    "system:coredns": ("ClusterRole/system:coredns", "ServiceAccount:kube-system/coredns"),
}
"""ClusterRoleBinding → the role it grants, and to whom alone."""

ONE_OBJECT = {
    "kubeadm:bootstrap-signer-clusterinfo": ("kube-public", "configmaps", "cluster-info", {"User:system:anonymous"}),
    "kubeadm:kubeadm-certs": ("kube-system", "secrets", "kubeadm-certs", {f"Group:{JOINING}"}),
    "kubeadm:nodes-kubeadm-config": (
        "kube-system", "configmaps", "kubeadm-config", {f"Group:{JOINING}", f"Group:{NODES}"},
    ),
    "kubeadm:kubelet-config": ("kube-system", "configmaps", "kubelet-config", {f"Group:{JOINING}", f"Group:{NODES}"}),
    "kube-proxy": ("kube-system", "configmaps", "kube-proxy", {f"Group:{JOINING}"}),
}  # fmt: skip
"""Role, and RoleBinding of the same name → the one object it lets somebody get, and whom."""

_ROLES = [pytest.param(name, marks=_UPLOADED) if "certs" in name else name for name in ONE_OBJECT]

MAY = [
    (JOINING, "configmaps/kubeadm-config"),
    (JOINING, "configmaps/kubelet-config"),
    (JOINING, "configmaps/kube-proxy"),
    (NODES, "configmaps/kubeadm-config"),
    (NODES, "configmaps/kubelet-config"),
    pytest.param(JOINING, "secrets/kubeadm-certs", marks=_UPLOADED),
]
MAY_NOT = [
    (JOINING, "get", "secrets"),
    (JOINING, "list", "configmaps"),
    (JOINING, "delete", "configmaps/kubeadm-config"),
    (JOINING, "update", "configmaps/kubeadm-config"),
    (NODES, "get", "secrets/kubeadm-certs"),
    (NODES, "update", "configmaps/kubelet-config"),
]


@pytest.mark.parametrize("binding", CLUSTER_WIDE)
def test_cluster_wide_binding(access: Access, binding: str) -> None:
    role, subject = CLUSTER_WIDE[binding]
    assert access.granted("ClusterRoleBinding", "", binding) == (role, {subject})


@pytest.mark.parametrize("name", _ROLES)
def test_binding_to_one_object(access: Access, name: str) -> None:
    namespace, _, _, subjects = ONE_OBJECT[name]
    assert access.granted("RoleBinding", namespace, name) == (f"Role/{name}", subjects)


@pytest.mark.parametrize("name", _ROLES)
def test_role_is_about_one_object(access: Access, name: str) -> None:
    namespace, resource, thing, _ = ONE_OBJECT[name]
    assert access.rules(namespace, name) == [([resource], [thing], ["get"])]


def test_signer_reads_tokens(access: Access) -> None:
    """It signs cluster-info with every token, and has to find them."""
    rules = access.rules("kube-system", "system:controller:bootstrap-signer")
    assert rules == [(["secrets"], [], ["get", "list", "watch"])]


@pytest.mark.parametrize("account", ["kube-proxy", "coredns", "bootstrap-signer"])
def test_service_account_exists(access: Access, account: str) -> None:
    assert access.exists("ServiceAccount", "kube-system", account)


@pytest.mark.parametrize(("group", "thing"), MAY)
def test_may_get(access: Access, group: str, thing: str) -> None:
    assert access.may(group, "get", thing)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("kube-public/configmaps/cluster-info", "200"),
        ("kube-public/configmaps", "403"),
        ("kube-system/configmaps/kubeadm-config", "403"),
        ("kube-system/secrets/kubeadm-certs", "403"),
    ],
)
def test_what_strangers_may_see(access: Access, path: str, status: str) -> None:
    """Who joins has nothing yet to show but a token, which cluster-info's signature is checked with."""
    assert access.anonymous(path) == status


@pytest.mark.parametrize(("group", "verb", "thing"), MAY_NOT)
def test_may_not(access: Access, group: str, verb: str, thing: str) -> None:
    assert not access.may(group, verb, thing)
