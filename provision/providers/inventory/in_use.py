"""Whether your machines are ready for the procedure, and free for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from provision.config.inventory.model import Inventory
from provision.config.topology import Role
from provision.node import PROGRAMS
from provision.providers.inventory.facts import Survey
from provision.util.errors import BadInput

_PORTS = {
    Role.LOAD_BALANCER: set[int](),
    Role.CONTROL_PLANE: {6443, 2379, 2380, 10250, 10257, 10259},
    Role.WORKER: {10250},
    Role.ETCD: {2379, 2380},
}
"""The ports on which a machine of a role listens once it has its part in a cluster."""

RESET = "--ha-in-use reset, if all that may go: it runs kubeadm reset there"


def check(inventory: Inventory, found: Sequence[Survey], *, prepared: bool, carried: bool, reset: bool) -> None:
    """Raise BadInput with everything that is in the way.

    `prepared` machines must have what a node needs; `carried` is as in `unsuited`; `reset` means that what is in use
    may go.
    """
    wrong = [line for each in found for line in unready(inventory, each, prepared=prepared)]
    wrong += unsuited(inventory, found, carried=carried)
    used = [] if reset else [line for each in found for line in in_use(inventory, each)]
    if wrong or used:
        fix = RESET if used and not wrong else "fix what is listed, and run again"
        raise BadInput(f"the machines of {inventory.name} are not ready", answer="\n".join(wrong + used), fix=fix)


def unsuited(inventory: Inventory, found: Sequence[Survey], *, carried: bool) -> Iterator[str]:
    """What keeps a cluster from being built on machines that are ready, each by itself, one sentence each.

    `carried` is whether this host brings images: elsewhere those of a balancer's static pods are on no registry.
    """
    balancer, name = inventory.balancer, inventory.endpoint.split(":")[0]
    if balancer.images and not carried:
        brings = "only prepare = 'artifacts' brings, with a container engine on this host"
        yield f"load_balancer {balancer.name}: {brings}, {' and '.join(balancer.images)}"
    seen = {each.machine.name: ", ".join(sorted(each.endpoint)) for each in found if each.endpoint}
    if balancer.virtual and len(set(seen.values())) > 1:
        differ = "; ".join(f"{machine} for {address}" for machine, address in seen.items())
        yield f"load_balancer {balancer.name}: {name} must be one virtual address, and machines take it {differ}"


def unready(inventory: Inventory, found: Survey, *, prepared: bool) -> Iterator[str]:
    """What keeps a machine from being built on, one sentence each; `prepared` as in `check`."""
    machine, name = found.machine, inventory.endpoint.split(":")[0]
    if not found.is_root:
        yield f"{machine.name}: {machine.user} is not allowed sudo without a password"
    if found.name != machine.name:
        yield f"{machine.name}: its host name is {found.name}, which will be its node's name"
    if machine.address not in found.addresses:
        yield f"{machine.name}: has no address {machine.address}, but {', '.join(sorted(found.addresses))}"
    virtual, own = inventory.balancer.virtual, {host.address for host in inventory.hosts}
    balancers = [host.address for host in inventory.hosts if host.role is Role.LOAD_BALANCER and not virtual]
    if not found.endpoint:
        yield f"{machine.name}: does not know the name {name}; put it in DNS, or in /etc/hosts"
    elif balancers and not found.endpoint <= {*balancers, "127.0.0.1", "127.0.1.1"}:
        seen = ", ".join(sorted(found.endpoint))
        yield f"{machine.name}: takes {name} for {seen}, not for the load balancer {balancers[0]}"
    elif virtual and (len(found.endpoint) > 1 or found.endpoint & own or any(map(_is_loopback, found.endpoint))):
        seen = ", ".join(sorted(found.endpoint))
        yield f"{machine.name}: takes {name} for {seen}; it must be the virtual address alone, which no machine has"
    if found.missing and prepared:
        yield f"{machine.name}: sudo apt-get install -y {' '.join(found.missing)}"
    if found.swap_returns and prepared and machine.role is not Role.LOAD_BALANCER:
        yield f"{machine.name}: swap is off, and /etc/fstab turns it on at the next start; make its line a comment"
    lacking = [program for program in PROGRAMS if program not in found.programs]
    if lacking and prepared and machine.role is not Role.LOAD_BALANCER:
        yield f"{machine.name}: has no {', '.join(lacking)}; prepare = 'artifacts' or 'packages' would bring them"


def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def in_use(inventory: Inventory, found: Survey) -> Iterator[str]:
    """What shows that a machine has a part in a cluster already, one sentence each."""
    machine = found.machine
    if found.files:
        yield f"{machine.name}: is in use: {found.files[0]} exists"
    carries = machine.role is (Role.LOAD_BALANCER if inventory.balancer.machines else Role.CONTROL_PLANE)
    ports = _PORTS[machine.role] | ({int(inventory.endpoint.split(":")[1])} if carries else set())
    if taken := sorted(ports & found.ports):
        yield f"{machine.name}: is in use: a program listens on port {', '.join(map(str, taken))}"
