"""The kubelet as a service manager for etcd: it runs static pods, and knows no API server."""

from __future__ import annotations

from collections.abc import Collection

import yaml

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.preparation.kubelet import kubelet_settings
from provision.together import together

_FOLDER = "/etc/systemd/system/kubelet.service.d"
CONFIGURATION = f"{_FOLDER}/kubelet.conf"
DROP_IN = f"{_FOLDER}/20-etcd-service-manager.conf"


def configuration(accommodations: Collection[str]) -> str:
    """The page's KubeletConfiguration, and what this host makes necessary. Pure."""
    settings = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "systemd",
        "address": "127.0.0.1",
        "containerRuntimeEndpoint": "unix:///var/run/containerd/containerd.sock",
        "staticPodPath": "/etc/kubernetes/manifests",
    }
    return yaml.safe_dump(settings | kubelet_settings(accommodations), sort_keys=False)


def drop_in() -> str:
    """The unit's drop-in, as the page has it. Pure."""
    return f"[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --config={CONFIGURATION}\nRestart=always\n"


def apply(cluster: Cluster) -> None:
    """Start the kubelet on every etcd machine, and see that it runs."""

    def start(machine: Machine) -> None:
        machine.put(CONFIGURATION, configuration(cluster.accommodations))
        machine.put(DROP_IN, drop_in())
        machine.succeed("sudo mkdir -p /etc/kubernetes/manifests")  # kubelet's official packages bring it
        machine.succeed("sudo systemctl daemon-reload && sudo systemctl restart kubelet")
        machine.succeed("systemctl status --no-pager --lines=5 kubelet")

    together(start, cluster.etcd_machines)
