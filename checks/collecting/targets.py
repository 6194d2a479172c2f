"""Where a machine is to connect to, by its roles: that is what is tried from there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from checks.collecting.questions import Target
from checks.facts.cluster import Api
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from provision.config.addresses import at

API_PORT, KUBELET_PORT, PEER_PORT = 6443, 10250, 2380
"""Of API servers, kubelets, and members of etcd for each other, as kubeadm has them."""


class Place(Protocol):
    """A machine whose address is known."""

    @property
    def name(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]: ...

    @property
    def address(self) -> str: ...


Places = Mapping[str, tuple[tuple[str, ...], str]]
"""Roles and address of each machine, by name."""


def places(known: Iterable[Place]) -> Places:
    """Where each machine is; what is known last of one counts."""
    return {each.name: (each.roles, each.address) for each in known}


def targets(roles: tuple[str, ...], there: Places, api: Api, endpoint: str) -> Sequence[Target]:
    """Everything that a machine with these roles is to reach."""
    found: list[Target] = []
    if BALANCER not in roles and endpoint:
        found.append(Target("endpoint", "", f"https://{endpoint}/livez"))
        found += _each(there, CONTROL_PLANE, "api-server", API_PORT, "livez")
    if {CONTROL_PLANE, WORKER} & {*roles}:
        found += [*_service(api), *_pods(api)]
    if CONTROL_PLANE in roles:
        found += _each(there, CONTROL_PLANE, "kubelet", KUBELET_PORT, "healthz")
        found += _each(there, WORKER, "kubelet", KUBELET_PORT, "healthz")
    if ETCD in roles:
        found += _each(there, ETCD, "etcd-peer", PEER_PORT, "version")
    return found


def host_of(endpoint: str) -> str:
    """The name, or the address without brackets, of `name:port`."""
    return urlsplit(f"//{endpoint}").hostname or ""


def port_of(endpoint: str) -> int | None:
    """The port of `name:port`; None where there is none."""
    return urlsplit(f"//{endpoint}").port


def _each(there: Places, role: str, what: str, port: int, path: str) -> Iterator[Target]:
    for name, (roles, address) in there.items():
        if role in roles:
            yield Target(what, name, f"https://{at(address, port)}/{path}")


def _service(api: Api) -> Iterator[Target]:
    for each in api.services.value or ():
        if each["metadata"]["name"] == "kubernetes" and each["spec"].get("clusterIP"):
            yield Target("service", "kubernetes", f"https://{at(each['spec']['clusterIP'], 443)}/livez")


def _pods(api: Api) -> Iterator[Target]:
    """Pods that answer on every cluster: those of CoreDNS, which say that they are well."""
    for each in api.pods.value or ():
        labels, status = each["metadata"].get("labels") or {}, each["status"]
        if labels.get("k8s-app") == "kube-dns" and status.get("phase") == "Running" and status.get("podIP"):
            yield Target("pod", each["metadata"]["name"], f"http://{at(status['podIP'], 8080)}/health")
