"""The files that a machine carries before the procedure starts: those of every node, of a container, of a box. Pure.

Each is a part of what an image or a box is named by: a change of any of them has it made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provision.node import PAUSE, SYSCTLS
from provision.node.kubelet import KUBELET_UNITS, kubelet_files

GATEWAY_VARIABLE = "HA_GATEWAY"
"""The variable of a container's first process that has the address of its default route, or one of each family."""

# Debian's unit asks for limits and an OOM score that a container may not have, and loads a kernel module.
_CONTAINERD_UNIT = """\
[Service]
ExecStartPre=
OOMScoreAdjust=0
LimitNOFILE=20000
LimitNPROC=30000
"""

# The provider puts a machine's only host key and its login user's key in place; looking up names only costs time.
_CONTAINER_SSHD = """\
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
ExecStart=/bin/sh -c 'set -e; \\
  for gateway in $(tr "\\\\0" "\\\\n" < /proc/1/environ | sed -n s/^{GATEWAY_VARIABLE}=//p); do \\
  ip route replace default via "$gateway"; done'
"""

# One key, of the kind that is made in no time: emulated processors take minutes for RSA.
_VIRTUAL_SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
UseDNS no
"""

_VIRTUAL_SSH_UNIT = """\
[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c '[ -e /etc/ssh/ssh_host_ed25519_key ] || \
  ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
ExecStartPre=/usr/sbin/sshd -t
"""


PLUGIN_LINKS = "/etc/tmpfiles.d/cni-plugins.conf"
"""The file by which systemd-tmpfiles links Debian's plugins where pod networks put, and expect, theirs."""

_PLUGINS = (
    "bandwidth", "bridge", "dhcp", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan", "portmap",
    "ptp", "sbr", "static", "tuning", "vlan", "vrf",
)  # fmt: skip
"""What Debian's containernetworking-plugins has in /usr/lib/cni, bookworm's and newer ones."""


def node_files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of every node, by path. `workarounds` are names from `provision.node.host_workarounds`."""
    return {
        "/etc/containerd/config.toml": _containerd_config(workarounds),
        PLUGIN_LINKS: "".join(f"L /opt/cni/bin/{name} - - - - /usr/lib/cni/{name}\n" for name in _PLUGINS),
        **KUBELET_UNITS,
        **kubelet_files(workarounds),
    }


def container_files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of a container that is a machine, by path: a node's, and what replaces a machine's own set-up."""
    return {
        **node_files(workarounds),
        "/etc/systemd/system/containerd.service.d/10-machine.conf": _CONTAINERD_UNIT,
        "/etc/systemd/system/default-route.service": _DEFAULT_ROUTE_UNIT,
        "/etc/systemd/system/multi-user.target.d/10-default-route.conf": "[Unit]\nWants=default-route.service\n",
        "/etc/ssh/sshd_config.d/10-machine.conf": _CONTAINER_SSHD,
    }


def virtual_files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of the box for virtual machines that is made here, by path: a node's, and its own."""
    return {
        **node_files(workarounds),
        "/etc/sysctl.d/kubernetes.conf": "".join(f"{name} = {value}\n" for name, value in SYSCTLS.items()),
        "/etc/ssh/sshd_config.d/10-machine.conf": _VIRTUAL_SSHD,
        "/etc/systemd/system/ssh.service.d/10-machine.conf": _VIRTUAL_SSH_UNIT,
        "/etc/resolv.conf": "# the load balancer, once there is one\n",
    }


def _containerd_config(workarounds: Collection[str]) -> str:
    """containerd's configuration (version 2, understood by 1.6 and newer)."""
    lines = [
        "version = 2",
        '[plugins."io.containerd.grpc.v1.cri"]',
        f'  sandbox_image = "{PAUSE}"',
        f"  restrict_oom_score_adj = {_toml('limits' in workarounds)}",
        '  [plugins."io.containerd.grpc.v1.cri".cni]',
        '    bin_dir = "/opt/cni/bin"',
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
