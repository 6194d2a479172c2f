"""What has to differ between machines, and what a machine and its node have to agree on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address

from checks.facts.cluster import Facts
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import CONTROL_PLANE, Interface, MachineFacts
from checks.findings import Found, Severity
from checks.rules.hosts import host_of
from checks.rules.known import known_of_each
from checks.rules.rule import about_each, about_the_cluster, nodes
from checks.rules.sentences import listed

_PAGE = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/"

_PLACEHOLDERS = ("03000200-0400-0500-0006-000700080009", "00000000-0000-0000-0000-000000000000")
"""What boards have that were never given a product_uuid of their own, besides one with the same digit throughout."""


@about_the_cluster(
    "KHA-ID-001", Severity.WARNING,
    title="Two machines have one machine-id.",
    why="What tells machines apart by it takes the two for one.",
    fix="sudo rm -f /etc/machine-id /var/lib/dbus/machine-id && sudo systemd-machine-id-setup && "
    "sudo systemctl restart kubelet  # on {last}", page=_PAGE,
)  # fmt: skip
def same_machine_id(facts: Facts) -> Iterator[Found]:
    """By the file where there is a login, by what the kubelet reports otherwise."""
    ids, unknown = known_of_each(facts.machines, lambda machine: _machine_id(facts, machine))
    for id, names in _shared(facts, ids):
        yield Found(f"{listed(names)} have the machine-id {id}.", names, values={"last": names[-1]})
    if unknown:
        raise unknown


@about_the_cluster(
    "KHA-ID-004", Severity.WARNING,
    title="Two machines have one product_uuid.",
    why="Clouds and storage tell machines apart by it: a volume is attached to the wrong one.",
    fix="sudo cat /sys/class/dmi/id/product_uuid  # on {last}; a clone gets its own from the hypervisor", page=_PAGE,
)  # fmt: skip
def same_product_uuid(facts: Facts) -> Iterator[Found]:
    """Containers have that of their host. Without a login nothing says whether nodes are containers."""
    identities, unknown = known_of_each(facts.machines, lambda machine: machine.identity.get())
    ids = {name: "" if each.container else each.product_uuid for name, each in identities.items()}
    for id, names in _shared(facts, ids):
        severity = Severity.NOTICE if id in _PLACEHOLDERS or len(set(id) - {"-"}) == 1 else None
        yield Found(f"{listed(names)} have the product_uuid {id}.", names, (), {"last": names[-1]}, severity=severity)
    if unknown:
        raise unknown


@about_the_cluster(
    "KHA-ID-005", Severity.WARNING,
    title="Two machines have one MAC address.",
    why="In one network, what is meant for one of them arrives at the other now and then.",
    fix="ip link show {interface}  # on {last}; a clone gets its own from the hypervisor", page=_PAGE,
)  # fmt: skip
def same_mac(facts: Facts) -> Iterator[Found]:
    """Only the interface with the machine's own address: bridges, pods' interfaces and VRRP have equal ones by design.
    Containers are left out, whose interfaces may share their host's."""
    machines = [each for each in facts.machines if not (each.identity.value and each.identity.value.container)]
    own, unknown = known_of_each(machines, _interface)
    macs = {name: each.mac if each else "" for name, each in own.items()}
    for mac, names in _shared(facts, macs):
        last = own[names[-1]]
        values = {"last": names[-1], "interface": last.name if last else ""}
        yield Found(f"{listed(names)} have the MAC address {mac}.", names, values=values)
    if unknown:
        raise unknown


