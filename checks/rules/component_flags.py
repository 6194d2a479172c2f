"""Flags of control plane components: as the manifest has them, or the mirror pod where there was no login."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import Container, MachineFacts, Process
from checks.rules.system_pods import mirror_pod

API_SERVER, CONTROLLER_MANAGER, SCHEDULER = "kube-apiserver", "kube-controller-manager", "kube-scheduler"
COMPONENTS = (API_SERVER, CONTROLLER_MANAGER, SCHEDULER)
MEMBER, KUBELET, KUBE_PROXY, DNS = "etcd", "kubelet", "kube-proxy", "kube-dns"

STATIC_PODS = "static pods"
"""What the kubelet of a machine starts: that they are not started is about all of them."""

CONNECTED = {
    API_SERVER: (MEMBER,),
    CONTROLLER_MANAGER: (API_SERVER, MEMBER),
    SCHEDULER: (API_SERVER, MEMBER),
}
"""A component, and those of its own machine without which it does not work."""

Flags = Mapping[str, tuple[str, ...]]
"""Values by name, without dashes; some flags are given several times."""


def flags_in(command: Sequence[str]) -> Flags:
    """The flags of a command: `--a=b`, `--a b` and `--a` alone, which is `true`."""
    found: dict[str, tuple[str, ...]] = {}
    rest = list(command[1:])
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("-") else "true"
        name = name.replace("_", "-")  # Kubernetes takes both
        found[name] = (*found.get(name, ()), value)
    return found


def program(command: Sequence[str]) -> str:
    """The name of the program that a command starts."""
    return PurePosixPath(command[0]).name if command else ""


def container_of(machine: MachineFacts, component: str) -> Container | None:
    """The container of a component in the machine's manifests; None where there is none. Raises Unknown."""
    for manifest in machine.manifests.get():
        for container in manifest.containers:
            if program(container.command) == component:
                return container
    return None


def process_of(machine: MachineFacts, component: str) -> Process | None:
    """The one process of a component; None where there is none, or several. Raises Unknown."""
    found = [each for each in machine.processes.get() if component in (program(each.arguments), each.name)]
    return found[0] if len(found) == 1 else None


def command_of(facts: Facts, machine: MachineFacts, component: str) -> tuple[str, ...]:
    """A component's command on a control plane, empty where it has none there; raises Unknown."""
    if machine.manifests.known:
        container = container_of(machine, component)
        return container.command if container else ()
    pod = mirror_pod(facts, machine.name, component) if facts.api.pods.known else None
    containers = (pod or {}).get("spec", {}).get("containers", [])
    command = tuple(containers[0].get("command", ())) + tuple(containers[0].get("args", ())) if containers else ()
    if not command:
        raise Unknown(machine.manifests.missing, machine.manifests.needs)
    return command


def image_of(facts: Facts, machine: MachineFacts, component: str) -> str:
    """The image of a component; empty where that is not known."""
    if machine.manifests.known:
        container = container_of(machine, component)
        return container.image if container else ""
    pod = mirror_pod(facts, machine.name, component) if facts.api.pods.known else None
    containers = (pod or {}).get("spec", {}).get("containers", [])
    return str(containers[0].get("image", "")) if containers else ""


def own_addresses(machine: MachineFacts) -> frozenset[str]:
    """The addresses of a machine."""
    interfaces = machine.interfaces.value or ()
    return frozenset({machine.address, *(each for interface in interfaces for each in interface.addresses)}) - {""}


def without_own_names(value: str, machine: MachineFacts) -> str:
    """A value with placeholders where it has the machine's own name or addresses."""
    for address in sorted(own_addresses(machine), key=len, reverse=True):
        value = re.sub(rf"(?<![\w.:]){re.escape(address)}(?![\w.])", "<address>", value)
    return re.sub(rf"(?<![\w.-]){re.escape(machine.name)}(?![\w-])", "<name>", value)
