"""Where a machine itself has its static pods, and where its processes listen: what fixes are filled with. No rule."""

from __future__ import annotations

from pathlib import PurePosixPath

from checks.facts.cluster import Facts
from checks.facts.endpoint import host_and_port
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.rules.component_flags import API_SERVER, command_of, flags_in, program
from provision.config.addresses import at

_MANIFESTS = "/etc/kubernetes/manifests"
_API_PORT, _KUBELET_PORT = 6443, 10250
"""As kubeadm and the kubelet have them; these hold where nothing was read of a machine that says otherwise."""


def manifests_of(machine: MachineFacts) -> str:
    """The folder of static pods: as the kubelet's flag or file says, or where the manifests were read."""
    kubelet = machine.kubelet.value
    if kubelet:
        configured = kubelet.flags.get("pod-manifest-path") or str(kubelet.configuration.get("staticPodPath") or "")
        if configured:
            return configured.rstrip("/")
    return next((str(PurePosixPath(each.file).parent) for each in machine.manifests.value or ()), _MANIFESTS)


def manifest_of(machine: MachineFacts, component: str) -> str:
    """The file of a component's static pod: the one that was read, or the one that kubeadm would write."""
    for manifest in machine.manifests.value or ():
        if any(program(each.command) == component for each in manifest.containers):
            return manifest.file
    return f"{manifests_of(machine)}/{component}.yaml"


def hidden(manifest: str) -> str:
    """The same file under a name that the kubelet ignores in the folder of static pods, since it begins with a dot.

    Between the two names a move is one step, as it is not from a folder that may be on another disk: the kubelet never
    reads half a file. https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/#configuration-files
    """
    file = PurePosixPath(manifest)
    return f"{file.parent}/.{file.name}"


def api_port(facts: Facts, machine: MachineFacts) -> int:
    """The port of a control plane's API server: its flag's, that of the answer that was got, or kubeadm's."""
    try:
        given = flags_in(command_of(facts, machine, API_SERVER)).get("secure-port", ("",))[-1]
    except Unknown:
        given = ""
    answered = next((host_and_port(each.address)[1] for each in facts.servers if each.machine == machine.name), "")
    return next((int(each) for each in (given, answered) if each.isdecimal()), _API_PORT)


def api_server_at(facts: Facts, machine: MachineFacts) -> str:
    """`address:port` of a control plane's API server."""
    return at(machine.address, api_port(facts, machine))


def kubelet_port(machine: MachineFacts) -> int:
    """The port of a machine's kubelet."""
    kubelet = machine.kubelet.value
    given = str(kubelet.flags.get("port") or kubelet.configuration.get("port") or "") if kubelet else ""
    return int(given) if given.isdecimal() else _KUBELET_PORT


def kubelet_at(machine: MachineFacts) -> str:
    """`address:port` of a machine's kubelet."""
    return at(machine.address, kubelet_port(machine))


def restart(machine: MachineFacts, component: str) -> str:
    """A static pod is restarted by taking its manifest away for a while, as the page of kubeadm-certs has it."""
    if _is_a_service(machine, component):
        return f"sudo systemctl restart {component}"
    file = manifest_of(machine, component)
    return f"sudo mv {file} {hidden(file)} && sleep 20 && sudo mv {hidden(file)} {file}"


def _is_a_service(machine: MachineFacts, component: str) -> bool:
    """Whether systemd starts it, as etcd of many guides: it has a unit that runs, and no manifest that was read."""
    unit = (machine.units.value or {}).get(component)
    return (
        unit is not None
        and unit.active == "active"
        and not any(
            program(each.command) == component
            for manifest in machine.manifests.value or ()
            for each in manifest.containers
        )
    )
