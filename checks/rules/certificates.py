"""What certificates say of the server that has them: names, addresses, and requests for one that wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from checks.facts.addresses import is_address
from checks.facts.certificates import Certificate
from checks.facts.cluster import Facts, Object
from checks.facts.fact import LOGIN, Unknown
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import KUBELET_SERVING, at, presented, served
from checks.rules.component_flags import API_SERVER, MEMBER, command_of, flags_in
from checks.rules.components import arguments_of, flags, pki, values
from checks.rules.hosts import host_of, verified_hosts
from checks.rules.made_anew import made_anew
from checks.rules.own_places import api_port
from checks.rules.rule import about_each, about_the_cluster, control_planes, members
from checks.rules.sentences import listed

_PAGE = "https://kubernetes.io/docs/setup/best-practices/certificates/"

_SIGNER = "kubernetes.io/kubelet-serving"
_OF_KUBEADM = ("admin", "super-admin", "controller-manager", "scheduler", "kubelet")
"""Kubeconfigs that lead to API servers; others of that folder, as of an audit webhook, lead elsewhere."""


@about_each(
    control_planes, "KHA-CERT-005", Severity.CRITICAL,
    title="The certificate of an API server does not have the endpoint's name.",
    why="Every client that the load balancer sends to this API server refuses it.",
    fix="sudo kubeadm init phase certs apiserver --config kubeadm.yaml"
    "  # on {machine}: the stored configuration, and localAPIEndpoint.advertiseAddress", page=_PAGE,
    because_of=("KHA-ONE-004",),
)  # fmt: skip
def lacks_the_endpoint(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    host = host_of(_endpoint(facts))
    owner = facts.owner(host) if host else None
    if owner and owner is not machine and owner.is_a(CONTROL_PLANE) and host == owner.address:
        raise Unknown(f"the endpoint is the address of {owner.name}, which other API servers need not have")
    yield from _lacking(facts, machine, [host] if host else [], "the endpoint's name")


@about_each(
    control_planes, "KHA-CERT-013", Severity.CRITICAL,
    title="The certificate of an API server lacks an address by which it is reached.",
    why="Components of this machine, or pods wherever they are, refuse this API server.",
    fix="sudo kubeadm init phase certs apiserver --config kubeadm.yaml"
    "  # on {machine}: the stored configuration, and localAPIEndpoint.advertiseAddress", page=_PAGE,
    because_of=("KHA-CERT-005",),
)  # fmt: skip
def lacks_an_address(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    yield from _lacking(facts, machine, _service_addresses(facts, machine), "the address of the Service `kubernetes`")
    yield from _lacking(facts, machine, _own_addresses(facts, machine), "the address in this machine's kubeconfigs")


@about_each(
    members, "KHA-CERT-006", Severity.CRITICAL,
    title="A certificate of an etcd member has the names of another machine.",
    why="Clients and members that connect to this member by its address refuse it, at the latest with the next start.",
    fix="sudo kubeadm init phase certs etcd-server --config kubeadm.yaml"
    "  # on {machine}: the configuration with localAPIEndpoint.advertiseAddress; etcd-peer alike", page=_PAGE,
)  # fmt: skip
def names_of_another_member(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    given = flags(machine, MEMBER)
    for flag, port, advertised, file in (
        ("cert-file", "2379", "advertise-client-urls", "server"),
        ("peer-cert-file", "2380", "initial-advertise-peer-urls", "peer"),
    ):
        stored = next(iter(at(machine, given.get(flag, ""))), None)
        certificate = stored or presented(machine, port)  # etcd reads the file again with each connection
        missing = [] if not certificate else [each for each in verified_hosts(given.get(advertised, ""))
                                              if not certificate.covers(each)]  # fmt: skip
        if certificate and missing:
            what = f"{machine.name}: {certificate.place} is not for {listed(missing)}, where this member is reached."
            fix = f"Sign {given.get(flag, '')} of {machine.name} anew for {listed(missing)}."
            if given.get(flag) == f"{pki(facts)}/etcd/{file}.crt":
                fix = made_anew(facts, machine, f"etcd/{file}", missing[0])
            yield Found(what, (machine.name,), (_names(certificate),), fix=fix, about=(MEMBER,))


@about_the_cluster(
    "KHA-CERT-007", Severity.WARNING,
    title="A kubelet's serving certificate waits for approval.",
    why="Nothing approves such requests by itself: until then logs, exec and metrics of this node fail where they are "
    "verified.",
    fix="kubectl certificate approve {requests}",
    page="https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/",
)  # fmt: skip
def waits_for_approval(facts: Facts) -> Iterator[Found]:
    """Requests of nodes that are gone are left out: nothing waits for them, and they are removed after a day."""
    waiting: dict[str, list[str]] = {}
    existing = {each["metadata"]["name"] for each in facts.api.nodes.get()}
    for request in facts.api.requests.get():
        spec, status = request.get("spec", {}), request.get("status") or {}
        node = str(spec.get("username", "")).removeprefix("system:node:")
        decided = bool(status.get("conditions")) or bool(status.get("certificate"))
        if spec.get("signerName") == _SIGNER and not decided and node in existing and _waits(facts, request):
            waiting.setdefault(node, []).append(request["metadata"]["name"])
    for node, names in waiting.items():
        what = f"{node}: its kubelet's request for a serving certificate is pending ({listed(names)})."
        yield Found(what, (node,), values={"requests": " ".join(names)}, about=(KUBELET_SERVING,))


def _waits(facts: Facts, request: Object) -> bool:
    """Whether a request is older than twenty seconds, in which something may approve it."""
    made = request["metadata"].get("creationTimestamp")
    return not made or facts.taken - datetime.fromisoformat(made) > timedelta(seconds=20)


def _lacking(facts: Facts, machine: MachineFacts, hosts: list[str], what: str) -> Iterator[Found]:
    found = _of_the_api_server(facts, machine)
    if not found:
        raise Unknown(f"no certificate of the API server of {machine.name} was read")
    missing = [each for each in hosts if not any(one.covers(each) for one in found)]
    if missing:
        sentence = f"{machine.name}: the certificate of the API server lacks {what}, {listed(missing)}."
        fix = made_anew(facts, machine, "apiserver", _advertised(facts, machine))
        yield Found(sentence, (machine.name,), tuple(_names(each) for each in found), fix=fix)


def _advertised(facts: Facts, machine: MachineFacts) -> str:
    """What the API server has for its address; empty where that is not known."""
    try:
        return flags_in(command_of(facts, machine, API_SERVER)).get("advertise-address", ("",))[-1]
    except Unknown:
        return ""


def _of_the_api_server(facts: Facts, machine: MachineFacts) -> list[Certificate]:
    """What it presents, and what it has for certain names alone; its file where nothing is presented."""
    found = [each.certificate for each in served(facts, machine)]
    shown = presented(machine, str(api_port(facts, machine)))
    found += [shown] if shown and not found else []
    if machine.certificates.known or not found:
        arguments = arguments_of(machine, API_SERVER)
        files = [each.partition(",")[0] for each in values(arguments, "tls-sni-cert-key")]
        files += [] if found else values(arguments, "tls-cert-file")
        found += [each for file in files for each in at(machine, file)[:1]]
    elif _has_others(facts, machine):
        raise Unknown(f"the API server of {machine.name} has certificates for certain names, in files", LOGIN)
    return found


def _has_others(facts: Facts, machine: MachineFacts) -> bool:
    """Whether the API server's pod says that it has certificates for certain names alone, which were not presented."""
    for pod in facts.api.pods.value or ():
        commands = [word for each in pod["spec"].get("containers", ()) for word in each.get("command", ())]
        if pod["spec"].get("nodeName") == machine.name and any("--tls-sni-cert-key" in each for each in commands):
            return True
    return False


