"""The files of every node: its container runtime's, and its kubelet's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provision.node import PAUSE
from provision.node.kubelet import KUBELET_UNITS, kubelet_files


def files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of every node, by path. `workarounds` are names from `provision.node.host_workarounds`."""
    return {
        "/etc/containerd/config.toml": containerd_config(workarounds),
        **KUBELET_UNITS,
        **kubelet_files(workarounds),
    }


def containerd_config(workarounds: Collection[str]) -> str:
    """containerd's configuration (version 2, understood by 1.6 and newer)."""
    lines = [
        "version = 2",
        '[plugins."io.containerd.grpc.v1.cri"]',
        f'  sandbox_image = "{PAUSE}"',
        f"  restrict_oom_score_adj = {_toml('limits' in workarounds)}",
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


def _toml(value: bool) -> str:
    return str(value).lower()
