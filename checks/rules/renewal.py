"""Renewals that did not arrive: a process that holds an older certificate, a kubelet that did not renew its own.

Who reads a certificate again by itself, so that a restart is not needed:
- kube-apiserver, its serving certificate, what it shows to kubelets and to extensions: within a minute
  (k8s.io/apiserver/pkg/server/dynamiccertificates; transport.TLSConfig.ReloadTLSFiles of client-go).
- etcd, server and peer: with each connection (client/pkg/transport/listener.go, GetCertificate and
  GetClientCertificate); kube-apiserver connects to etcd with the same code.
- kubelet, its client certificate: it renews it itself (k8s.io/client-go/util/certificate).
- kube-controller-manager and kube-scheduler do not: kubeadm embeds their certificate in the kubeconfig, which is read
  at the start. Where the kubeconfig names a file instead, client-go reads that again.
So a serving process is compared with its file, and those two by the time of their start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from checks.facts.certificates import Certificate, Kubeconfig
from checks.facts.cluster import Facts
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import KUBELET_CLIENT, KUBELET_SERVING, at, presented, served
from checks.rules.component_flags import API_SERVER, CONTROLLER_MANAGER, MEMBER, SCHEDULER
from checks.rules.components import arguments_of, flags, nodes_and_members, process_of, rotates, values
from checks.rules.own_places import api_port, kubelet_port, restart
from checks.rules.rule import about_each, nodes
from checks.rules.sentences import dates, day
from provision.config.configuration.expected import duration

_PAGE = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/"

_YEAR = "8760h"
"""How long kubeadm's certificates last where the configuration does not say it (constants.CertificateValidity)."""

_APART = timedelta(minutes=1)
"""kubeadm signs a certificate seconds before the component is started that it is for."""

_WRITTEN = timedelta(days=1)
"""A certificate is on its machine at most that long after it was signed: some are signed elsewhere and carried."""

_READ_AGAIN = timedelta(minutes=2)
"""API servers read files again every minute; a file that is younger may not have been read yet."""

_LATEST = 0.92
"""The kubelet renews its certificate after 70 to 90 % of its life (client-go/util/certificate, jitteryDuration). 2 %
more are a week of a year's certificate, and half an hour of a day's: what a node that was off needs to do so."""

_KUBELET_OWN = "/var/lib/kubelet/pki/kubelet.crt"


