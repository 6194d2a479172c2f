"""How a joining machine finds the cluster, and proves that it may join, where no token is printed for it: by a file.

Source: https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#discovering-what-cluster-ca-to-trust
"""

from __future__ import annotations

import base64
from typing import Any

import yaml

from provision.cluster import Cluster
from provision.kubeadm import rejoining
from provision.machines.machine import Machine
from provision.observations import PrintedJoins

FOLDER = "discovery"
"""In the login user's home, with everything that joining by a file takes."""

FILE = f"{FOLDER}/discovery.conf"
JOIN = f"kubeadm join --discovery-file {FILE}"

JOINING = "system:bootstrappers:kubeadm:default-node-token"
"""The group whose members may ask for a kubelet's certificate, and get it."""

_CONFIGURATION = "cluster-configuration.yaml"


def by_file(cluster: Cluster, machine: Machine) -> str:
    """The file says where the cluster is and whom to trust; a token, given apart, that the machine may join."""
    _put(machine, _published(cluster))
    return f"{JOIN} --tls-bootstrap-token {_token(cluster)}"


def by_file_with_token(cluster: Cluster, machine: Machine) -> str:
    """The file has a token, too."""
    _put(machine, _user(cluster, f"--token {_token(cluster)}"))
    return JOIN


def by_embedded_certificate(cluster: Cluster, machine: Machine) -> str:
    """The file has a client certificate with its key."""
    _put(machine, _user(cluster, f"--org {JOINING}"))
    return JOIN


def by_certificate_files(cluster: Cluster, machine: Machine) -> str:
    """The file names a client certificate and its key, which are files beside it."""
    config = _user(cluster, f"--org {JOINING}")
    user = config["users"][0]["user"]
    for name in ("client-certificate", "client-key"):
        path = f"{machine.home}/{FOLDER}/{name}.pem"
        machine.put(path, base64.b64decode(user.pop(f"{name}-data")).decode(), mode=0o600)
        user[name] = path
    _put(machine, config)
    return JOIN


def forget(machine: Machine) -> None:
    """Remove what was put on a machine."""
    machine.succeed(f"sudo rm -rf {FOLDER}")


def _published(cluster: Cluster) -> dict[str, Any]:
    """The kubeconfig that everybody may read: the cluster's endpoint and authority, and no user."""
    info = cluster.get("configmap", "cluster-info", "-n", "kube-public")["data"]["kubeconfig"]
    return dict(yaml.safe_load(info))


def _user(cluster: Cluster, credential: str) -> dict[str, Any]:
    """A kubeconfig for a user of its own, as kubeadm makes them for people: with a token, or by a certificate."""
    host = cluster.control_planes[0]
    stored = cluster.get("configmap", "kubeadm-config", "-n", "kube-system")["data"]["ClusterConfiguration"]
    host.put(_CONFIGURATION, stored)
    command = f"sudo kubeadm kubeconfig user --client-name joining --config {_CONFIGURATION} {credential}"
    try:
        return dict(yaml.safe_load(host.succeed(command, secret=True)))
    finally:
        host.succeed(f"sudo rm {_CONFIGURATION}")


def _token(cluster: Cluster) -> str:
    command = rejoining.new_join(cluster, cluster.control_planes[0])
    return PrintedJoins(command, command).token


def _put(machine: Machine, config: dict[str, Any]) -> None:
    machine.put(FILE, yaml.safe_dump(config), mode=0o600)
