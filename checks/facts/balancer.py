"""A load balancer, as its configuration says and as it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Server:
    """A server that requests for the API are forwarded to. `up` is None where nothing says so.

    `checked` is how it is checked: `none`, `tcp`, `http`, `https`, `ssl` (no more than TLS' first message), or
    `passive` (by clients' own connections, as nginx does); empty where the configuration does not tell. `last_check` is
    the balancer's own word. `resolved` are addresses that the balancer has for an `address` that is a name.
    """

    name: str
    address: str
    port: int
    checked: str = ""
    up: bool | None = None
    last_check: str = ""
    backup: bool = False
    resolved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Balancer:
    """One process of a balancer for the API. `kind` is haproxy, nginx, kube-vip or keepalived (which only moves an
    address); `where` is the unit, or the static pod's file. Times are seconds; None where the configuration says none.

    `virtual_addresses` are those that keepalived or kube-vip moves, without their prefix. `everywhere` says that each
    machine has them at once, and routers choose (BGP).
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
    everywhere: bool = False
    notes: tuple[str, ...] = field(default=())