@about_each(
    nodes_and_members, "KHA-CERT-004", Severity.WARNING,
    title="A process still holds the certificate from before a renewal.",
    why="The file shows a year more, and the process stops working when the old certificate ends, which no file shows.",
    fix="{restart}  # on {machine}", page=_PAGE,
)  # fmt: skip
def holds_an_older_one(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    if machine.is_a(CONTROL_PLANE):
        for component in (CONTROLLER_MANAGER, SCHEDULER):
            yield from _started_before(facts, machine, component)
        port = str(api_port(facts, machine))
        shown = next((each.certificate for each in served(facts, machine)), presented(machine, port))
        yield from _other_than_its_file(facts, machine, API_SERVER, shown, _serving_files(machine))
    if machine in facts.members:
        given = flags(machine, MEMBER)
        for flag, port in (("cert-file", "2379"), ("peer-cert-file", "2380")):
            yield from _other_than_its_file(facts, machine, MEMBER, presented(machine, port), (given.get(flag, ""),))
    if machine.is_node:
        yield from _kubelet_serves_another(facts, machine)


@about_each(
    nodes, "KHA-CERT-014", Severity.WARNING,
    title="A kubelet's certificate was not renewed in time, though the kubelet renews it by itself.",
    why="Something keeps the kubelet from it; on the day on which its certificate ends, the node is lost.",
    fix="kubectl get csr; sudo journalctl -u kubelet | grep -i certificate  # on {machine}",
    page="https://kubernetes.io/docs/tasks/tls/certificate-rotation/", because_of=("KHA-CERT-007",),
)  # fmt: skip
def not_renewed_in_time(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    places = [KUBELET_CLIENT] if rotates(machine) else []
    if _asks_for_serving(machine):
        places.append(KUBELET_SERVING)
    for place in places:
        for each in at(machine, place)[:1]:
            expired_client = each.ends <= facts.taken and place == KUBELET_CLIENT  # which is a finding of its own
            latest = each.begins + each.lifetime * _LATEST
            if facts.taken > latest and not expired_client:
                due = f"was to be renewed by {latest:%Y-%m-%d %H:%M}"
                what = f"{machine.name}: {place} {due}, and is not; it ends on {day(each.ends)}."
                yield Found(what, (machine.name,), (dates(each),), about=(place,))


def _started_before(facts: Facts, machine: MachineFacts, component: str) -> Iterator[Found]:
    place, process = flags(machine, component).get("kubeconfig", ""), process_of(machine, component)
    for kubeconfig in machine.kubeconfigs.get():
        if process and kubeconfig.place == place and kubeconfig.certificate:
            yield from _renewed_since(facts, machine, component, kubeconfig, process.started)


def _renewed_since(
    facts: Facts, machine: MachineFacts, component: str, kubeconfig: Kubeconfig, started: datetime
) -> Iterator[Found]:
    certificate = kubeconfig.certificate
    if not certificate or certificate.ends <= facts.taken:  # an expired one is a finding of its own
        return
    signed = _signed(facts, machine, certificate, kubeconfig.place)
    if signed and signed > started + _APART:
        what = (
            f"{machine.name}: {kubeconfig.place} was renewed on {signed:%Y-%m-%d %H:%M}, "
            f"and {component} runs since {started:%Y-%m-%d %H:%M} with what it has read then."
        )
        evidence = (dates(certificate), f"{component} started {started:%Y-%m-%d %H:%M:%S %Z}")
        yield Found(what, (machine.name,), evidence, {"restart": restart(machine, component)})


def _signed(facts: Facts, machine: MachineFacts, certificate: Certificate, place: str) -> datetime | None:
    """When a certificate was signed, where that can be known.

    kubeadm lets it begin with its authority (pkiutil.NewSignedCert), so that its begin says nothing: the time is that
    of its end less the cluster's own validity, if the file was written then. A file that was written at another time
    was changed for another reason, or its certificate has another validity.
    """
    configuration = facts.api.cluster_configuration.value or {}
    by_its_end = certificate.ends - duration(_validity(configuration))
    written = next((each.modified for each in machine.files.value or () if each.path == place), None)
    if written and by_its_end - _APART <= written <= by_its_end + _WRITTEN:
        return by_its_end
    return certificate.begins


def _validity(configuration: Mapping[str, object]) -> str:
    return str(configuration.get("certificateValidityPeriod") or _YEAR)


def _serving_files(machine: MachineFacts) -> tuple[str, ...]:
    """The API server's certificate, and those that it has for certain names alone."""
    arguments = arguments_of(machine, API_SERVER)
    others = tuple(each.partition(",")[0] for each in values(arguments, "tls-sni-cert-key"))
    return (flags(machine, API_SERVER).get("tls-cert-file", ""), *others)


def _other_than_its_file(
    facts: Facts, machine: MachineFacts, component: str, shown: Certificate | None, places: tuple[str, ...]
) -> Iterator[Found]:
    stored = [each for place in places for each in at(machine, place)[:1]]
    if not shown or not stored or any(shown.same_as(each) for each in stored):
        return
    if any(_just_written(facts, machine, each.place) for each in stored):
        return
    what = f"{machine.name}: {component} presents another certificate at {shown.place} than {stored[0].place} has."
    worst = Severity.CRITICAL if shown.ends <= facts.taken else None
    evidence = (dates(shown), dates(stored[0]))
    yield Found(what, (machine.name,), evidence, {"restart": restart(machine, component)}, severity=worst)


def _just_written(facts: Facts, machine: MachineFacts, place: str) -> bool:
    times = [each.modified for each in machine.files.value or () if each.path == place]
    return any(time > facts.taken - _READ_AGAIN for time in times)


def _kubelet_serves_another(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A certificate that the kubelet signed itself is verified by nothing: a difference there is none that matters."""
    kubelet = machine.kubelet.get()
    chosen = kubelet.flags.get("tls-cert-file", kubelet.configuration.get("tlsCertFile", ""))
    places = (str(chosen),) if chosen else (KUBELET_SERVING, _KUBELET_OWN)
    shown = presented(machine, str(kubelet_port(machine)))
    if shown and not shown.is_its_own_authority:
        for each in _other_than_its_file(facts, machine, "kubelet", shown, places):
            fix = f"sudo systemctl restart kubelet  # on {machine.name}"
            yield Found(each.what, each.machines, each.evidence, fix=fix, severity=each.severity)


def _asks_for_serving(machine: MachineFacts) -> bool:
    return machine.kubelet.get().configuration.get("serverTLSBootstrap") is True
