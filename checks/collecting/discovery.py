"""The machines of a cluster, from what its API says of its nodes, its configuration and its endpoint. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.facts.cluster import Api, Object
from checks.facts.machine import CONTROL_PLANE, ETCD, WORKER

_ROLE = "node-role.kubernetes.io/control-plane"


@dataclass(frozen=True)
class Known:
    """A machine that is known of: its name, roles and address. `node` where it is one."""

    name: str
    roles: tuple[str, ...]
    address: str
    node: bool = True


def machines(api: Api) -> tuple[Known, ...]:
    """Nodes, and members of an external etcd; raises Unknown where the nodes are."""
    nodes = tuple(_nodes(api))
    return (*nodes, *_external(api, {each.address for each in nodes}))


def _nodes(api: Api) -> Iterator[Known]:
    runs = {_node_of(pod) for pod in api.pods.value or () if _labels(pod).get("component") == "kube-apiserver"}
    etcd = {_node_of(pod) for pod in api.pods.value or () if _labels(pod).get("component") == "etcd"}
    for node in api.nodes.get():
        name = node["metadata"]["name"]
        control_plane = _ROLE in _labels(node) or name in runs
        roles = (
            ((CONTROL_PLANE, ETCD) if _stacked(api, name, etcd) else (CONTROL_PLANE,)) if control_plane else (WORKER,)
        )
        yield Known(name, roles, _address(node))


def _stacked(api: Api, name: str, etcd: set[str]) -> bool:
    configuration = api.cluster_configuration.value or {}
    return name in etcd or "external" not in (configuration.get("etcd") or {})


def _external(api: Api, nodes: set[str]) -> Iterator[Known]:
    configuration = api.cluster_configuration.value or {}
    external = (configuration.get("etcd") or {}).get("external") or {}
    hosts = [urlsplit(each).hostname or "" for each in external.get("endpoints") or ()]
    for number, host in enumerate(hosts, 1):
        if host and host not in nodes:
            yield Known(f"etcd{number}" if host[0].isdigit() or ":" in host else host, (ETCD,), host, node=False)


def _labels(given: Object) -> dict[str, str]:
    return dict(given["metadata"].get("labels") or {})


def _node_of(pod: Object) -> str:
    return str(pod["spec"].get("nodeName", ""))


def _address(node: Object) -> str:
    addresses = node["status"].get("addresses") or ()
    found = (each["address"] for each in addresses if each["type"] == "InternalIP")
    return str(next(found, node["metadata"]["name"]))
