"""What is read of clusters for the facts of their releases: healthy ones, and what a newer release may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fixtures.subjects.observed_facts import Kubeconfig, Plane, Seen
from provision.config.facts import NEWEST_MINOR, Fact, Facts
from provision.config.versions import OLDEST_MINOR, Version

FACTS = {name for name, each in vars(Facts).items() if isinstance(each, Fact)}
UNKNOWN = Version(NEWEST_MINOR + 1, 0, "alpha.0.123", "abcdef0123456")
KNOWN = [Version(minor, patch) for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1) for patch in (0, 5, 13)]
ENDPOINT = "https://cluster-endpoint.kubeadm-ha.test:6443"
ROLE, EXCLUDED = "node-role.kubernetes.io/control-plane", "node.kubernetes.io/exclude-from-external-load-balancers"
SOCKET = "kubeadm.alpha.kubernetes.io/cri-socket"
SUBJECTS = {
    "admin.conf": "CN=kubernetes-admin,O=kubeadm:cluster-admins",
    "controller-manager.conf": "CN=system:kube-controller-manager",
    "scheduler.conf": "CN=system:kube-scheduler",
}


def plane(number: int, client: str, **more: str) -> Plane:
    """A control plane as kubeadm makes it: the kubelet's kubeconfig has a file for its certificate."""
    beside = f"https://198.18.0.{10 + number}:6443"
    servers = {"admin.conf": ENDPOINT, "super-admin.conf": ENDPOINT}
    found = {name: Kubeconfig(servers.get(name, beside), subject) for name, subject in (SUBJECTS | more).items()}
    return Plane(found | {"kubelet.conf": Kubeconfig(beside, None)}, beside, client)


def node(*labels: str, taints: tuple[str, ...] = (), annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
    usual = ("kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os")
    return {
        "metadata": {"labels": dict.fromkeys((*usual, *labels), ""), "annotations": dict(annotations or {})},
        "spec": {"taints": [{"key": key, "effect": "NoSchedule"} for key in taints]} if taints else {},
    }


def seen(version: Version = UNKNOWN, **changes: Any) -> Seen:
    """What is read of a healthy cluster: as a real one prints it, but for what is different between known releases."""
    of = Facts(version)
    annotations = {SOCKET: of.socket_annotation} if of.socket_annotation else {}
    role = {"kubeadm:apiserver-kubelet-client": of.kubelet_client_role} if of.kubelet_client_role else {}
    first = plane(1, of.kubelet_client, **{"super-admin.conf": "CN=kubernetes-super-admin,O=system:masters"})
    healthy = Seen(
        planes=[first, plane(2, of.kubelet_client), plane(3, of.kubelet_client)],
        plane_nodes=[node(ROLE, EXCLUDED, taints=(ROLE,), annotations=annotations) for _ in range(3)],
        worker_nodes=[node(annotations=annotations) for _ in range(3)],
        endpoint=ENDPOINT,
        bindings={"kubeadm:get-nodes": "kubeadm:get-nodes", "cluster-admin": "cluster-admin", **role},
        listed=[f"registry.k8s.io/kube-apiserver:{version.tag}", of.coredns, of.pause, of.etcd],
        printed="apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n",
        accepted=of.configuration_apis,
    )
    return replace(healthy, **changes)


def planes(change: Mapping[str, Kubeconfig], client: str = "") -> list[Plane]:
    """The control planes with other kubeconfigs, or another client of kubelets."""
    return [
        replace(each, kubeconfigs={**each.kubeconfigs, **change}, kubelet_client=client or each.kubelet_client)
        for each in seen().planes
    ]


def asking(server: str, *files: str) -> list[Plane]:
    return planes({name: Kubeconfig(server, SUBJECTS.get(name)) for name in files})


DIFFERENT: dict[str, tuple[dict[str, Any], Any]] = {
    "configuration_apis": ({"printed": "apiVersion: kubeadm.k8s.io/v1\n", "accepted": ["kubeadm.k8s.io/v1beta4"]},
                           ("kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1")),
    "kubeconfigs": ({"planes": planes({"admin.conf": Kubeconfig(ENDPOINT, "CN=other")})},
                    SUBJECTS | {"admin.conf": "CN=other"}),
    "first_kubeconfigs": ({"planes": [plane(number, Facts(UNKNOWN).kubelet_client) for number in (1, 2, 3)]}, {}),
    "components_ask_locally": ({"planes": asking(ENDPOINT, "controller-manager.conf", "scheduler.conf")}, False),
    "kubelets_ask_locally": ({"planes": asking(ENDPOINT, "kubelet.conf")}, False),
    "control_plane_label": (
        {"plane_nodes": [node("node-role.kubernetes.io/cp", EXCLUDED, taints=(ROLE,))] * 3},
        "node-role.kubernetes.io/cp",
    ),
    "excluding_label": ({"plane_nodes": [node(ROLE, "example.org/out", taints=(ROLE,))] * 3}, "example.org/out"),
    "control_plane_taints": ({"plane_nodes": [node(ROLE, EXCLUDED, taints=(ROLE, "x"))] * 3},
                             ((ROLE, "NoSchedule"), ("x", "NoSchedule"))),
    "socket_annotation": (
        {"plane_nodes": [node(ROLE, EXCLUDED, taints=(ROLE,), annotations={SOCKET: "unix:///x"})] * 3,
         "worker_nodes": [node(annotations={SOCKET: "unix:///x"})]}, "unix:///x",
    ),
    "kubelet_client": ({"planes": planes({}, client="CN=other")}, "CN=other"),
    "kubelet_client_role": ({"bindings": {"kubeadm:get-nodes": "kubeadm:get-nodes"}}, None),
    **{
        name: ({"listed": [f"registry.k8s.io/{each}:9" for each in ("etcd", "coredns", "pause") if each == name] + [
            each for each in seen().listed if f"/{name}:" not in each]}, f"registry.k8s.io/{name}:9")
        for name in ("etcd", "coredns", "pause")
    },
}  # fmt: skip
"""What a newer release may show of each fact, and the value that is then true of it."""
