"""Who may do what in a cluster that kubeadm made: exactly what joining, running and administering it takes.

Source: kubernetes/kubernetes test/e2e_kubeadm, re-expressed, values pinned where upstream only tests presence.
"""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.subjects.configured import exists, skip_without
from fixtures.subjects.rbac import API, ApiObjects, Key, May, Stranger, Who, account, rule, whom
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected

JOINING = "system:bootstrappers:kubeadm:default-node-token"
NODES = "system:nodes"

WHO: dict[str, Who] = {
    "token": ("system:bootstrap:abcdef", JOINING, "system:bootstrappers"),
    "node": ("system:node:w1", NODES),
}

_ANYBODY: Who = ("system:anonymous", "system:unauthenticated", "system:authenticated")
"""A user without credentials, with the group that may ask what it may do: it has no other rights of its own."""

CERTIFICATES = "kubeadm:kubeadm-certs"
_UPLOADED = pytest.mark.certificates("uploaded")
_CSR = "system:certificates.k8s.io:certificatesigningrequests"
_SIGNER = "system:controller:bootstrap-signer"


_TOKENS, _NODES, _ANONYMOUS = whom("Group", JOINING), whom("Group", NODES), whom("User", "system:anonymous")

BINDINGS: dict[tuple[str, str], tuple[str, list[dict[str, str]]]] = {
    ("", "kubeadm:cluster-admins"): ("cluster-admin", [whom("Group", "kubeadm:cluster-admins")]),
    ("", "kubeadm:get-nodes"): ("kubeadm:get-nodes", [_TOKENS]),
    ("", "kubeadm:kubelet-bootstrap"): ("system:node-bootstrapper", [_TOKENS]),
    ("", "kubeadm:node-autoapprove-bootstrap"): (f"{_CSR}:nodeclient", [_TOKENS]),
    ("", "kubeadm:node-autoapprove-certificate-rotation"): (f"{_CSR}:selfnodeclient", [_NODES]),
    ("", "kubeadm:node-proxier"): ("system:node-proxier", [account("kube-proxy")]),
    ("", "system:coredns"): ("system:coredns", [account("coredns")]),
    ("kube-public", "kubeadm:bootstrap-signer-clusterinfo"): ("kubeadm:bootstrap-signer-clusterinfo", [_ANONYMOUS]),
    ("kube-system", _SIGNER): (_SIGNER, [account("bootstrap-signer")]),
    ("kube-system", CERTIFICATES): (CERTIFICATES, [_TOKENS]),
    ("kube-system", "kubeadm:nodes-kubeadm-config"): ("kubeadm:nodes-kubeadm-config", [_TOKENS, _NODES]),
    ("kube-system", "kubeadm:kubelet-config"): ("kubeadm:kubelet-config", [_TOKENS, _NODES]),
    ("kube-system", "kube-proxy"): ("kube-proxy", [_TOKENS]),
}
"""Namespace ('' for the whole cluster) and name of a binding → the role it grants, and to whom alone."""

ROLES: dict[tuple[str, str], list[dict[str, list[str]]]] = {
    ("", "kubeadm:get-nodes"): [rule("nodes", "get")],
    ("", "system:coredns"): [
        rule("endpoints", "list", "watch") | {"resources": ["endpoints", "services", "pods", "namespaces"]},
        rule("endpointslices", "list", "watch") | {"apiGroups": ["discovery.k8s.io"]},
    ],
    ("kube-public", "kubeadm:bootstrap-signer-clusterinfo"): [
        rule("configmaps", "get", resourceNames=["cluster-info"])
    ],
    ("kube-system", _SIGNER): [rule("secrets", "get", "list", "watch")],
    ("kube-system", CERTIFICATES): [rule("secrets", "get", resourceNames=["kubeadm-certs"])],
    ("kube-system", "kubeadm:nodes-kubeadm-config"): [rule("configmaps", "get", resourceNames=["kubeadm-config"])],
    ("kube-system", "kubeadm:kubelet-config"): [rule("configmaps", "get", resourceNames=["kubelet-config"])],
    ("kube-system", "kube-proxy"): [rule("configmaps", "get", resourceNames=["kube-proxy"])],
}
"""Namespace and name of a role → its rules, all of them."""

ANSWERS = [
    ("token", "get", "configmaps/kubeadm-config", "yes"),
    ("token", "get", "configmaps/kubelet-config", "yes"),
    ("token", "get", "configmaps/kube-proxy", "yes"),
    pytest.param("token", "get", "secrets/kubeadm-certs", "yes", marks=_UPLOADED),
    ("token", "create", "certificatesigningrequests.certificates.k8s.io", "yes"),
    ("token", "get", "configmaps/coredns", "no"),
    ("token", "get", "secrets/another", "no"),
    ("token", "list", "secrets", "no"),
    ("token", "update", "configmaps/kubeadm-config", "no"),
    ("token", "delete", "configmaps/kubeadm-config", "no"),
    ("token", "delete", "secrets/kubeadm-certs", "no"),
    ("node", "get", "configmaps/kubeadm-config", "yes"),
    ("node", "get", "configmaps/kubelet-config", "yes"),
    ("node", "get", "secrets/kubeadm-certs", "no"),
    ("node", "list", "secrets", "no"),
    ("node", "update", "configmaps/kubelet-config", "no"),
    ("node", "delete", "configmaps/kubeadm-config", "no"),
]
"""Who, verb and thing in kube-system → what the API server answers."""


