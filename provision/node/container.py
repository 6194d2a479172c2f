"""What stands in for a machine's own set-up where the machine is a container. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provision.node.files import files as node_files

GATEWAY_VARIABLE = "HA_GATEWAY"


def files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of a container that is a machine, by path: a node's, and its own."""
    return {
        **node_files(workarounds),
        "/etc/systemd/system/containerd.service.d/10-machine.conf": _CONTAINERD_UNIT,
        "/etc/systemd/system/default-route.service": _DEFAULT_ROUTE_UNIT,
        "/etc/systemd/system/multi-user.target.d/10-default-route.conf": "[Unit]\nWants=default-route.service\n",
        "/etc/ssh/sshd_config.d/10-machine.conf": _SSHD,
    }


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
