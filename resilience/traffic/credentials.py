"""The administrator's credentials, in this process's memory."""

from __future__ import annotations

import base64
import ssl
import tempfile
from pathlib import Path
from typing import Any

import yaml

from provision.cluster import Cluster
from provision.kubeadm.kubeconfig import for_the_host


def context(cluster: Cluster) -> ssl.SSLContext:
    """TLS as the administrator, with servers verified by the cluster's authority. Raises CommandFailed."""
    kubeconfig = for_the_host(cluster)
    config: dict[str, Any] = yaml.safe_load(kubeconfig)
    cluster.journal.redact.learn(config["users"][0]["user"]["client-key-data"])
    return of_kubeconfig(config)


def of_kubeconfig(config: dict[str, Any]) -> ssl.SSLContext:
    """The same from a kubeconfig with one cluster and one user, which has its data in it."""
    authority = _decoded(config["clusters"][0]["cluster"]["certificate-authority-data"])
    user = config["users"][0]["user"]
    made = ssl.create_default_context(cadata=authority.decode())
    # OpenSSL reads keys from files alone, as Python uses it: one that only its owner reads, for this moment.
    with tempfile.TemporaryDirectory(prefix="kubeadm-ha-") as folder:
        file = Path(folder) / "administrator.pem"
        file.touch(mode=0o600)
        file.write_bytes(_decoded(user["client-certificate-data"]) + b"\n" + _decoded(user["client-key-data"]))
        made.load_cert_chain(file)
    return made


def _decoded(data: str) -> bytes:
    return base64.b64decode(data)
