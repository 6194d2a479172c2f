"""Machines that copy files to others must know those' host keys: there is no person who would type `yes`.

They are the keys with which the machines have proved themselves to this host. `clean` takes the lines out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provision.config.inventory.model import Inventory
from provision.config.topology import Role
from provision.machines.machine import Machine

KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts"
_OURS = "kubeadm-ha"

FORGET = f"[ ! -e {KNOWN_HOSTS} ] || sed -i '/ {_OURS}$/d' {KNOWN_HOSTS}\n[ -s {KNOWN_HOSTS} ] || rm -f {KNOWN_HOSTS}\n"
"""Takes the lines out, as root, and the file with them where it holds no others."""


def acquaint(inventory: Inventory, machines: Mapping[str, Machine]) -> None:
    """Give each machine that copies files in the procedure the host keys of those that it copies to."""
    for sender, targets in copies(inventory).items():
        lines = [f"{machines[name].address} {machines[name].host_key()} {_OURS}" for name in targets]
        added = "".join(f"echo '{line}' >> {KNOWN_HOSTS}\n" for line in lines)
        machines[sender].as_root(FORGET + added)


def copies(inventory: Inventory) -> dict[str, list[str]]:
    """Who copies files to whom in the procedure, by name. Pure."""
    found: dict[str, list[str]] = {}
    for sender, targets in _copies(inventory):
        found.setdefault(sender, []).extend(targets)
    return found


def _copies(inventory: Inventory) -> Iterator[tuple[str, list[str]]]:
    def names(role: Role) -> list[str]:
        return [spec.name for spec in inventory.specs if spec.role is role]

    first, *others = names(Role.CONTROL_PLANE)
    if inventory.certificates == "manual":
        yield first, others
    if etcd := names(Role.ETCD):
        yield etcd[0], etcd[1:]
        yield etcd[-1], [first]
