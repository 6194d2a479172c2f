"""The authorities of a cluster: how long they last, whether machines have the same ones, and the keys beside them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.certificates import Certificate
from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import at, components_of
from checks.rules.components import flags, nodes_and_members, pki
from checks.rules.known import known_of_each
from checks.rules.odd_ones import outliers
from checks.rules.rule import about_each, about_the_cluster, control_planes
from checks.rules.sentences import dates, day, days, listed

_PAGE = "https://kubernetes.io/docs/setup/best-practices/certificates/"

_KINDS = ("client-ca-file", "requestheader-client-ca-file", "etcd-cafile", "trusted-ca-file", "peer-trusted-ca-file")
"""The flags that name an authority. The kubelet's, of its own file, is compared with the API servers' first one."""


@about_the_cluster(
    "KHA-CERT-011", Severity.WARNING,
    title="The certificate of an authority ends soon, or has ended.",
    why="With it ends every certificate that it signed, on all machines at once; kubeadm does not renew authorities.",
    fix="sudo openssl x509 -noout -enddate -in {place}  # on {machine}; a new authority is rolled out by hand, as "
    "the page has it", page="https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/",
)  # fmt: skip
def authority_ends(facts: Facts) -> Iterator[Found]:
    """One finding an authority, however many machines have it. A bundle ends with the last of its certificates: after a
    rotation an older one stays in it."""
    trusted, unknown = known_of_each(nodes_and_members(facts), lambda machine: _trusted(facts, machine))
    lasts: dict[tuple[str, str], tuple[Certificate, list[str]]] = {}
    for name, bundles in trusted.items():
        for bundle in bundles.values():
            last = max(bundle, key=lambda each: each.ends)
            lasts.setdefault((last.serial, last.public_key), (last, []))[1].append(name)
    for last, names in lasts.values():
        yield from _ends(facts, last, tuple(dict.fromkeys(names)))
    if unknown:
        raise unknown


@about_the_cluster(
    "KHA-KEY-005", Severity.CRITICAL,
    title="A machine trusts another authority than the others.",
    why="What the others show to it is refused, and what it shows to the others may be, too.",
    fix="sudo openssl x509 -noout -fingerprint -sha256 -in {place}"
    "  # on {machine}, and on the others: bring theirs here",
    page=_PAGE,
)  # fmt: skip
def another_authority_trusted(facts: Facts) -> Iterator[Found]:
    """Bundles agree where they share one authority, as while it is rotated. The front proxy's has a rule of its own."""
    trusted, unknown = known_of_each(nodes_and_members(facts), lambda machine: _trusted(facts, machine))
    for kind in (each for each in _KINDS if each != "requestheader-client-ca-file"):
        bundles = {name: mine[kind] for name, mine in trusted.items() if kind in mine}
        others = outliers({name: frozenset(each.public_key for each in mine) for name, mine in bundles.items()})
        if others:
            place = bundles[others[0]][0].place
            what = f"{listed(others)}: {place} is another authority than on the other machines."
            yield Found(what, others, values={"place": place}, about=(place,))
    if unknown:
        raise unknown


@about_each(
    control_planes, "KHA-KEY-004", Severity.CRITICAL,
    title="The key of an authority does not belong to its certificate.",
    why="What is signed on this machine is refused everywhere: renewed certificates, and those of kubelets.",
    fix="sudo openssl pkey -pubout -in {place}.key; sudo openssl x509 -noout -pubkey -in {place}.crt"
    "  # on {machine}: the two have to be equal; bring the key of another control plane", page=_PAGE,
    because_of=("KHA-KEY-005",),
)  # fmt: skip
def key_of_another_authority(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Where there is no key, as with an external authority, there is nothing to judge."""
    folder = pki(facts)
    for name in ("ca", "front-proxy-ca") + (() if facts.external_etcd else ("etcd/ca",)):
        certificates = {each.public_key for each in at(machine, f"{folder}/{name}.crt")} - {""}
        keys = {each.public_key for each in machine.keys.get() if each.place == f"{folder}/{name}.key"} - {""}
        if certificates and keys and not certificates & keys:
            what = f"{machine.name}: {folder}/{name}.key is not the key of {folder}/{name}.crt."
            place = f"{folder}/{name}"
            yield Found(what, (machine.name,), values={"place": place}, about=(f"{place}.crt",))


def _trusted(facts: Facts, machine: MachineFacts) -> dict[str, tuple[Certificate, ...]]:
    """What a machine trusts, by the flag that names it; files that are not there are left out."""
    named: dict[str, str] = {}
    if machine.is_node:
        x509 = machine.kubelet.get().configuration.get("authentication", {}).get("x509", {})
        named["client-ca-file"] = x509.get("clientCAFile", "")
    for component in components_of(facts, machine):
        given = flags(machine, component)
        named |= {kind: given[kind] for kind in _KINDS if kind in given}
    return {kind: found for kind, place in named.items() if (found := at(machine, place))}


def _ends(facts: Facts, last: Certificate, names: tuple[str, ...]) -> Iterator[Found]:
    left = last.ends - facts.taken
    if left > facts.expires_within:
        return
    when = f"ended on {day(last.ends)}" if left.total_seconds() <= 0 else f"ends in {days(left)}, on {day(last.ends)}"
    severity = Severity.CRITICAL if left.total_seconds() <= 0 else None
    what = f"The authority {last.subject} {when}; {listed(names)} trust{'s' if len(names) == 1 else ''} it."
    yield Found(what, names, (dates(last),), {"place": last.place}, severity=severity)