def _endpoint(facts: Facts) -> str:
    """What the cluster's configuration says; a kubeconfig may have a tunnel of its own instead."""
    configuration = facts.api.cluster_configuration
    return str(configuration.get().get("controlPlaneEndpoint", "")) if configuration.known else facts.endpoint


def _service_addresses(facts: Facts, machine: MachineFacts) -> list[str]:
    if facts.api.services.known:
        return [
            each["spec"]["clusterIP"]
            for each in facts.api.services.get()
            if (each["metadata"].get("namespace"), each["metadata"]["name"]) == ("default", "kubernetes")
        ]
    ranges = flags(machine, API_SERVER).get("service-cluster-ip-range", "")
    return [str(ip_network(ranges.partition(",")[0], strict=False)[1])] if ranges else []


def _own_addresses(facts: Facts, machine: MachineFacts) -> list[str]:
    """Addresses of the machine itself that its own components have in their kubeconfigs."""
    if not machine.kubeconfigs.known:  # then what is presented is all that can be judged
        return []
    known = {f"/etc/kubernetes/{name}.conf" for name in _OF_KUBEADM}
    files = [each for each in machine.kubeconfigs.get() if each.place in known]
    hosts = dict.fromkeys(host_of(each.server) for each in files)
    return [each for each in hosts if is_address(each) and _is_of(facts, each, machine)]


def _is_of(facts: Facts, address: str, machine: MachineFacts) -> bool:
    return ip_address(address).is_loopback or facts.owner(address) is machine


def _names(certificate: Certificate) -> str:
    return f"{certificate.place} is for {listed([*certificate.names, *certificate.addresses]) or 'nothing'}"
