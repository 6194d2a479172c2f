"""Which certificates of a machine something uses, and for what.

Files that no flag and no kubeconfig names are not among them: copies, what an upgrade left behind, the kubelet's
earlier certificates, files of a stacked etcd where etcd is external by now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from checks.facts.certificates import Certificate
from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.rules.component_flags import API_SERVER, CONTROLLER_MANAGER, MEMBER, SCHEDULER
from checks.rules.components import flags, pki

KUBELET_CLIENT = "/var/lib/kubelet/pki/kubelet-client-current.pem"
KUBELET_SERVING = "/var/lib/kubelet/pki/kubelet-server-current.pem"
ADMINISTRATORS = ("/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf")


class Use(Enum):
    """What a certificate is for."""

    SERVING = "serving certificate"
    CLIENT = "client certificate"
    KUBELET = "client certificate of the kubelet"
    ADMINISTRATOR = "certificate of an administrator"
    TOOL = "certificate by which kubeadm connects to etcd"


@dataclass(frozen=True)
class Used:
    """A certificate, what it is for, and the component that holds it."""

    certificate: Certificate
    use: Use
    component: str

    @property
    def place(self) -> str:
        """Where it is."""
        return self.certificate.place


_BY_FLAG = {
    API_SERVER: {
        "tls-cert-file": Use.SERVING,
        "kubelet-client-certificate": Use.CLIENT,
        "proxy-client-cert-file": Use.CLIENT,
        "etcd-certfile": Use.CLIENT,
    },
    MEMBER: {"cert-file": Use.SERVING, "peer-cert-file": Use.SERVING},
}

_PORTS = {"cert-file": "2379", "peer-cert-file": "2380"}
"""Where etcd presents what its flags name."""


def used(facts: Facts, machine: MachineFacts) -> Iterator[Used]:
    """Every certificate of a machine that is in use; raises Unknown at the end of what is known."""
    if not machine.certificates.known:
        yield from served(facts, machine)
    machine.certificates.get()
    for component in components_of(facts, machine):
        yield from _by_flags(facts, machine, component)
    if machine.is_a(CONTROL_PLANE):
        yield from _in_kubeconfigs(machine)
    if machine.is_node:
        yield from _of_the_kubelet(machine)
    for place in _unread(facts, machine):
        raise Unknown(f"{place} of {machine.name} was not read")


def served(facts: Facts, machine: MachineFacts) -> Iterator[Used]:
    """What the API server presented, which needs no login."""
    for server in facts.servers:
        if server.machine == machine.name and server.certificate.known:
            yield Used(server.certificate.get(), Use.SERVING, API_SERVER)


def presented(machine: MachineFacts, port: str) -> Certificate | None:
    """What a process presented that listens at a port; None where that was not read."""
    found = (each for each in machine.presented.value or () if each.address.endswith(f":{port}"))
    return next((each.certificate for each in found if each.certificate), None)


def at(machine: MachineFacts, place: str) -> tuple[Certificate, ...]:
    """The certificates of a file: the first is its owner's, others are of authorities. Empty where there is no file."""
    return tuple(each for each in machine.certificates.get() if each.place == place)


def components_of(facts: Facts, machine: MachineFacts) -> Iterator[str]:
    """The components with certificates of their own that belong on a machine."""
    if machine.is_a(CONTROL_PLANE):
        yield API_SERVER
    if machine in facts.members:
        yield MEMBER


def _by_flags(facts: Facts, machine: MachineFacts, component: str) -> Iterator[Used]:
    given = flags(machine, component)
    for flag, use in _BY_FLAG[component].items():
        for each in at(machine, given.get(flag, ""))[:1]:
            yield Used(each, use, component)
    if component == MEMBER:
        yield from _of_a_member(facts, machine, given)


def _unread(facts: Facts, machine: MachineFacts) -> Iterator[str]:
    """Files that flags name and that were not read; not those whose content etcd presents."""
    for component in components_of(facts, machine):
        given = flags(machine, component)
        for flag in _BY_FLAG[component]:
            shown = presented(machine, _PORTS[flag]) if flag in _PORTS else None
            if given.get(flag) and not at(machine, given[flag]) and not shown:
                yield given[flag]


def _of_a_member(facts: Facts, machine: MachineFacts, given: dict[str, str]) -> Iterator[Used]:
    """What kubeadm keeps beside them; and what is presented, where etcd has the files' names from elsewhere."""
    if given:
        for each in at(machine, f"{pki(facts)}/etcd/healthcheck-client.crt")[:1]:
            yield Used(each, Use.TOOL, "")
    for flag, port in _PORTS.items():
        shown = presented(machine, port)
        if shown and not at(machine, given.get(flag, "")):
            yield Used(shown, Use.SERVING, MEMBER)


def _in_kubeconfigs(machine: MachineFacts) -> Iterator[Used]:
    for component in (CONTROLLER_MANAGER, SCHEDULER):
        given = flags(machine, component).get("kubeconfig", "")
        yield from _in(machine, given, Use.CLIENT, component)
    for place in ADMINISTRATORS:
        yield from _in(machine, place, Use.ADMINISTRATOR, "")


def _of_the_kubelet(machine: MachineFacts) -> Iterator[Used]:
    place = machine.kubelet.get().flags.get("kubeconfig", "/etc/kubernetes/kubelet.conf")
    found = list(_in(machine, place, Use.KUBELET, "kubelet"))
    yield from found or (Used(each, Use.KUBELET, "kubelet") for each in at(machine, KUBELET_CLIENT)[:1])


def _in(machine: MachineFacts, place: str, use: Use, component: str) -> Iterator[Used]:
    for each in machine.kubeconfigs.get():
        if each.place == place and each.certificate:
            yield Used(replace(each.certificate, place=place), use, component)
        elif each.place == place:
            for certificate in at(machine, each.certificate_file)[:1]:
                yield Used(certificate, use, component)
