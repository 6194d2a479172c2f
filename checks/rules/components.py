"""The components of a machine as they are started: by a static pod's manifest, else by the process that runs."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts, Process, flags_of
from checks.rules.component_flags import flags_in, program

PKI = "/etc/kubernetes/pki"
"""Where kubeadm keeps certificates, unless `certificatesDir` says otherwise."""


def arguments_of(machine: MachineFacts, component: str) -> tuple[str, ...]:
    """How a component is started; empty where there is none.

    A manifest comes before processes: a nested cluster's API server may run on the same machine, as a process of a pod.
    """
    for manifest in machine.manifests.value or ():
        for container in manifest.containers:
            if program(container.command) == component:
                return container.command
    running = next((each.arguments for each in machine.processes.get() if each.name == component), ())
    if not running:
        machine.manifests.get()  # it may be there
    return running


def flags(machine: MachineFacts, component: str) -> dict[str, str]:
    """The flags of a component by name, without dashes; none where it is not there."""
    return flags_of(arguments_of(machine, component))


def values(arguments: tuple[str, ...], flag: str) -> tuple[str, ...]:
    """Every value of a flag that may be given more than once."""
    return flags_in(arguments).get(flag, ())


def process_of(machine: MachineFacts, component: str) -> Process | None:
    """The running process of a component: the one with its arguments, where several have its name."""
    named = [each for each in machine.processes.get() if each.name == component]
    wanted = arguments_of(machine, component)
    return next((each for each in named if each.arguments == wanted), next(iter(named), None))


def pki(facts: Facts) -> str:
    """The folder of certificates: what the cluster's configuration says, or kubeadm's."""
    configuration = facts.api.cluster_configuration.value or {}
    return str(configuration.get("certificatesDir") or PKI)


def nodes_and_members(facts: Facts) -> Iterator[MachineFacts]:
    """Machines that run something of Kubernetes or of etcd."""
    for machine in facts.machines:
        if machine.is_node or machine in facts.members:
            yield machine


def rotates(machine: MachineFacts) -> bool:
    """Whether the kubelet renews its client certificate by itself. A flag precedes the file; the default is off."""
    kubelet = machine.kubelet.get()
    given = kubelet.flags.get("rotate-certificates", kubelet.configuration.get("rotateCertificates", False))
    return str(given).lower() == "true"
