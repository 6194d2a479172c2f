"""A load balancer, as its configuration says and as it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Server:
    """A server that requests for the API are forwarded to. `up` is None where nothing says so.

    `checked` is how it is checked: `none`, `tcp`, `http`, `https`, `ssl`. `last_check` is the balancer's own word.
    """

    name: str
    address: str
    port: int
    checked: str = ""
    up: bool | None = None
    last_check: str = ""
    backup: bool = False


@dataclass(frozen=True)
class Balancer:
    """One process of a balancer for the API. `kind` is haproxy, nginx, kube-vip or keepalived (which only moves an
    address); `where` is the unit, or the static pod's file. Times are seconds; None where the configuration says none.

    `virtual_addresses` are those that keepalived or kube-vip moves, with the interface where that is known.
    """

    kind: str
    where: str
    configuration: str = ""
    listens: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    client_timeout: float | None = None
    server_timeout: float | None = None
    check_path: str = ""
    sticky: bool = False
    virtual_addresses: tuple[str, ...] = ()
    router_id: str = ""
    notes: tuple[str, ...] = field(default=())
