"""Serving certificates of kubelets, where the configuration has them requested: an administrator approves each.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm import configuration
from provision.util.concurrency import NotYet

SIGNER = "kubernetes.io/kubelet-serving"


def approve_serving(cluster: Cluster) -> None:
    """Approve what every node's kubelet requests, and wait until each has its certificate; else nothing is done."""
    if not configuration.expected(cluster).kubelet.get("serverTLSBootstrap"):
        return
    cluster.wait_until(lambda: _missing(cluster), limits.NODE_READY, "every kubelet has a serving certificate")


def _missing(cluster: Cluster) -> NotYet | None:
    """Approve what waits, but for what is not a node's own; then which nodes have no certificate yet."""
    if cluster.dry_run:
        cluster.kubectl("certificate", "approve", "<requests of kubelets' serving certificates>")
        return None
    requests = [each for each in cluster.get("csr")["items"] if each["spec"]["signerName"] == SIGNER]
    names = {f"system:node:{machine.name}": machine.name for machine in cluster.nodes}
    waiting = [each for each in requests if not each["status"] and each["spec"]["username"] in names]
    if waiting:
        cluster.kubectl("certificate", "approve", *(each["metadata"]["name"] for each in waiting))
    missing = sorted(set(names.values()) - {names.get(each["spec"]["username"]) for each in _issued(requests)})
    return NotYet(f"no serving certificate was issued for {shlex.join(missing)}") if missing else None


def _issued(requests: Sequence[Any]) -> list[Any]:
    return [each for each in requests if "certificate" in each["status"]]
