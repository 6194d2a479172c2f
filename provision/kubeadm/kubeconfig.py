"""Kubeconfigs: the administrator's, made to work from the host."""

from __future__ import annotations

from typing import Any

import yaml

from provision.cluster import Cluster
from provision.config.addresses import url
from provision.config.cluster_state import Endpoint


def rewritten(admin: str, endpoint: Endpoint) -> str:
    """An admin.conf for a host that does not know the endpoint's name.

    The server becomes the load balancer's address, and the certificate is still checked against the name
    (`tls-server-name`) and the cluster's authority. Pure.
    """
    config: dict[str, Any] = yaml.safe_load(admin)
    for entry in config["clusters"]:
        entry["cluster"]["server"] = url(endpoint.address, endpoint.port)
        entry["cluster"]["tls-server-name"] = endpoint.name
    return yaml.safe_dump(config, sort_keys=False)


def for_the_host(cluster: Cluster) -> str:
    """A kubeconfig with the administrator's rights that works from this host. It is a secret."""
    return rewritten(
        cluster.control_planes[0].succeed("sudo cat /etc/kubernetes/admin.conf", secret=True), cluster.endpoint
    )
