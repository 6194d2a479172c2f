"""The keys of service accounts' tokens: what one control plane signs, every API server has to accept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.findings import Found, Severity
from checks.rules.certificates_in_use import at
from checks.rules.component_flags import API_SERVER, CONTROLLER_MANAGER, DNS, KUBE_PROXY
from checks.rules.components import arguments_of, pki, values
from checks.rules.known import known_of_each
from checks.rules.own_places import restart
from checks.rules.rule import about_the_cluster
from checks.rules.sentences import listed


@dataclass(frozen=True)
class _Keys:
    """The public keys that a control plane signs with, and those that its API server accepts; digests.

    `files` is how many files the API server takes the latter from.
    """

    machine: str
    signing: frozenset[str]
    accepted: frozenset[str]
    files: int


@about_the_cluster(
    "KHA-KEY-001", Severity.CRITICAL,
    title="The keys of service accounts' tokens differ between control planes.",
    why="A token that one API server gave is refused by another, at the latest once that is restarted.",
    fix="sudo openssl pkey -pubout -in {pki}/sa.key | sudo diff - {pki}/sa.pub"
    "  # on {machine}; then bring sa.key and sa.pub of another control plane, and restart its API server and "
    "controller manager", page="https://kubernetes.io/docs/setup/best-practices/certificates/",
)  # fmt: skip
def token_keys_differ(facts: Facts) -> Iterator[Found]:
    """Several keys may be accepted, as while they are rotated. Where no file has a key, something else signs.

    As documented one file has the one key that the others sign with.
    """
    read, unknown = known_of_each(facts.control_planes, _of)
    known = list(read.values())
    refused = [
        (signer.machine, other.machine)
        for signer in known
        for other in known
        if (other.accepted and signer.signing - other.accepted)
        or (facts.as_documented and other.files < 2 and signer.signing != other.accepted)
    ]
    without = [each.machine for each in known if facts.as_documented and not (each.signing and each.accepted)]
    if without:
        what = f"{listed(without)}: no key was found that signs service accounts' tokens, or none that is accepted."
        yield Found(what, tuple(without), values={"pki": pki(facts)})
    if refused:
        machines = _culprits(refused)
        pairs = [f"a token of {signer} is refused by {other}" for signer, other in refused]
        what = f"{listed(machines)}: the keys of service accounts' tokens are not those of the other control planes."
        if len(machines) == 1 and all(other == machines[0] for _, other in refused):
            what = f"{machines[0]}: its API server accepts no token that the control planes sign."
        fix = _taken_from_the_key(facts, machines, known)
        about = (KUBE_PROXY, DNS, CONTROLLER_MANAGER)
        yield Found(what, machines, tuple(pairs), {"pki": pki(facts)}, fix, about=about)
    if unknown:
        raise unknown


def _taken_from_the_key(facts: Facts, machines: tuple[str, ...], known: Sequence[_Keys]) -> str:
    """Where the private key is that of the others, the public one beside it is made of it; empty where it is not."""
    if len(machines) != 1 or len({each.signing for each in known}) != 1:
        return ""
    machine = facts.machine(machines[0])
    private = values(arguments_of(machine, CONTROLLER_MANAGER), "service-account-private-key-file")
    public = values(arguments_of(machine, API_SERVER), "service-account-key-file")
    if len(private) != 1 or len(public) != 1 or not public[0].endswith(".pub"):
        return ""
    new = f"{public[0]}.new"  # openssl empties a file before it has read the key
    made = f"sudo openssl pkey -pubout -in {private[0]} -out {new} && sudo mv {new} {public[0]}"
    return f"{made} && {restart(machine, API_SERVER)}  # on {machine.name}"


def _of(machine: MachineFacts) -> _Keys:
    server, manager = arguments_of(machine, API_SERVER), arguments_of(machine, CONTROLLER_MANAGER)
    signing = (
        *values(server, "service-account-signing-key-file"),
        *values(manager, "service-account-private-key-file"),
    )
    accepted = values(server, "service-account-key-file")
    return _Keys(machine.name, _public(machine, signing), _public(machine, accepted), len(accepted))


def _public(machine: MachineFacts, places: tuple[str, ...]) -> frozenset[str]:
    """Public keys of files, which may be of private keys, of public keys, or certificates."""
    keys = {each.public_key for each in machine.keys.get() if each.place in places}
    certificates = {each.public_key for place in places for each in at(machine, place)}
    return frozenset((keys | certificates) - {""})


def _culprits(refused: list[tuple[str, str]]) -> tuple[str, ...]:
    """The machines without which nothing would be refused; all that take part, where it is not one's fault alone."""
    involved = dict.fromkeys(name for pair in refused for name in pair)
    return tuple(each for each in involved if all(each in pair for pair in refused)) or tuple(involved)
