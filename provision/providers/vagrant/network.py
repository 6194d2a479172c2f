"""A virtual machine's place in its cluster's network. Pure.

Vagrant's own network comes first on each machine, and with some hypervisors has the same address on all of them.
kubeadm takes its address from the default route, so that goes through the cluster's network: to the load balancer,
which sends on what it may.
"""

from __future__ import annotations

_UNIT = "/etc/systemd/system/cluster-network.service"

_ROUTE = """\
[Unit]
Description=The cluster's network
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
Restart=on-failure
RestartSec=1
ExecStart=/bin/sh -ec '{command}'

[Install]
WantedBy=multi-user.target
"""

_THROUGH = "ip route replace default via {balancer}"
_BALANCER = "sysctl -q -w net.ipv4.ip_forward=1"
_MASQUERADE = (
    "nft add table ip cluster; nft add chain ip cluster out {{ type nat hook postrouting priority 100 \\\\; }}; "
    "nft flush chain ip cluster out; nft add rule ip cluster out ip saddr {network} ip daddr != {network} masquerade"
)


def routes(balancer: str, network: str, *, is_balancer: bool, online: bool) -> str:
    """A script for root that gives a machine its routes for good. `balancer` is an address, `network` a CIDR."""
    command = _THROUGH.format(balancer=balancer)
    if is_balancer:
        command = f"{_BALANCER}; {_MASQUERADE.format(network=network)}" if online else _BALANCER
    unit = _ROUTE.format(command=command)
    return (
        f"cat > {_UNIT} <<'UNIT'\n{unit}UNIT\n"
        "systemctl daemon-reload\nsystemctl enable -q cluster-network\nsystemctl restart cluster-network\n"
    )


def resolver(balancer: str) -> str:
    """A script for root that makes the load balancer the machine's only name server."""
    return f"rm -f /etc/resolv.conf\necho 'nameserver {balancer}' > /etc/resolv.conf\n"


def hosts(names: dict[str, str]) -> str:
    """A script for root that makes names known, for where the name server is not ours. Safe to repeat."""
    lines = "".join(f"{address} {name}\n" for name, address in names.items())
    return f"sed -i '/# cluster$/,$d' /etc/hosts\ncat >> /etc/hosts <<'HOSTS'\n# cluster\n{lines}HOSTS\n"


INTRODUCE = """\
set -eu
umask 077
mkdir -p ~/.ssh
cat >> ~/.ssh/authorized_keys
cat /etc/ssh/ssh_host_ed25519_key.pub
"""
"""The first command on a new machine: takes the cluster's login key, and answers with the machine's host key."""
