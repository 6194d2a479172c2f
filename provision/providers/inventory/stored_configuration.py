"""What kubeadm has stored of an existing cluster, and in which ways that is not laid out as its pages have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from provision.cluster import ADMIN, NO_CACHE
from provision.config.inventory.endpoint import WHERE
from provision.config.inventory.model import Inventory
from provision.machines.machine import Machine
from provision.util.errors import Problem

COMMAND = (
    f"sudo {ADMIN} {NO_CACHE} kubectl -n kube-system get configmap kubeadm-config"
    " -o 'jsonpath={.data.ClusterConfiguration}'"
)
_CERTIFICATES = "/etc/kubernetes/pki"
_PORT = "6443"


def read(machine: Machine) -> Mapping[str, Any]:
    """The stored ClusterConfiguration, as a control plane has it; empty where that does not answer with one."""
    try:
        answer = machine.run(COMMAND)
        found = yaml.safe_load(answer.stdout) if answer.ok else {}
    except (Problem, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def endpoint(cluster: Mapping[str, Any]) -> str:
    """`name:port` of the control plane; empty where the cluster says none."""
    given = str(cluster.get("controlPlaneEndpoint") or "")
    return given if ":" in given or not given else f"{given}:{_PORT}"


def unlike(cluster: Mapping[str, Any], inventory: Inventory, endpoint: str) -> Iterator[str]:
    """What keeps a cluster from being checked as one that kubeadm's pages make, one sentence each. Pure."""
    if not endpoint:
        why = "has none in kubeadm-config" if cluster else "does not answer for it"
        yield f"no endpoint: the file says none, and the cluster {why}; {WHERE}"
    folder = cluster.get("certificatesDir", _CERTIFICATES)
    if folder != _CERTIFICATES:
        yield (
            f"its certificates are in {folder} (certificatesDir of kubeadm-config), as kubespray lays a cluster out;"
            f" what is checked are those in {_CERTIFICATES}"
        )
    etcd = cluster.get("etcd") or {}
    outside = etcd.get("external") if isinstance(etcd, dict) else None
    if outside:
        yield from _external(outside, inventory)
    elif cluster and inventory.topology == "external":
        yield "its etcd is on the control planes (kubeadm-config), and the file has etcd machines of their own"


def _external(outside: Mapping[str, Any], inventory: Inventory) -> Iterator[str]:
    authority = str(outside.get("caFile", ""))
    where = ", ".join(outside.get("endpoints") or ())
    if not authority.startswith(f"{_CERTIFICATES}/"):
        yield (
            f"its etcd is a service with certificates of its own, {authority} (etcd.external of kubeadm-config), as"
            f" kubespray has it; what is checked is an etcd that kubeadm made, with {_CERTIFICATES}/etcd/ca.crt"
        )
    elif inventory.topology == "stacked":
        yield f"its etcd is an external one, at {where} (kubeadm-config), and the file names no etcd machines"
