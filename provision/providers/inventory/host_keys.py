"""Machines that copy files to others must know those' host keys: there is no person who would type `yes`.

They are the keys with which the machines have proved themselves to this host, and the ports on which their sshd listens
where that is another than 22: the documentation's commands name none. `clean` takes both out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provision.config.inventory.model import Host, Inventory
from provision.config.topology import Role
from provision.machines.machine import Machine

KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts"
_OURS = "kubeadm-ha"
_SSH = 22

PORTS = "/etc/ssh/ssh_config.d/kubeadm-ha.conf"
"""A file that every ssh on the machine reads, all of it ours."""

CONNECTION = 'echo "$SSH_CONNECTION"'
"""sshd(8): addresses and ports of a connection, the server's port last."""

FORGET = f"""\
rm -f {PORTS}
[ ! -e {KNOWN_HOSTS} ] || sed -i '/ {_OURS}$/d' {KNOWN_HOSTS}
[ -s {KNOWN_HOSTS} ] || rm -f {KNOWN_HOSTS}
"""
"""Takes the lines out, as root, and the file with them where it holds no others."""


def acquaint(inventory: Inventory, machines: Mapping[str, Machine]) -> None:
    """Let each machine that copies files in the procedure know those that it copies to."""
    for sender, targets in copies(inventory).items():
        lines = (
            _known(each.address, machines[each.name].host_key(), _port(each, machines[each.name]))
            for each in map(inventory.host, targets)
        )
        machines[sender].as_root(FORGET + "".join(lines))


def _port(target: Host, machine: Machine) -> int:
    """The port of a machine's own sshd.

    Where this host connects to another address, the login's port is that address's, and may be forwarded to any: sshd
    says on which it was connected to, behind the address of this host, its port, and the machine's address.
    """
    if target.connect == target.address:
        return target.port
    port = machine.run(CONNECTION).stdout.rpartition(" ")[2].strip()
    return int(port) if port.isdecimal() else _SSH


def _known(address: str, key: str, port: int) -> str:
    """Lines that make a machine known to another one, with the port of its sshd."""
    if port == _SSH:
        return f"echo '{address} {key} {_OURS}' >> {KNOWN_HOSTS}\n"
    return (
        f"echo '[{address}]:{port} {key} {_OURS}' >> {KNOWN_HOSTS}\n"
        f"printf 'Host {address}\\n  Port {port}\\n' >> {PORTS}\n"
    )


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
