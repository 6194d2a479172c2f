"""The kinds of load balancer, and all that is different between them: the one table. Pure.

Sources: the page, which asks for a TCP forwarding balancer whose health check is a TCP check; and what kubeadm's
documentation refers to for options: https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

IMAGES: Mapping[str, str] = MappingProxyType({name: f"kubeadm-ha.test/{name}:1" for name in ("haproxy", "keepalived")})
"""What each program is an image of, where it is a static pod."""

API_SERVER_PORT = 6443
"""The port of every API server."""

_PACKAGES = {"nginx": ("nginx", "libnginx-mod-stream")}

_BESIDE = 8443  # the API server of the same machine has the usual port


class Check(StrEnum):
    """How a balancer finds out that an API server is gone."""

    HEALTH = "health"
    """By a request of its own, to /healthz over TLS."""
    READY = "ready"
    """The same to /readyz, which alone says no from the moment when an API server is to end."""
    TCP = "tcp"
    """By a connection of its own."""
    PASSIVE = "passive"
    """By a client's connection that it cannot pass on, and passes on to another one then."""


@dataclass(frozen=True)
class Balancer:
    """One kind. `machines` is how many it has of its own; with none, every control plane carries it.

    `services` are the units, and `static_pods` the pods, that run on each machine that carries it; `port` is the
    endpoint's. With a `virtual` address the endpoint is on one of these machines at a time, by VRRP.
    """

    name: str
    what: str
    services: tuple[str, ...] = ("haproxy",)
    static_pods: tuple[str, ...] = ()
    check: Check = Check.HEALTH
    machines: int = 1
    virtual: bool = False

    @property
    def port(self) -> int:
        """The endpoint's port."""
        return API_SERVER_PORT if self.machines else _BESIDE

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that it consists of, however they are run; each is called as its service and package are."""
        return self.services or self.static_pods

    @property
    def packages(self) -> tuple[str, ...]:
        """Debian's names of what its services need."""
        return tuple(package for service in self.services for package in _PACKAGES.get(service, (service,)))

    @property
    def images(self) -> tuple[str, ...]:
        """The images that nodes need for it."""
        return tuple(IMAGES[name] for name in self.static_pods)

    @property
    def answers_before_init(self) -> bool:
        """Whether something accepts connections before there is a kubelet: proxies do, and no static pod."""
        return not self.static_pods


_PAIR = ("haproxy", "keepalived")

HAPROXY, HAPROXY_TCP, KEEPALIVED, CONTROL_PLANES, STATIC_PODS, NGINX = KINDS = (
    Balancer("haproxy", "HAProxy on a machine of its own, which requests /healthz of every API server"),
    Balancer("haproxy-tcp", "HAProxy with a TCP check, as on the page", check=Check.TCP),
    Balancer("keepalived", "two machines with HAProxy, and a virtual address", _PAIR, machines=2, virtual=True),
    Balancer("control-planes", "HAProxy and a virtual address on the control planes", _PAIR, machines=0, virtual=True),
    Balancer("static-pods", "the same as static pods", (), _PAIR, machines=0, virtual=True),
    Balancer("nginx", "nginx's stream module on a machine of its own", ("nginx",), check=Check.PASSIVE),
)
"""Every kind, the usual one first."""

BY_NAME: Mapping[str, Balancer] = MappingProxyType({kind.name: kind for kind in KINDS})
"""The kinds by what `--ha-load-balancer` and the key `load_balancer` of an inventory call them."""
