"""What the machines of an existing cluster say of themselves and of it: that counts for more than their file.

A host may be called by an address or an alias there, and be reached at an address that is not its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from provision.config.inventory.model import Host, Inventory
from provision.config.inventory.sentences import Sentences
from provision.config.topology import Role
from provision.machines.machine import Machine
from provision.providers.inventory import stored_configuration
from provision.util.concurrency import together
from provision.util.errors import BadInput, CommandFailed, TimedOut, Unreachable

SCRIPT = """
echo == name; uname -n
echo == node; sudo openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -subject
echo == addresses; ip -4 -o address
"""
"""A kubelet's certificate has its node's name, which need not be the host name."""

_ADDRESS = re.compile(r"^\d+: (?P<interface>\S+)\s+inet (?P<address>[\d.]+)/(?P<length>\d+)", re.M)
_OF_PODS = re.compile(
    r"lo|docker|cni|flannel|cali|tunl|vxlan|cilium|lxc|kube-|nodelocaldns|virbr|br-|veth|weave|antrea"
)


@dataclass(frozen=True)
class Recognised:
    """The inventory, with what its machines say; `wrong` are sentences about what keeps them from being checked."""

    inventory: Inventory
    wrong: tuple[str, ...]

    def or_refused(self) -> Inventory:
        """The inventory; raises BadInput where something is wrong."""
        if self.wrong:
            what = f"the cluster of inventory {self.inventory.name} cannot be checked"
            raise BadInput(
                what, answer="\n".join(self.wrong), fix="correct what is listed; docs/machines.md lists the keys"
            )
        return self.inventory


def recognised(inventory: Inventory, machines: Mapping[str, Machine]) -> Recognised:
    """Ask the machines; those that do not answer stay as the file has them."""
    wrong, answers = Sentences(), dict(zip(machines, together(_answer, machines.values()), strict=True))
    hosts = tuple(_host(host, answers.get(host.name, ""), wrong) for host in inventory.hosts)
    for name in {host.name for host in hosts if [each.name for each in hosts].count(host.name) > 1}:
        both = " and ".join(old.name for old, new in zip(inventory.hosts, hosts, strict=True) if new.name == name)
        wrong.say(both, f"call themselves {name}, all of them: one machine a name")
    endpoint = inventory.endpoint
    planes = [machine for name, machine in machines.items() if machine.role is Role.CONTROL_PLANE and answers[name]]
    if planes:  # where none answers, that is what there is to say
        cluster = stored_configuration.read(planes[0])
        endpoint = endpoint or stored_configuration.endpoint(cluster)
        for sentence in stored_configuration.unlike(cluster, inventory, endpoint):
            wrong.say("the cluster", sentence)
    found = _with(inventory, hosts, endpoint) if not wrong else inventory
    return Recognised(found, wrong.lines)


def _answer(machine: Machine) -> str:
    try:
        return machine.run(SCRIPT).stdout
    except (Unreachable, TimedOut, CommandFailed):
        return ""  # the survey says why


def _host(host: Host, answer: str, wrong: Sentences) -> Host:
    """A host by the name of its node, or of the machine, and at an address that it has."""
    if not answer:
        return host
    node, name = re.search(r"system:node:([\w.-]+)", answer), re.search(r"^== name\n(\S+)$", answer, re.M)
    called = node[1] if node else name[1] if name else host.name
    return replace(host, name=called, address=_address(host, answer, wrong))


def _address(host: Host, answer: str, wrong: Sentences) -> str:
    found = list(_ADDRESS.finditer(answer))
    if not found or host.address in [each["address"] for each in found]:
        return host.address
    own = list(_outer(found))
    if len(own) != 1:
        wrong.say(
            host.name, f"has no address {host.address}, but {', '.join(own)}; say which in address, for Ansible in ip"
        )
    return own[0] if len(own) == 1 else host.address


def _outer(found: list[re.Match[str]]) -> Iterator[str]:
    """Addresses of the machine's own network: not of pods, and no virtual one, which is a network of one address."""
    for each in found:
        if not _OF_PODS.match(each["interface"]) and each["length"] != "32":
            yield each["address"]


def _with(inventory: Inventory, hosts: tuple[Host, ...], endpoint: str) -> Inventory:
    """The inventory with other hosts and endpoint, also in what is remembered of it."""
    tables = {
        new.name: {**inventory.content["hosts"][old.name], "address": new.address, "connect": new.connect}
        if new != old else inventory.content["hosts"][old.name]
        for old, new in zip(inventory.hosts, hosts, strict=True)
    }  # fmt: skip
    learned = {"endpoint": endpoint} if endpoint and not inventory.endpoint else {}
    content = {**inventory.content, **learned, "hosts": tables}
    renamed = [f"{old.name}: is {new.name} at {new.address}, as the machine has it"
               for old, new in zip(inventory.hosts, hosts, strict=True) if new != old]  # fmt: skip
    from_cluster = [f"the file: endpoint {endpoint} is what the cluster says"] if learned else []
    return replace(
        inventory, hosts=hosts, endpoint=endpoint, content=content, notes=(*inventory.notes, *from_cluster, *renamed)
    )
