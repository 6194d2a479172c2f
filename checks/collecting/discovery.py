"""The machines of a cluster, from what its API says of its nodes, its configuration and its endpoint. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.collecting.questions import is_name
from checks.collecting.targets import API_PORT, USUAL, Ports, host_of, of_url, port_of
from checks.facts.cluster import Api, Object
from checks.facts.machine import CONTROL_PLANE, ETCD, WORKER

_ROLE = "node-role.kubernetes.io/control-plane"
_API_SERVER = "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint"


@dataclass(frozen=True)
class Known:
    """A machine that is known of: its name, roles and address, and its ports. `node` where it is one."""

    name: str
    roles: tuple[str, ...]
    address: str
    node: bool = True
    ports: Ports = USUAL


def machines(api: Api) -> tuple[Known, ...]:
    """Nodes, and members of an external etcd; raises Unknown where the nodes are."""
    nodes = tuple(_nodes(api))
    return (*nodes, *_external(api, {each.address for each in nodes}))


def _nodes(api: Api) -> Iterator[Known]:
    servers, members = _static_pods(api, "kube-apiserver"), _static_pods(api, "etcd")
    external = bool(_external_etcd(api))
    for node in api.nodes.get():
        name = str(node["metadata"]["name"])
        etcd = (ETCD,) if name in members or not external else ()
        control_plane = _ROLE in _part(node["metadata"], "labels") or name in servers
        roles = (CONTROL_PLANE, *etcd) if control_plane else (WORKER,)
        yield Known(name, roles, _address(node), ports=_ports(node, servers.get(name)))


def _static_pods(api: Api, component: str) -> Mapping[str, Object]:
    """Pods of a component, by their node."""
    return {
        str(_part(pod, "spec").get("nodeName", "")): pod
        for pod in api.pods.value or ()
        if _part(pod["metadata"], "labels").get("component") == component
    }


def _ports(node: Object, server: Object | None) -> Ports:
    """Ports as kubelets report them, and as kubeadm notes them on the pods that it makes."""
    advertised = _part(server["metadata"], "annotations").get(_API_SERVER, "") if server else ""
    kubelet = _part(_part(_part(node, "status"), "daemonEndpoints"), "kubeletEndpoint").get("Port")
    given = kubelet if isinstance(kubelet, int) and kubelet else USUAL.kubelet
    return Ports(port_of(str(advertised)) or API_PORT, given)


def _external_etcd(api: Api) -> Mapping[str, Any]:
    return _part(_part(api.cluster_configuration.value or {}, "etcd"), "external")


def _external(api: Api, nodes: set[str]) -> Iterator[Known]:
    listed = _external_etcd(api).get("endpoints")
    urls = [of_url(str(each)) for each in listed] if isinstance(listed, (list, tuple)) else []
    hosts = dict.fromkeys(host for each in urls if is_name(host := host_of(each)))
    for number, host in enumerate(hosts, 1):
        if host not in nodes:
            name = f"etcd{number}" if host[0].isdigit() or ":" in host else host
            yield Known(name, (ETCD,), host, node=False)


def _address(node: Object) -> str:
    addresses = _part(node, "status").get("addresses")
    found = {
        str(each.get("type")): str(each.get("address"))
        for each in reversed(addresses if isinstance(addresses, (list, tuple)) else ())
        if isinstance(each, Mapping)
    }
    return found.get("InternalIP") or found.get("ExternalIP") or str(node["metadata"]["name"])


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}
