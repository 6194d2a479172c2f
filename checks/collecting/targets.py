"""Where a machine is to connect to, by its roles: that is what is tried from there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from checks.collecting.questions import Target, is_url
from checks.facts.cluster import Api
from checks.facts.machine import BALANCER, CONTROL_PLANE, ETCD, WORKER
from provision.config.addresses import at

API_PORT = 6443
"""Of API servers and of an endpoint that names no port, as kubeadm has it."""


@dataclass(frozen=True)
class Ports:
    """Where a machine's processes listen: as kubeadm has it, until its configuration says something else."""

    api_server: int = API_PORT
    kubelet: int = 10250
    etcd_client: int = 2379
    etcd_peer: int = 2380


USUAL = Ports()
"""As kubeadm has them."""


class Place(Protocol):
    """A machine whose address is known."""

    @property
    def name(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]: ...

    @property
    def address(self) -> str: ...

    @property
    def ports(self) -> Ports: ...


Places = Mapping[str, Place]
"""Where each machine is, by its name."""


def places(known: Iterable[Place]) -> Places:
    """Where each machine is; what is known last of one counts."""
    return {each.name: each for each in known}


def targets(roles: tuple[str, ...], there: Places, api: Api, endpoint: str) -> Sequence[Target]:
    """Everything that a machine with these roles is to reach."""
    found: list[Target] = []
    if BALANCER not in roles:
        found += [Target("endpoint", "", f"https://{endpoint}/livez")] if endpoint else []
        found += [_at(each, "api-server", each.ports.api_server, "livez") for each in _of(there, CONTROL_PLANE)]
    if {CONTROL_PLANE, WORKER} & {*roles}:
        found += [*_service(api), *_pods(api)]
    if CONTROL_PLANE in roles:
        found += [_at(each, "kubelet", each.ports.kubelet, "healthz") for each in _of(there, CONTROL_PLANE, WORKER)]
    if ETCD in roles:
        found += [_at(each, "etcd-peer", each.ports.etcd_peer, "version") for each in _of(there, ETCD)]
    return [each for each in found if is_url(each.url)]


def host_of(endpoint: str) -> str:
    """The name, or the address without brackets, of `name:port`; empty where it is none of that."""
    try:
        return urlsplit(f"//{endpoint}").hostname or ""
    except ValueError:
        return ""


def port_of(endpoint: str) -> int | None:
    """The port of `name:port`; None where there is none."""
    try:
        return urlsplit(f"//{endpoint}").port
    except ValueError:
        return None


def with_port(endpoint: str, port: int) -> str:
    """`name:port`, of a name or an address that may lack the port; empty where it is none of that."""
    try:
        return at(ip_address(endpoint), port)
    except ValueError:
        pass
    try:
        parts = urlsplit(f"//{endpoint}")
        return at(parts.hostname, parts.port or port) if parts.hostname else ""
    except ValueError:
        return ""


def of_url(url: str) -> str:
    """`name:port` of a URL; empty where it is none."""
    try:
        parts = urlsplit(url)
        return at(parts.hostname, parts.port or 443) if parts.hostname else ""
    except ValueError:
        return ""


def _of(there: Places, *roles: str) -> Iterator[Place]:
    return (each for role in roles for each in there.values() if role in each.roles)


def _at(place: Place, what: str, port: int, path: str) -> Target:
    return Target(what, place.name, f"https://{at(place.address, port)}/{path}")


def _service(api: Api) -> Iterator[Target]:
    for each in api.services.value or ():
        address = _part(each, "spec").get("clusterIP")
        if each["metadata"]["name"] == "kubernetes" and address and address != "None":
            yield Target("service", "kubernetes", f"https://{at(str(address), 443)}/livez")


def _pods(api: Api) -> Iterator[Target]:
    """Pods that answer on every cluster: those of CoreDNS, which say that they are well."""
    for each in api.pods.value or ():
        labels, status = _part(each["metadata"], "labels"), _part(each, "status")
        if labels.get("k8s-app") == "kube-dns" and status.get("phase") == "Running" and status.get("podIP"):
            yield Target("pod", each["metadata"]["name"], f"http://{at(str(status['podIP']), 8080)}/health")


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}
