"""What a machine carries before the procedure starts. Pure.

One description for every provider: the recipe of images and boxes, and what is put on your machines over SSH.
Source: https://kubernetes.io/docs/setup/production-environment/container-runtimes/ and …/tools/kubeadm/install-kubeadm/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

PAUSE = "@PAUSE@"
"""In a file: the sandbox image that the kubeadm in use lists."""

NODE_PACKAGES = (
    "containerd", "runc", "containernetworking-plugins", "iproute2", "iptables", "nftables", "ethtool", "socat",
    "conntrack", "ebtables", "curl", "ca-certificates", "kmod", "procps", "mount", "openssl", "netcat-openbsd",
)  # fmt: skip
"""Debian's names of what a node needs beside Kubernetes' own programs."""

OTHER_PACKAGES: Mapping[str, Sequence[str]] = MappingProxyType({"containerd.io": ("containerd", "runc")})
"""Packages of other origin, and Debian's that they bring and would be removed for: containerd.io is Docker's."""

BALANCER_TOOLS = ("curl", "ca-certificates", "procps", "netcat-openbsd")
"""Debian's names of what a load balancer needs beside its own programs."""

PROGRAMS = ("kubeadm", "kubelet", "kubectl")
"""Kubernetes' own programs on a node."""

MODULES = ("overlay", "br_netfilter")
"""Kernel modules of a node; a container has those of its host."""

SWAP_IN_FSTAB = r"^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]].*"
"""An extended regular expression: a line of /etc/fstab that turns swap on at every start."""

SYSCTLS = {"net.ipv4.ip_forward": "1"}
"""Kernel settings of a node."""

IPV6_SYSCTLS = {"net.ipv6.conf.all.forwarding": "1"}
"""Those that a node with an IPv6 address needs beside; kubeadm checks `default`, which follows `all`."""
