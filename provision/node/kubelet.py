"""The kubelet's unit, and the settings that a host makes necessary. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml

KUBELET_CONFIG_DIR = "/etc/kubernetes/kubelet.d"

# The unit and drop-in of the official packages (kubernetes/release), so that kubeadm finds what it expects, and what
# the installation page describes: wait quietly until kubeadm has written a configuration, and come back fast.
KUBELET_UNITS = {
    "/usr/lib/systemd/system/kubelet.service": """\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
""",
    "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": """\
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
""",
    "/etc/systemd/system/kubelet.service.d/20-machine.conf": """\
[Unit]
ConditionPathExists=|/var/lib/kubelet/config.yaml
ConditionPathExists=|/etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf

[Service]
RestartSec=1
""",
    # The same as `systemctl enable kubelet`: a layer written here carries no links.
    "/etc/systemd/system/multi-user.target.d/10-kubelet.conf": "[Unit]\nWants=kubelet.service\n",
}  # fmt: skip


def kubelet_files(workarounds: Collection[str]) -> Mapping[str, str]:
    """A drop-in, so that the documented kubeadm command lines stay as they are; nothing where nothing is needed."""
    if not kubelet_settings(workarounds):
        return {}
    return {
        f"{KUBELET_CONFIG_DIR}/10-host.conf": kubelet_drop_in(workarounds),
        "/etc/default/kubelet": f"KUBELET_EXTRA_ARGS={kubelet_option(workarounds)}\n",
    }


def kubelet_drop_in(workarounds: Collection[str]) -> str:
    """What the workarounds set, as a KubeletConfiguration to be read beside the main one."""
    head = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
    return yaml.safe_dump(head | kubelet_settings(workarounds), sort_keys=False)


def kubelet_option(workarounds: Collection[str]) -> str:
    """The kubelet's option that has it read the drop-in; empty where there is none."""
    return f"--config-dir={KUBELET_CONFIG_DIR}" if kubelet_settings(workarounds) else ""


def kubelet_settings(workarounds: Collection[str]) -> dict[str, Any]:
    """The KubeletConfiguration fields that the workarounds set."""
    settings: dict[str, Any] = {}
    if "cgroup-v1" in workarounds:
        settings["failCgroupV1"] = False
    if "limits" in workarounds:
        settings["featureGates"] = {"KubeletInUserNamespace": True}
    if "swap" in workarounds:
        settings["failSwapOn"] = False
    if "disk-pressure" in workarounds:
        settings["evictionHard"] = dict.fromkeys(("nodefs.available", "nodefs.inodesFree", "imagefs.available"), "0%")
        settings["imageGCHighThresholdPercent"] = 100
    return settings
