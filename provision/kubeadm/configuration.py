"""kubeadm's configuration file: the page's for external etcd, and what replaces a command line on a slow host."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from provision.cluster import Cluster
from provision.config.cluster_id import CLUSTER, KEYS
from provision.network import plugin
from provision.observations import PrintedJoins

FILE = "kubeadm-config.yaml"
"""In the login user's home, as on the page."""


JOIN_FILE = "kubeadm-join.yaml"
"""What a join command says, as a file, beside the other one."""

_TIMEOUTS = (
    "controlPlaneComponentHealthCheck", "kubeletHealthCheck", "kubernetesAPICall", "etcdAPICall", "tlsBootstrap",
    "discovery",
)  # fmt: skip
_PATIENT = "40m0s"  # ten times the longest of kubeadm's own, four minutes

# Members on emulated processors miss each other's heartbeats of 100 ms, and would elect all the time.
_SLOW_ETCD = {"heartbeat-interval": "1000", "election-timeout": "10000"}
# Leaders end when the API server does not answer within ten seconds, their deadline for renewing a lease.
_SLOW_LEADER = {"leader-elect-lease-duration": "60s", "leader-elect-renew-deadline": "45s"}


def is_needed(cluster: Cluster) -> bool:
    """Whether `kubeadm init` needs a setting that no option of its command line has. Pure."""
    usual = cluster.id.stacked and cluster.id.authority == CLUSTER and cluster.keys == KEYS[0]
    return not usual or cluster.emulated


def render(cluster: Cluster, certificate_key: str = "") -> str:
    """The page's file, filled in, with a certificate key, which kubeadm takes from nowhere else beside a file. Pure.

    With stacked etcd it has what the page's command line has, and the settings that no option has.

    The page says `kubernetesVersion: stable`; the version is always given, so that a run does not depend on what a
    download site calls stable today. The pod network's range is what the page asks for with the network plugin.
    """
    content: dict[str, object] = {
        "apiVersion": cluster.facts.configuration_api,
        "kind": "ClusterConfiguration",
        "kubernetesVersion": str(cluster.version),
        "controlPlaneEndpoint": str(cluster.endpoint),
        "networking": {"podSubnet": plugin.pod_cidr(cluster)},
        **_etcd(cluster),
    }
    if cluster.keys != KEYS[0]:
        content["encryptionAlgorithm"] = cluster.keys.upper()
    if cluster.emulated:
        content |= {name: {"extraArgs": _arguments(_SLOW_LEADER)} for name in ("controllerManager", "scheduler")}
    settings = ({"certificateKey": certificate_key} if certificate_key else {}) | _timeouts(cluster)
    init = {"apiVersion": content["apiVersion"], "kind": "InitConfiguration", **settings}
    return yaml.safe_dump_all([content, init] if settings else [content], sort_keys=False)


def render_join(cluster: Cluster, printed: PrintedJoins, *, control_plane: bool) -> str:
    """What a printed join command says, with longer timeouts. Pure; it holds secrets."""
    discovery = {
        "apiServerEndpoint": str(cluster.endpoint), "token": printed.token, "caCertHashes": [printed.authority_hash],
    }  # fmt: skip
    key = {"certificateKey": printed.certificate_key} if printed.certificate_key else {}
    content = {
        "apiVersion": cluster.facts.configuration_api,
        "kind": "JoinConfiguration",
        "discovery": {"bootstrapToken": discovery},
        **({"controlPlane": key} if control_plane else {}),
        **_timeouts(cluster),
    }
    return yaml.safe_dump(content, sort_keys=False)


def _etcd(cluster: Cluster) -> dict[str, object]:
    pki = "/etc/kubernetes/pki"
    if cluster.id.stacked:
        return {"etcd": {"local": {"extraArgs": _arguments(_SLOW_ETCD)}}} if cluster.emulated else {}
    external = {
        "endpoints": [f"https://{machine.address}:2379" for machine in cluster.etcd_machines],
        "caFile": f"{pki}/etcd/ca.crt",
        "certFile": f"{pki}/apiserver-etcd-client.crt",
        "keyFile": f"{pki}/apiserver-etcd-client.key",
    }
    return {"etcd": {"external": external}}


def _arguments(options: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in options.items()]


def _timeouts(cluster: Cluster) -> dict[str, object]:
    return {"timeouts": dict.fromkeys(_TIMEOUTS, _PATIENT)} if cluster.emulated else {}


def write(cluster: Cluster) -> None:
    """Write the file on the first control plane."""
    cluster.control_planes[0].put(FILE, render(cluster))
