"""What a machine carries before the procedure starts: the files of its container runtime, kubelet and network. Pure.

One description for every provider; `@PAUSE@` stands for the sandbox image that the kubeadm in use lists.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml

KUBELET_CONFIG_DIR = "/etc/kubernetes/kubelet.d"
GATEWAY_VARIABLE = "HA_GATEWAY"


def files(accommodations: Collection[str]) -> Mapping[str, str]:
    """The files to place on every machine, by path. `accommodations` are names from `provision.accommodations`."""
    return {
        "/etc/containerd/config.toml": containerd_config(accommodations),
        "/etc/systemd/system/containerd.service.d/10-machine.conf": _CONTAINERD_UNIT,
        "/etc/systemd/system/default-route.service": _DEFAULT_ROUTE_UNIT,
        "/etc/systemd/system/multi-user.target.d/10-default-route.conf": "[Unit]\nWants=default-route.service\n",
        "/etc/ssh/sshd_config.d/10-machine.conf": _SSHD,
        **kubelet_files(accommodations),
    }


def containerd_config(accommodations: Collection[str]) -> str:
    """containerd's configuration (version 2, understood by 1.6 and newer)."""
    lines = [
        "version = 2",
        '[plugins."io.containerd.grpc.v1.cri"]',
        '  sandbox_image = "@PAUSE@"',
        f"  restrict_oom_score_adj = {_toml('limits' in accommodations)}",
        '  [plugins."io.containerd.grpc.v1.cri".cni]',
        '    bin_dir = "/usr/lib/cni"',
        '    conf_dir = "/etc/cni/net.d"',
        '  [plugins."io.containerd.grpc.v1.cri".containerd]',
        "    discard_unpacked_layers = true",
        '    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]',
        '      runtime_type = "io.containerd.runc.v2"',
        '      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]',
        "        SystemdCgroup = true",
    ]
    return "\n".join(lines) + "\n"


def kubelet_files(accommodations: Collection[str]) -> Mapping[str, str]:
    """A drop-in, so that the documented kubeadm command lines stay as they are; nothing where nothing is needed."""
    settings = kubelet_settings(accommodations)
    if not settings:
        return {}
    head = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
    return {
        f"{KUBELET_CONFIG_DIR}/10-host.conf": yaml.safe_dump(head | settings, sort_keys=False),
        "/etc/default/kubelet": f"KUBELET_EXTRA_ARGS=--config-dir={KUBELET_CONFIG_DIR}\n",
    }


def kubelet_settings(accommodations: Collection[str]) -> dict[str, Any]:
    """The KubeletConfiguration fields that the accommodations set."""
    settings: dict[str, Any] = {}
    if "cgroup-v1" in accommodations:
        settings["failCgroupV1"] = False
    if "limits" in accommodations:
        settings["featureGates"] = {"KubeletInUserNamespace": True}
    if "swap" in accommodations:
        settings["failSwapOn"] = False
    if "disk-pressure" in accommodations:
        settings["evictionHard"] = dict.fromkeys(("nodefs.available", "nodefs.inodesFree", "imagefs.available"), "0%")
        settings["imageGCHighThresholdPercent"] = 100
    return settings


def _toml(value: bool) -> str:
    return str(value).lower()


# Debian's unit asks for limits and an OOM score that a container may not have, and loads a kernel module.
_CONTAINERD_UNIT = """\
[Service]
ExecStartPre=
OOMScoreAdjust=0
LimitNOFILE=20000
LimitNPROC=30000
"""

# The provider puts a machine's only host key and its login user's key in place; looking up names only costs time.
_SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys/%u
PasswordAuthentication no
UseDNS no
"""

# kubeadm picks its address from the default route. The cluster's network leads nowhere, so the route points at the
# load balancer, which has none itself and refuses what is sent on. systemd passes none of its own environment on.
_DEFAULT_ROUTE_UNIT = f"""\
[Unit]
Description=Default route
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'gateway=$(tr "\\\\0" "\\\\n" < /proc/1/environ | sed -n s/^{GATEWAY_VARIABLE}=//p); \\
  [ -z "$gateway" ] || exec ip route replace default via "$gateway"'
"""
