"""Keys and tokens that should not be: without an end, on machines that need none, or for everyone to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.facts.certificates import Key
from checks.facts.cluster import Facts
from checks.facts.machine import CONTROL_PLANE, MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import ADMINISTRATORS, at
from checks.rules.components import nodes_and_members, pki
from checks.rules.rule import about_each, about_the_cluster
from checks.rules.sentences import listed

_PAGE = "https://kubernetes.io/docs/setup/best-practices/certificates/"

_AUTHORITIES = ("ca.key", "front-proxy-ca.key", "etcd/ca.key")
_SIGNING = (*_AUTHORITIES, "sa.key")
"""Keys that sign for the whole cluster, below kubeadm's folder; sa.key signs tokens."""


@about_the_cluster(
    "KHA-KEY-002", Severity.NOTICE,
    title="A bootstrap token never ends.",
    why="A machine with this token, wherever it was copied to, may join at any time.",
    fix="sudo kubeadm token delete {tokens}  # on any control plane",
    page="https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/",
)  # fmt: skip
def token_without_end(facts: Facts) -> Iterator[Found]:
    """A token that may only sign the public cluster-info lets nothing in."""
    endless = [
        each
        for each in facts.api.tokens.get()
        if each.ends is None and (not each.usages or "authentication" in each.usages)
    ]
    if endless:
        ids = [each.id for each in endless]
        what = f"The bootstrap token {ids[0]} never ends." if len(ids) == 1 else f"{listed(ids)} never end."
        evidence = tuple(f"{each.id}: {each.description or 'no description'}" for each in endless)
        yield Found(what, (), evidence, {"tokens": " ".join(ids)})


@about_each(
    nodes_and_members, "KHA-KEY-003", Severity.WARNING,
    title="The key of an authority is on a machine that does not need it.",
    why="The machine can sign certificates for everything in the cluster.",
    fix="sudo rm {keys}  # on {machine}", page=_PAGE,
)  # fmt: skip
def key_of_an_authority(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Control planes sign; of etcd's own machines one does, which was the first to have the authority."""
    if machine.is_a(CONTROL_PLANE):
        return
    folder = pki(facts)
    unneeded, of_etcd = {f"{folder}/{each}" for each in _SIGNING}, f"{folder}/etcd/ca.key"
    found = sorted({each.place for each in machine.keys.get() if each.private and each.place in unneeded})
    if of_etcd in found and machine in facts.members and _keeps(facts) == machine.name:
        found.remove(of_etcd)
    if found:
        what = f"{machine.name} is not a control plane, and has {listed(found)}."
        alone = [each for each in machine.keys.get() if each.place in found and not _may_go(facts, machine, each)]
        fix = _brought_first(machine, [each.place for each in alone]) if alone else ""
        yield Found(what, (machine.name,), values={"keys": " ".join(found)}, fix=fix)


def _may_go(facts: Facts, machine: MachineFacts, key: Key) -> bool:
    """Whether a key is nowhere lost with a file: another machine has it, or it is not the authority's at all."""
    others = {
        each.public_key
        for other in facts.machines if other is not machine
        for each in other.keys.value or () if each.place == key.place
    }  # fmt: skip
    certificate = f"{key.place.removesuffix('.key')}.crt"
    authority = {
        each.public_key for one in facts.machines for each in one.certificates.value or () if each.place == certificate
    }
    return key.public_key in others or (bool(others | authority) and key.public_key not in authority)


def _brought_first(machine: MachineFacts, places: list[str]) -> str:
    return (
        f"No other machine that was read has {listed(places)}: bring it from {machine.name} to where the authority is "
        "kept, make sure that it is there, and remove it here then."
    )


@about_each(
    nodes_and_members, "KHA-KEY-006", Severity.NOTICE,
    title="Every user of a machine may read a private key.",
    why="A process without any rights on this machine, once it is someone else's, has the key's rights in the cluster.",
    fix="sudo chmod o-r {files}  # on {machine}",
    page="https://kubernetes.io/docs/concepts/security/hardening-guide/authentication-mechanisms/",
)  # fmt: skip
def key_for_everyone(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Of a group, or of another owner, a file may be: etcd runs as a user of its own at times."""
    keys = {each.place for each in machine.keys.get() if each.private}
    kubeconfigs = {each.place for each in machine.kubeconfigs.get() if each.certificate}
    known = machine.files.get()
    closed = {each.path for each in known if each.folder and not int(each.mode, 8) & 0o001}
    readable = [
        each.path
        for each in known
        if each.path in keys | kubeconfigs and int(each.mode, 8) & 0o004 and not each.link
        and not closed & {str(parent) for parent in PurePosixPath(each.path).parents}
    ]  # fmt: skip
    if readable:
        worst = {f"{pki(facts)}/{each}" for each in _SIGNING} | set(ADMINISTRATORS)
        severity = Severity.WARNING if worst & set(readable) else None
        what = f"{machine.name}: every user may read {listed(readable)}."
        evidence = tuple(f"{each.path}: {each.mode}, {each.owner}" for each in known if each.path in readable)
        yield Found(what, (machine.name,), evidence, {"files": " ".join(readable)}, severity=severity)


def _keeps(facts: Facts) -> str:
    """The machine of etcd's own that may have its authority's key: the first whose key belongs to the certificate."""
    place = f"{pki(facts)}/etcd/ca"
    for machine in facts.members:
        keys = {each.public_key for each in machine.keys.value or () if each.place == f"{place}.key"}
        if keys and keys & {each.public_key for each in at(machine, f"{place}.crt")}:
            return machine.name
    return ""
