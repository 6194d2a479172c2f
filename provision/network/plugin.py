"""The choice of a pod network, and its one step: `kubectl apply -f`."""

from __future__ import annotations

from provision.cluster import Cluster
from provision.config.options import CALICO, FLANNEL, ROUTES
from provision.network import routes

# Exact releases: what `latest` means changes between two nights, and would pass for a change of Kubernetes. v0.28.10 is
# the newest flannel of November 2026.
_FLANNEL = "https://github.com/flannel-io/flannel/releases/download/v0.28.10/kube-flannel.yml"
_CALICO = "https://raw.githubusercontent.com/projectcalico/calico/v3.30.3/manifests/calico.yaml"

PUBLISHED: dict[str, tuple[str, str]] = {
    FLANNEL: ("10.244.0.0/16", _FLANNEL),
    CALICO: ("192.168.0.0/16", _CALICO),
}
"""Plugins applied by their published manifests: name → the pod CIDR they expect, and where the manifest is."""


def pod_cidr(cluster: Cluster) -> str:
    """The pod CIDR that goes with the cluster's network plugin."""
    name = cluster.network
    return routes.POD_CIDR if name == ROUTES else PUBLISHED[name][0]


def apply(cluster: Cluster) -> None:
    """Apply the plugin's manifest on the first control plane."""
    if cluster.network == ROUTES:
        cluster.kubectl("apply", "-f", "-", stdin=routes.manifest(cluster.endpoint).encode())
    else:
        cluster.kubectl("apply", "-f", PUBLISHED[cluster.network][1], timeout=120)
