"""HAProxy and keepalived as static pods of a control plane. Pure.

Source: kubeadm's ha-considerations.md: their manifests are put in place before kubeadm is run, in the network of the
machine, with the machine's own files. Its images are here made of Debian's packages (`artifacts/balancer_images.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import yaml

from provision.config.balancers import IMAGES
from provision.loadbalancer import haproxy, keepalived

MANIFESTS = "/etc/kubernetes/manifests"

_CAPABILITIES = ["NET_ADMIN", "NET_BROADCAST", "NET_RAW"]
_COMMANDS = {
    "haproxy": ["haproxy", "-db", "-f", haproxy.CONFIGURATION],
    "keepalived": ["keepalived", "--dont-fork", "--log-console", "--use-file", keepalived.CONFIGURATION],
}


def manifest(name: str, port: int, files: Mapping[str, str]) -> str:
    """The manifest of `haproxy` or `keepalived`, which is given these `files` of the machine: path → content.

    The kubelet does not read them; a sum of their content has it start the pod anew where they change.
    """
    paths = dict.fromkeys(files, "File") | ({"/run/haproxy": "DirectoryOrCreate"} if name == "haproxy" else {})
    volumes = {f"file-{number}": path for number, path in enumerate(paths)}
    container = {
        "name": name,
        "image": IMAGES[name],
        "command": _COMMANDS[name],
        "volumeMounts": [{"name": volume, "mountPath": path} for volume, path in volumes.items()],
        **(_probe(port) if name == "haproxy" else {"securityContext": {"capabilities": {"add": _CAPABILITIES}}}),
    }
    digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "kube-system", "labels": {"component": name},
                     "annotations": {"kubeadm-ha.test/configuration": digest}},
        "spec": {
            "hostNetwork": True,
            "containers": [container],
            "volumes": [{"name": volume, "hostPath": {"path": path, "type": paths[path]}}
                        for volume, path in volumes.items()],
        },
    }  # fmt: skip
    return yaml.safe_dump(pod, sort_keys=False)


def _probe(port: int) -> dict[str, object]:
    request = {"host": "localhost", "path": "/healthz", "port": port, "scheme": "HTTPS"}
    return {"livenessProbe": {"failureThreshold": 8, "httpGet": request}}
