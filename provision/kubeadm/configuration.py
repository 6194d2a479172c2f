"""kubeadm's configuration file for a control plane whose etcd is elsewhere."""

from __future__ import annotations

import yaml

from provision.cluster import Cluster
from provision.network import plugin

FILE = "kubeadm-config.yaml"
"""In the login user's home, as on the page."""


def render(cluster: Cluster, certificate_key: str = "") -> str:
    """The page's file, filled in; with a key of one's own, also what `--certificate-key` cannot say beside it. Pure.

    The page says `kubernetesVersion: stable`; the version is always given, so that a run does not depend on what a
    download site calls stable today. The pod network's range is what the page asks for with the network plugin.
    """
    pki = "/etc/kubernetes/pki"
    external = {
        "endpoints": [f"https://{machine.address}:2379" for machine in cluster.etcd_machines],
        "caFile": f"{pki}/etcd/ca.crt",
        "certFile": f"{pki}/apiserver-etcd-client.crt",
        "keyFile": f"{pki}/apiserver-etcd-client.key",
    }
    content = {
        "apiVersion": cluster.facts.configuration_api,
        "kind": "ClusterConfiguration",
        "kubernetesVersion": str(cluster.version),
        "controlPlaneEndpoint": str(cluster.endpoint),
        "networking": {"podSubnet": plugin.pod_cidr(cluster)},
        "etcd": {"external": external},
    }
    init = {"apiVersion": content["apiVersion"], "kind": "InitConfiguration", "certificateKey": certificate_key}
    return yaml.safe_dump_all([content, init] if certificate_key else [content], sort_keys=False)


def write(cluster: Cluster) -> None:
    """Write the file on the first control plane."""
    cluster.control_planes[0].put(FILE, render(cluster))
