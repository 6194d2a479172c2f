"""Certificates that have expired, that end soon, or that are not valid yet, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from checks.facts.certificates import Certificate
from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import Use, Used, used
from checks.rules.components import nodes_and_members, rotates
from checks.rules.known import known_of
from checks.rules.renewal_command import renewal, renewed_by_kubeadm
from checks.rules.rule import about_each, control_planes, members
from checks.rules.sentences import dates, day, days, listed

_PAGE = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/"

_AHEAD = timedelta(minutes=5)
"""A clock may be that far behind without more being wrong; Kubernetes dates what it signs back by as much."""


@about_each(
    nodes_and_members, "KHA-CERT-001", Severity.CRITICAL,
    title="A client certificate has expired that a component needs when it starts.",
    why="The process lives on with what it has read; once it is restarted, the API refuses it.",
    fix="sudo kubeadm certs renew all  # on {machine}", page=_PAGE,
)  # fmt: skip
def expired_client(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    yield from _expired(facts, machine, (Use.CLIENT, Use.KUBELET))


@about_each(
    control_planes, "KHA-CERT-002", Severity.WARNING,
    title="The certificate in an administrator's kubeconfig has expired.",
    why="The machine runs on; but where it has to be repaired, kubectl and kubeadm are refused there.",
    fix="sudo kubeadm certs renew admin.conf  # on {machine}", page=_PAGE,
)  # fmt: skip
def expired_administrator(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    # admin.conf is what kubeadm and people use; super-admin.conf is for the day on which roles are broken, too
    yield from _expired(facts, machine, (Use.ADMINISTRATOR,), less="/etc/kubernetes/super-admin.conf")


@about_each(
    nodes_and_members, "KHA-CERT-010", Severity.CRITICAL,
    title="A certificate has expired that the API server or etcd serves with.",
    why="Every client that verifies it refuses this server.",
    fix="sudo kubeadm certs renew all  # on {machine}", page=_PAGE,
)  # fmt: skip
def expired_serving(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    yield from _expired(facts, machine, (Use.SERVING,))


@about_each(
    members, "KHA-CERT-015", Severity.WARNING,
    title="The certificate has expired by which kubeadm connects to etcd.",
    why="etcd runs on; but kubeadm cannot join, upgrade or remove a control plane here, as after a loss.",
    fix="sudo kubeadm certs renew etcd-healthcheck-client  # on {machine}", page=_PAGE,
)  # fmt: skip
def expired_tool(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    yield from _expired(facts, machine, (Use.TOOL,))


@about_each(
    nodes_and_members, "KHA-CERT-003", Severity.WARNING,
    title="A certificate ends soon, and nothing renews it.",
    why="With its end the component stops working on this machine; certificates that were made together end together.",
    fix="sudo kubeadm certs renew all  # on {machine}", page=_PAGE,
)  # fmt: skip
def ends_soon(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """One finding a machine: what ends soon there was made together, and is renewed together."""
    found, unknown = known_of(used(facts, machine))
    soon = [each for each in found if _ends_soon(facts, each.certificate)]
    ending = [each for each in soon if not _renewed(facts, machine, each)]
    if ending:
        first = min(each.certificate.ends for each in ending)
        what = f"{machine.name}: {_these(ending)} in {days(first - facts.taken)}, on {day(first)}."
        evidence = (*_evidence(ending), *_jobs(facts, machine, ending))
        yield Found(what, (machine.name,), evidence, fix=renewal(facts, machine, ending))
    if unknown:
        raise unknown


@about_each(
    nodes_and_members, "KHA-CERT-012", Severity.CRITICAL,
    title="A certificate is not valid yet.",
    why="Until its begin it is refused: it was made by a machine whose clock is ahead, or the clocks here are behind.",
    fix="timedatectl  # on {machine}: compare its clock with the others', then renew the certificate", page=_PAGE,
)  # fmt: skip
def not_valid_yet(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    found, unknown = known_of(used(facts, machine))
    early = [each for each in found if each.certificate.begins > facts.taken + _AHEAD]
    if early:
        begins = f"{max(each.certificate.begins for each in early):%Y-%m-%d %H:%M %Z}"
        what = f"{machine.name}: {_places(early)} is not valid before {begins}."
        yield Found(what, (machine.name,), _evidence(early))
    if unknown:
        raise unknown


def _expired(facts: Facts, machine: MachineFacts, uses: tuple[Use, ...], less: str = "") -> Iterator[Found]:
    """`less` is a place that is a notice where it is alone."""
    found, unknown = known_of(used(facts, machine))
    over = [each for each in found if each.use in uses and each.certificate.ends <= facts.taken]
    if over:
        first = min(each.certificate.ends for each in over)
        what = f"{machine.name}: {_places(over)} expired on {day(first)}."
        severity = Severity.NOTICE if {each.place for each in over} == {less} else None
        about = tuple(dict.fromkeys(each.component for each in over if each.component))
        fix = renewal(facts, machine, over)
        yield Found(what, (machine.name,), _evidence(over), fix=fix, severity=severity, about=about)
    if unknown:
        raise unknown


def _soon(facts: Facts, certificate: Certificate) -> timedelta:
    """What is soon. A certificate whose whole life is shorter than the limit is renewed by something, or it would never
    have been healthy: only its last third counts."""
    return certificate.lifetime / 3 if certificate.lifetime <= facts.expires_within else facts.expires_within


def _ends_soon(facts: Facts, certificate: Certificate) -> bool:
    return timedelta(0) < certificate.ends - facts.taken <= _soon(facts, certificate)


def _renewed(facts: Facts, machine: MachineFacts, each: Used) -> bool:
    """Whether the kubelet renews it by itself, or kubeadm by a cron job or a timer.

    Whether the kubelet does so in time is a rule of its own. That a job is there does not show that it works: with a
    third of the limit left, ten days of thirty, one that runs each week or month would mostly have done so.

    One that an old kubeadm embedded in kubelet.conf stays there as it is, and keeps the kubelet from its next start.
    """
    if machine.renewals.value and renewed_by_kubeadm(facts, machine, each):
        return each.certificate.ends - facts.taken > _soon(facts, each.certificate) / 3
    return each.use is Use.KUBELET and not each.place.endswith(".conf") and rotates(machine)


def _jobs(facts: Facts, machine: MachineFacts, certificates: list[Used]) -> Iterator[str]:
    """What a reader has to know of the jobs that may renew them, or that nothing says whether there are some."""
    missing = machine.renewals.missing
    if not any(renewed_by_kubeadm(facts, machine, each) for each in certificates):
        return
    if missing:
        yield f"whether a cron job or a timer of {machine.name} renews them was not read: {missing}"
    for file in machine.renewals.value or ():
        yield f"the job in {file} has not renewed it"


def _these(certificates: list[Used]) -> str:
    many = f"{len(certificates)} certificates end, the first" if len(certificates) > 1 else ""
    return many or f"{certificates[0].place} ends"


def _places(certificates: list[Used]) -> str:
    return f"the {listed(dict.fromkeys(each.use.value for each in certificates))} in " + listed(
        each.place for each in certificates
    )


def _evidence(certificates: list[Used]) -> tuple[str, ...]:
    return tuple(dates(each.certificate) for each in certificates)
