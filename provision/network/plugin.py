"""Pod networks, and their one step, `kubectl apply -f`: a published plugin, or a route a node.

The routes are those of the reference CNI plugins, in one manifest (`routes.yaml`) that is applied like any plugin's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from provision.cluster import Cluster
from provision.config import limits
from provision.config.addresses import PODS, Family
from provision.config.cluster_state import Endpoint
from provision.config.configuration.own import Kind
from provision.config.options import CALICO, FLANNEL, ROUTES

IMAGE = "kubeadm-ha.test/network:1"
"""What the routes' DaemonSet runs: iproute2, a shell and kubectl; put together with the other images of a release."""

_OWN_CIDR = PODS[4].replace("0.0/16", "${address##*.}.0/24")
"""A node's pod CIDR by its own address, in the shell of the manifest."""


_EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


@dataclass(frozen=True)
class Published:
    """A plugin that is applied by its published manifest, and the pod CIDR that the manifest expects."""

    pod_cidr: str
    manifest: str


# Exact releases: what `latest` means changes between two nights, and would pass for a change of Kubernetes. v0.28.10 is
# the newest flannel of November 2026.
PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        FLANNEL: Published(
            "10.244.0.0/16", "https://github.com/flannel-io/flannel/releases/download/v0.28.10/kube-flannel.yml"
        ),
        CALICO: Published(
            "192.168.0.0/16", "https://raw.githubusercontent.com/projectcalico/calico/v3.30.3/manifests/calico.yaml"
        ),
    }
)


def pod_cidr(cluster: Cluster) -> str:
    """The pod CIDR that goes with the cluster's network plugin; empty where the routes have addresses of their own."""
    own = cluster.own_configuration
    given = own.field(Kind.CLUSTER, "networking.podSubnet") if own else None
    if cluster.network in PUBLISHED:
        return PUBLISHED[cluster.network].pod_cidr
    return str(given or "") if given or has_own_addresses(cluster) else cluster.family.listed(PODS)


def has_own_addresses(cluster: Cluster) -> bool:
    """Whether nodes get no pod CIDR from Kubernetes: a user's own configuration names no pod network, with IPv4 alone.

    Then the routes give each node the /24 that ends its address, which is another for each machine that is made.
    """
    own = cluster.own_configuration
    silent = own is not None and Kind.CLUSTER in own.documents
    silent = silent and not own.field(Kind.CLUSTER, "networking.podSubnet")  # type: ignore[union-attr]
    silent = silent and cluster.family is Family.IPV4
    return silent and cluster.network == ROUTES and cluster.state.your_machines is None


def apply(cluster: Cluster) -> None:
    """Apply the plugin's manifest on the first control plane."""
    if cluster.network == ROUTES:
        cluster.kubectl("apply", "-f", "-", stdin=_routes(cluster).encode())
    else:
        cluster.kubectl("apply", "-f", PUBLISHED[cluster.network].manifest, timeout=limits.MANIFEST)


def _routes(cluster: Cluster) -> str:
    return routes_manifest(cluster.endpoint, cluster.family, own_addresses=has_own_addresses(cluster))


def routes_manifest(endpoint: Endpoint, family: Family = Family.IPV4, *, own_addresses: bool = False) -> str:
    """The manifest of the routes: a DaemonSet that follows the list of nodes. Pure.

    It reaches the API through the load balancer, so it needs no kube-proxy to start.
    """
    text = files("provision.network").joinpath("routes.yaml").read_text()
    values = {
        "IMAGE": IMAGE,
        "API_HOST": endpoint.name,
        "API_PORT": str(endpoint.port),
        "WITHOUT_CIDR": f"cidrs={_OWN_CIDR}" if own_addresses else "continue",
        "DEFAULTS": ", ".join(f'{{"dst": "{_EVERYWHERE[version]}"}}' for version in family.versions),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
