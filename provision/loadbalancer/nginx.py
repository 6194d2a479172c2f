"""nginx's stream module as the kube-apiserver load balancer.

It sends no checks: https://nginx.org/en/docs/stream/ngx_stream_upstream_module.html has them as a part of the
commercial version. A server that does not take a client's connection gets none for a while, and the client's goes to
the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

from provision.config.addresses import Family, at
from provision.config.balancers import API_SERVER_PORT
from provision.machines.machine import Machine

CONFIGURATION = "/etc/nginx/nginx.conf"

CHECKED = "sudo nginx -t -q"
"""The command that refuses a configuration before it is put to use."""

# The zone is what all worker processes have in common: the turns of the servers, and which of them failed.
_TEMPLATE = """\
user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log syslog:server=unix:/dev/log;
include /etc/nginx/modules-enabled/*.conf;

events {{
    worker_connections 4096;
}}

stream {{
    upstream control-planes {{
        zone control-planes 64k;
{servers}
    }}

    server {{
        listen {listen};
        proxy_pass control-planes;
        proxy_connect_timeout {patience}s;
        proxy_timeout 35s;
    }}
}}
"""


_LISTEN = {Family.IPV4: "{}", Family.IPV6: "[::]:{}", Family.DUAL: "[::]:{} ipv6only=off"}
"""Every address of the machine: https://nginx.org/en/docs/stream/ngx_stream_core_module.html#listen"""


def render(port: int, control_planes: Sequence[Machine], patience: int = 1, family: Family = Family.IPV4) -> str:
    """The configuration that forwards `port` to the API servers of `control_planes`. Pure.

    With `patience` a server has so many seconds to accept a connection, and none for three times as many where it
    did not.
    """
    servers = "\n".join(
        f"        server {at(each.address, API_SERVER_PORT)} max_fails=1 fail_timeout={3 * patience}s;"
        for each in control_planes
    )
    return _TEMPLATE.format(listen=_LISTEN[family].format(port), servers=servers, patience=patience)
