"""A pod network of the reference CNI plugins and one route a node, applied like any plugin with `kubectl apply -f`."""

from __future__ import annotations

from importlib.resources import files

from provision.config.cluster_state import Endpoint

POD_CIDR = "10.244.0.0/16"
IMAGE = "kubeadm-ha.test/network:1"


def manifest(endpoint: Endpoint) -> str:
    """The manifest: a DaemonSet that follows the list of nodes. Pure.

    It reaches the API through the load balancer, so it needs no kube-proxy to start.
    """
    text = files("provision.network").joinpath("routes.yaml").read_text()
    values = {"IMAGE": IMAGE, "API_HOST": endpoint.name, "API_PORT": str(endpoint.port)}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