def _sorted(subjects: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(subjects, key=lambda subject: subject["name"])


def _key(kind: str, namespace: str, name: str) -> Key:
    return Key(kind if namespace else f"Cluster{kind}", namespace, name)


def _cases(table: dict[tuple[str, str], Any]) -> list[Any]:
    return [pytest.param(*each, marks=_UPLOADED if CERTIFICATES in each else ()) for each in table]


@pytest.mark.parametrize(("namespace", "name"), _cases(BINDINGS))
def test_binding_grants_the_expected_role(
    api_objects: ApiObjects, expected: Expected, namespace: str, name: str
) -> None:  # fmt: skip
    skip_without(expected, name)
    role, _ = BINDINGS[namespace, name]
    granted = api_objects[_key("RoleBinding", namespace, name)].get("roleRef")
    assert granted == {"apiGroup": API, "kind": "Role" if namespace else "ClusterRole", "name": role}


@pytest.mark.parametrize(("namespace", "name"), _cases(BINDINGS))
def test_binding_has_exactly_the_expected_subjects(
    api_objects: ApiObjects, expected: Expected, namespace: str, name: str
) -> None:  # fmt: skip
    skip_without(expected, name)
    _, subjects = BINDINGS[namespace, name]
    assert _sorted(api_objects[_key("RoleBinding", namespace, name)].get("subjects", [])) == _sorted(subjects)


@pytest.mark.parametrize(("namespace", "name"), _cases(ROLES))
def test_role_has_exactly_the_expected_rules(
    api_objects: ApiObjects, expected: Expected, namespace: str, name: str
) -> None:  # fmt: skip
    skip_without(expected, name)
    assert api_objects[_key("Role", namespace, name)].get("rules") == ROLES[namespace, name]


def test_kubelet_client_of_api_servers_has_the_role_of_the_version(cluster: Cluster, api_objects: ApiObjects) -> None:
    """In versions without such a binding, the group in the certificate lets them."""
    role = cluster.facts.kubelet_client_role
    binding = api_objects[Key("ClusterRoleBinding", "", "kubeadm:apiserver-kubelet-client")]
    granted = (binding.get("roleRef", {}).get("name"), binding.get("subjects"))
    assert granted == (role, [whom("User", "kube-apiserver-kubelet-client")] if role else None)


@pytest.mark.parametrize("group", [JOINING, NODES])
def test_group_is_in_no_unexpected_binding(
    cluster: Cluster, api_objects: ApiObjects, expected: Expected, group: str
) -> None:  # fmt: skip
    """Whatever else grants it something widens what a leaked token, or a stolen node, is worth."""
    there = {each: BINDINGS[each] for each in BINDINGS if exists(expected, each[1])}
    listed = {each for each, (_, subjects) in there.items() if whom("Group", group) in subjects}
    usual = listed if cluster.id.uploads else listed - {("kube-system", CERTIFICATES)}
    assert api_objects.bindings_of("Group", group) == usual


def test_anonymous_users_are_in_no_unexpected_binding(api_objects: ApiObjects) -> None:
    found = api_objects.bindings_of("User", "system:anonymous")
    found |= api_objects.bindings_of("Group", "system:unauthenticated")
    assert found == {("kube-public", "kubeadm:bootstrap-signer-clusterinfo"), ("", "system:public-info-viewer")}


@pytest.mark.parametrize(("who", "verb", "thing", "answer"), ANSWERS)
def test_authorizer_answers_as_expected(
    may: May, expected: Expected, who: str, verb: str, thing: str, answer: str
) -> None:  # fmt: skip
    skip_without(expected, thing)
    assert may(WHO[who], verb, thing) == answer


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("kube-public/configmaps/cluster-info", "200"),
        ("kube-public/configmaps", "403"),
        ("kube-public/secrets", "403"),
        ("kube-system/configmaps/kubeadm-config", "403"),
        ("kube-system/secrets", "403"),
        ("kube-system/secrets/kubeadm-certs", "403"),
    ],
)
def test_anonymous_request_gets_the_expected_status(stranger: Stranger, path: str, status: str) -> None:
    """Who joins has nothing to show yet, and checks what it reads by the token's signature."""
    assert stranger(path) == status


@pytest.mark.parametrize("verb", ["update", "patch", "delete"])
def test_anonymous_user_may_not_change_what_it_reads(may: May, verb: str) -> None:
    """An access review, which stores nothing. What is not allowed with one group more is not allowed without it."""
    assert may(_ANYBODY, verb, "configmaps/cluster-info", "kube-public") == "no"


@pytest.mark.built
def test_printed_token_is_in_the_group_of_joining_nodes(token_groups: dict[str, str], token_id: str) -> None:
    """All that joining machines may do hangs on this one field of the token."""
    assert token_groups.get(f"bootstrap-token-{token_id}") == JOINING
