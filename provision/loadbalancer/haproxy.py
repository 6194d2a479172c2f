"""HAProxy as the kube-apiserver load balancer.

Source: kubeadm's ha-considerations.md (TCP forwarding, health checks of /healthz over TLS).
"""

from __future__ import annotations

from collections.abc import Sequence

from provision.cluster import Cluster
from provision.config.addresses import Family, at
from provision.machines.machine import Machine

CONFIGURATION = "/etc/haproxy/haproxy.cfg"
ADMIN_SOCKET = "/run/haproxy/admin.sock"
BACKEND = "control-planes"

_TEMPLATE = """\
global
    log /dev/log local0
    stats socket {socket} mode 660 level admin
    user haproxy
    group haproxy

defaults
    mode tcp
    log global
    option tcplog
    retries 1
    timeout connect 5s
    timeout client 35s
    timeout server 35s

frontend kube-apiserver
    bind {bind}
    default_backend {backend}

backend {backend}
    balance roundrobin
    option httpchk
    http-check connect ssl
    http-check send meth GET uri /healthz
    http-check expect status 200
    default-server inter {every}s fall 2 rise 1 check verify none
{servers}
"""


_BIND = {Family.IPV4: "*:{}", Family.IPV6: "[::]:{} v6only", Family.DUAL: "[::]:{} v4v6"}
"""Every address of the machine: https://docs.haproxy.org/2.6/configuration.html#5.1-v4v6"""


def render(
    port: int, control_planes: Sequence[Machine], patience: int = 1, family: Family = Family.IPV4
) -> str:  # fmt: skip
    """The configuration that forwards `port` to the API servers of `control_planes`. Pure.

    With `patience` a server has so many seconds for each health check.
    """
    servers = "\n".join(f"    server {machine.name} {at(machine.address, 6443)}" for machine in control_planes)
    return _TEMPLATE.format(
        bind=_BIND[family].format(port), servers=servers, socket=ADMIN_SOCKET, backend=BACKEND, every=patience
    )


def apply(cluster: Cluster, control_planes: Sequence[Machine]) -> None:
    """Make the load balancer forward to exactly these control planes, starting it where it does not run."""
    machine = cluster.load_balancer
    machine.put(CONFIGURATION, render(cluster.endpoint.port, control_planes, cluster.patience, cluster.family))
    machine.succeed(f"sudo haproxy -c -q -f {CONFIGURATION}")
    machine.succeed("sudo systemctl enable --quiet haproxy && sudo systemctl reload-or-restart haproxy")
