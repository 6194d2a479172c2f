"""HAProxy as the kube-apiserver load balancer.

Source: kubeadm's ha-considerations.md (TCP forwarding, health checks of /healthz over TLS).
"""

from __future__ import annotations

from collections.abc import Sequence

from provision.config.addresses import Family, at
from provision.config.balancers import API_SERVER_PORT, Check
from provision.machines.machine import Machine

CONFIGURATION = "/etc/haproxy/haproxy.cfg"
ADMIN_SOCKET = "/run/haproxy/admin.sock"
BACKEND = "control-planes"

CHECKED = f"sudo haproxy -c -q -f {CONFIGURATION}"
"""The command that refuses a configuration before it is put to use."""

_TEMPLATE = """\
global
    log {log}
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
{check}{servers}
"""

_REQUEST = """\
    option httpchk
    http-check connect ssl
    http-check send meth GET uri {path}
    http-check expect status 200
    default-server inter {{every}}s fall 2 rise 1 check verify none
"""

_CHECKS = {
    Check.HEALTH: _REQUEST.format(path="/healthz"),
    Check.READY: _REQUEST.format(path="/readyz"),
    Check.TCP: "    default-server inter {every}s fall 2 rise 1 check\n",
}


_BIND = {Family.IPV4: "*:{}", Family.IPV6: "[::]:{} v6only", Family.DUAL: "[::]:{} v4v6"}
"""Every address of the machine: https://docs.haproxy.org/2.6/configuration.html#5.1-v4v6"""


def render(
    port: int,
    control_planes: Sequence[Machine],
    patience: int = 1,
    check: Check = Check.HEALTH,
    log: str = "/dev/log local0",
    family: Family = Family.IPV4,
) -> str:
    """The configuration that forwards `port` to the API servers of `control_planes`. Pure.

    With `patience` a server has so many seconds for each check. `log` is where HAProxy's messages go.
    """
    servers = "\n".join(f"    server {each.name} {at(each.address, API_SERVER_PORT)}" for each in control_planes)
    return _TEMPLATE.format(
        bind=_BIND[family].format(port), servers=servers, socket=ADMIN_SOCKET, backend=BACKEND,
        check=_CHECKS[check].format(every=patience), log=log,
    )  # fmt: skip