@about_each(
    nodes, "KHA-ID-002", Severity.CRITICAL,
    title="The host name of a machine is not the name of its node.",
    why="With its next start the kubelet registers as another node, and is refused.",
    fix="sudo hostnamectl set-hostname {node}  # on {machine}", page=_PAGE,
)  # fmt: skip
def other_host_name(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """The kubelet's --hostname-override takes the place of the host name. The kubelet has both in small letters.

    A machine of a name that no node has is only called so in an inventory.
    """
    nodes = facts.api.nodes.value
    if nodes is not None and machine.name not in {each["metadata"]["name"] for each in nodes}:
        return
    host_name = machine.identity.get().host_name
    flags = machine.kubelet.get().flags
    if flags.get("cloud-provider", "external") not in ("external", ""):  # then the name is the instance's, by its cloud
        return
    given = flags.get("hostname-override", "")
    registers = (given or host_name).strip().lower()
    if registers != machine.name.lower():
        which = "--hostname-override of its kubelet" if given else "host name"
        what = f"{machine.name}: the {which} is {registers}."
        yield Found(what, (machine.name,), values={"node": machine.name})


@about_each(
    nodes, "KHA-ID-003", Severity.CRITICAL,
    title="A node reports an address at which other machines do not reach it.",
    why="API servers, and networks that route by it, send to nowhere what is meant for this node.",
    fix="ip address; sudo grep -r node-ip /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet"
    "  # on {machine}: --node-ip has to be an address that other machines reach; then restart the kubelet",
    page="https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/troubleshooting-kubeadm/",
)  # fmt: skip
def unreachable_address(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """An address of an interface that leads elsewhere is fine. One of the loopback interface may be announced by a
    routing protocol, and one that no interface has may be translated by a cloud: then it counts whether it is reached.
    """
    reported = _internal_addresses(facts)
    address = next(iter(reported.get(machine.name, ())), "")
    twins = tuple(name for name, others in reported.items() if address in others)
    if address and len(twins) > 1:
        if machine.name == twins[-1]:
            yield Found(f"{listed(twins)} report one address, {address}.", twins)
        return
    if not address or _on(machine, address) not in ("", "lo") or _reached(facts, machine, address):
        return
    where = "is on its loopback interface" if _on(machine, address) else "is on none of its interfaces"
    yield Found(f"{machine.name}: its node has the address {address}, which {where} and is not reached.",
                (machine.name,))  # fmt: skip


def _interface(machine: MachineFacts) -> Interface | None:
    """The one with the machine's own address."""
    return next((each for each in machine.interfaces.get() if machine.address in each.addresses), None)


def _machine_id(facts: Facts, machine: MachineFacts) -> str:
    if machine.identity.known:
        return machine.identity.get().machine_id
    if machine.is_node:
        for node in facts.api.nodes.get():
            if node["metadata"]["name"] == machine.name:
                return str(node["status"].get("nodeInfo", {}).get("machineID", ""))
    return machine.identity.get().machine_id


def _shared(facts: Facts, values: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Values that several machines have, with their names: control planes first, which are the last to be changed."""
    order = sorted(values, key=lambda name: not facts.machine(name).is_a(CONTROL_PLANE))
    for value in sorted({each.lower() for each in values.values() if each}):
        names = tuple(name for name in order if values[name].lower() == value)
        if len(names) > 1:
            yield value, names


def _internal_addresses(facts: Facts) -> dict[str, list[str]]:
    return {
        node["metadata"]["name"]: [
            each["address"] for each in node["status"].get("addresses", ()) if each["type"] == "InternalIP"
        ]
        for node in facts.api.nodes.get()
    }


def _on(machine: MachineFacts, address: str) -> str:
    """The interface with an address; empty where none has it."""
    for interface in machine.interfaces.get():
        if ip_address(address) in _parsed(interface.addresses):
            return interface.name
    return ""


def _parsed(addresses: Iterable[str]) -> set[object]:
    return {ip_address(each.partition("%")[0]) for each in addresses}


def _reached(facts: Facts, machine: MachineFacts, address: str) -> bool:
    """Whether another machine got an answer of its kubelet; raises Unknown where none tried."""
    tried = [
        each
        for other in facts.machines
        for each in other.reached.value or ()
        if each.what == "kubelet" and host_of(each.url) == address and other is not machine
    ]
    if not tried:
        raise Unknown(f"no other machine was seen to reach {address} of {machine.name}", LOGIN)
    return any(each.answered for each in tried)
