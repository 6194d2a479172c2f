"""Certificates against what is beside them: the authority that clients trust, and the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from checks.facts.certificates import Certificate
from checks.facts.cluster import Facts
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import at, components_of
from checks.rules.component_flags import API_SERVER, CONTROLLER_MANAGER, MEMBER, SCHEDULER
from checks.rules.components import flags, nodes_and_members, pki
from checks.rules.rule import about_each

_PAGE = "https://kubernetes.io/docs/setup/best-practices/certificates/"

_AUTHORITIES: Mapping[str, str] = MappingProxyType(
    {
        "apiserver.crt": "ca.crt",
        "apiserver-kubelet-client.crt": "ca.crt",
        "front-proxy-client.crt": "front-proxy-ca.crt",
        "apiserver-etcd-client.crt": "etcd/ca.crt",
        "etcd/server.crt": "etcd/ca.crt",
        "etcd/peer.crt": "etcd/ca.crt",
    }
)
"""Files of kubeadm's own layout, and the authority beside each. Other files may be of any authority."""

_FILES = {
    API_SERVER: ("tls-cert-file", "kubelet-client-certificate", "proxy-client-cert-file", "etcd-certfile"),
    MEMBER: ("cert-file", "peer-cert-file"),
}

_KEYS = {
    "tls-cert-file": "tls-private-key-file", "kubelet-client-certificate": "kubelet-client-key",
    "proxy-client-cert-file": "proxy-client-key-file", "etcd-certfile": "etcd-keyfile",
    "cert-file": "key-file", "peer-cert-file": "peer-key-file",
}  # fmt: skip


@about_each(
    nodes_and_members, "KHA-CERT-008", Severity.CRITICAL,
    title="A certificate was not signed by the authority that is beside it.",
    why="Whatever trusts this authority refuses the certificate, at the latest with the next start.",
    fix="sudo openssl verify -CAfile {authority} {place}"
    "  # on {machine}; then sign it anew by this authority", page=_PAGE,
    because_of=("KHA-KEY-005",),
)  # fmt: skip
def another_authority(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    folder = pki(facts)
    for place, _ in _in_use(facts, machine):
        authority = _AUTHORITIES.get(place.removeprefix(f"{folder}/"))
        if authority:
            yield from _signed_by(machine, at(machine, place), f"{folder}/{authority}")
    yield from _in_kubeconfigs(facts, machine)


@about_each(
    nodes_and_members, "KHA-CERT-009", Severity.CRITICAL,
    title="A certificate and the key beside it do not belong together.",
    why="The component does not start any more with the two.",
    fix="sudo openssl x509 -noout -pubkey -in {place} | openssl sha256; "
    "sudo openssl pkey -pubout -in {key} | openssl sha256"
    "  # on {machine}: the two have to be equal; renew the certificate, or bring its key back", page=_PAGE,
)  # fmt: skip
def another_key(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    for place, key in _in_use(facts, machine):
        certificates = [each for each in at(machine, place)[:1] if each.public_key]
        keys = [each for each in machine.keys.get() if each.place == key and each.public_key]
        if certificates and keys and keys[0].public_key != certificates[0].public_key:
            what = f"{machine.name}: {key} is not the key of {place}."
            yield Found(what, (machine.name,), values={"place": place, "key": key})


def _in_use(facts: Facts, machine: MachineFacts) -> Iterator[tuple[str, str]]:
    """Each certificate that a flag names, and its key: another flag's, or the file of that name."""
    for component in components_of(facts, machine):
        given = flags(machine, component)
        for flag in _FILES[component]:
            place = given.get(flag, "")
            if place:
                yield place, given.get(_KEYS[flag], f"{place.removesuffix('.crt')}.key")


def _signed_by(machine: MachineFacts, chain: tuple[Certificate, ...], authority: str) -> Iterator[Found]:
    """An authority between the two may be in either file; a certificate or an authority without ids is not judged."""
    trusted = at(machine, authority)
    ids = {each.key_id for each in (*trusted, *chain[1:])}
    if not chain or not trusted or "" in ids or not chain[0].signed_by or chain[0].signed_by in ids:
        return
    yield _finding(machine, chain[0], authority)


def _in_kubeconfigs(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Only where the issuer has the authority's name and not its key, as after an authority was made anew: a chain that
    a kubeconfig may have is not known."""
    trusted = at(machine, f"{pki(facts)}/ca.crt")
    names, ids = {each.subject for each in trusted}, {each.key_id for each in trusted}
    if not machine.is_a(CONTROL_PLANE) or "" in ids:
        return
    places = {flags(machine, each).get("kubeconfig") for each in (CONTROLLER_MANAGER, SCHEDULER)}
    for kubeconfig in machine.kubeconfigs.get():
        held = kubeconfig.certificate
        if (
            kubeconfig.place in places
            and held
            and held.issuer in names
            and held.signed_by
            and held.signed_by not in ids
        ):
            yield _finding(machine, held, f"{pki(facts)}/ca.crt")


def _finding(machine: MachineFacts, certificate: Certificate, authority: str) -> Found:
    what = f"{machine.name}: {certificate.place} was not signed by the authority in {authority}."
    trusted = [f"{each.place}: {each.subject}, key {each.key_id}" for each in at(machine, authority)]
    evidence = (f"{certificate.place}: signed by {certificate.issuer}, key {certificate.signed_by}", *trusted)
    values = {"authority": authority, "place": certificate.place}
    return Found(what, (machine.name,), evidence, values, about=(authority,))
