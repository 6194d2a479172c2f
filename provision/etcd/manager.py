"""The kubelet as a service manager for etcd: it runs static pods, and knows no API server."""

from __future__ import annotations

from collections.abc import Collection

import yaml

from provision.cluster import Cluster
from provision.machines.machine import Machine
from provision.node.kubelet import KUBELET_CONFIG_DIR, kubelet_drop_in, kubelet_option
from provision.util.concurrency import together

_FOLDER = "/etc/systemd/system/kubelet.service.d"
CONFIGURATION = f"{_FOLDER}/kubelet.conf"
DROP_IN = f"{_FOLDER}/20-etcd-service-manager.conf"
HOST_SETTINGS = f"{KUBELET_CONFIG_DIR}/20-etcd-service-manager.conf"
"""What the host makes necessary. Machines that were prepared here have it already, in a file beside."""


def configuration() -> str:
    """The page's KubeletConfiguration. Pure."""
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
    return yaml.safe_dump(settings, sort_keys=False)


def drop_in(workarounds: Collection[str]) -> str:
    """The unit's drop-in, as the page has it, with the folder of the host's settings where there are some. Pure."""
    command = ["/usr/bin/kubelet", kubelet_option(workarounds), f"--config={CONFIGURATION}"]
    return f"[Service]\nExecStart=\nExecStart={' '.join(filter(None, command))}\nRestart=always\n"


def apply(cluster: Cluster) -> None:
    """Start the kubelet on every etcd machine, and see that it runs."""

    def start(machine: Machine) -> None:
        if kubelet_option(cluster.workarounds):
            machine.put(HOST_SETTINGS, kubelet_drop_in(cluster.workarounds))
        machine.put(CONFIGURATION, configuration())
        machine.put(DROP_IN, drop_in(cluster.workarounds))
        machine.succeed("sudo mkdir -p /etc/kubernetes/manifests")  # kubelet's official packages bring it
        machine.succeed("sudo systemctl daemon-reload && sudo systemctl restart kubelet")
        machine.succeed("systemctl status --no-pager --lines=5 kubelet")

    together(start, cluster.etcd_machines)
