"""How a file was read, in lines: each host with its role, address and login, and what else a reader should know."""

from __future__ import annotations

from collections.abc import Iterator

from provision.config.inventory.model import Host, Inventory


def lines(inventory: Inventory) -> Iterator[str]:
    """A line for each host in the order of the file, the endpoint, and the notes."""
    width = max((len(host.name) for host in inventory.hosts), default=0)
    for host in inventory.hosts:
        yield f"{host.name:{max(width, 14)}} {host.role:14} {host.address:15} {login(host)}"
    yield f"endpoint {inventory.endpoint or 'as the cluster itself has it'}"
    yield from inventory.notes


def login(host: Host) -> str:
    """How a host is logged in to."""
    own = f" (its key: {host.jump.key})" if host.jump and host.jump.key else ""
    through = f" through {host.jump}{own}" if host.jump else ""
    key = f"with {host.key}" if host.key else "with what the ssh-agent holds"
    return f"ssh {host.user}@{host.connect}:{host.port}{through} {key}{', sudo' if host.sudo else ''}"
