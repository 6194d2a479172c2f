"""What a virtual machine's box carries beside a node's files. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provision.node import SYSCTLS
from provision.node.files import files as node_files


def files(workarounds: Collection[str]) -> Mapping[str, str]:
    """The files of the box that is made here, by path: a node's, and its own."""
    return {
        **node_files(workarounds),
        "/etc/sysctl.d/kubernetes.conf": "".join(f"{name} = {value}\n" for name, value in SYSCTLS.items()),
        "/etc/ssh/sshd_config.d/10-machine.conf": _SSHD,
        "/etc/systemd/system/ssh.service.d/10-machine.conf": _SSH_UNIT,
        "/etc/resolv.conf": "# the load balancer, once there is one\n",
    }


# One key, of the kind that is made in no time: emulated processors take minutes for RSA.
_SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
UseDNS no
"""

_SSH_UNIT = """\
[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c '[ -e /etc/ssh/ssh_host_ed25519_key ] || \
  ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
ExecStartPre=/usr/sbin/sshd -t
"""
