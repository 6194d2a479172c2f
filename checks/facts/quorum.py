"""Which members of etcd answer, and whether they are a majority: what facts show, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.facts import etcd_by_api
from checks.facts.addresses import is_address, same_host
from checks.facts.cluster import Facts
from checks.facts.etcd import EtcdView, Member
from checks.facts.etcd_by_api import Answer
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts

LOGIN_ON_ETCD = "a login on the machines of etcd: --ssh, or an inventory that names them"

_OWN_FAULT = re.compile(r"could not load|unable to (load|set)|PEM|key file|No such file|printed nothing", re.IGNORECASE)
"""Why a machine could not even try: its own files, or curl. It says nothing of the member."""

_NO_LEADER = ("", "0")


@dataclass(frozen=True)
class Quorum:
    """The members that vote: how many, which of them do not answer (with the reason), and of which nothing shows it.

    `leaderless` says that no member that answers has a leader, or that no API server reaches etcd.
    """

    voters: int
    dead: dict[str, str]
    unsure: dict[str, Unknown]
    leaderless: bool = False

    @property
    def majority(self) -> int:
        """How many members must be there for etcd to work."""
        return self.voters // 2 + 1

    @property
    def spare(self) -> int:
        """How many members may still be lost; negative where the majority is lost."""
        return self.voters - len(self.dead) - self.majority

    @property
    def lost(self) -> bool:
        """Whether etcd works no more."""
        return self.spare < 0 or self.leaderless


def each_member(facts: Facts) -> tuple[MachineFacts, ...]:
    """The machines on which a member belongs; raises Unknown where none is known."""
    if not facts.members:
        raise Unknown("no machine of etcd is known", LOGIN_ON_ETCD)
    return facts.members


def views(facts: Facts) -> tuple[EtcdView, ...]:
    """What members say of all members; raises Unknown where none was read."""
    found = tuple(each.etcd.value for each in facts.members if each.etcd.value is not None)
    if not found:
        each_member(facts)[0].etcd.get()
    return found


def listed(facts: Facts) -> tuple[Member, ...]:
    """Every member that any member lists, by id; raises Unknown."""
    found = {member.id: member for view in views(facts) for member in view.members}
    return tuple(found[id] for id in sorted(found))


def hosts_of(member: Member) -> Iterator[str]:
    """The hosts in a member's URLs."""
    for url in (*member.peer_urls, *member.client_urls):
        try:
            yield urlsplit(url).hostname or ""
        except ValueError:
            yield url


def machine_of(facts: Facts, member: Member) -> MachineFacts | None:
    """The machine that a member runs on: by its own id, by an address, or by its name where no address tells."""
    for machine in facts.machines:
        if machine.etcd_status.value is not None and machine.etcd_status.value.id == member.id:
            return machine
    hosts = [host for host in hosts_of(member) if host]
    for machine in facts.machines:
        if any(same_host(facts, machine, host) for host in hosts):
            return machine
    named = next((each for each in facts.machines if member.name and each.name == member.name), None)
    if named is None or (named.interfaces.known and any(map(is_address, hosts))):
        return None
    return named


def member_of(facts: Facts, machine: MachineFacts) -> Member | None:
    """The member on a machine; raises Unknown where no list of members was read."""
    return next((each for each in listed(facts) if machine_of(facts, each) is machine), None)


def answer(facts: Facts, machine: MachineFacts) -> Answer:
    """Whether the member on a machine answers; raises Unknown where nothing shows it.

    A machine without a login is not taken for one that is down: etcd may run there. What others reach counts before
    what is seen there.
    """
    if machine.etcd_status.known:
        return Answer(True)
    attempts = [*_as_others_see_it(facts, machine)]
    if any(each.alive for each in attempts):
        return Answer(True)
    if machine.processes.value is not None and not any(each.name == "etcd" for each in machine.processes.value):
        return Answer(False, "no process of etcd runs there")
    if attempts:
        return attempts[0]
    if not facts.external_etcd and (seen := etcd_by_api.answer(facts, machine)):
        return seen
    raise Unknown(machine.etcd_status.missing, machine.etcd_status.needs)


def _as_others_see_it(facts: Facts, machine: MachineFacts) -> Iterator[Answer]:
    for other in facts.members:
        if other is machine:
            continue
        for each in other.reached.value or ():
            if each.what == "etcd-peer" and each.target == machine.name and not _OWN_FAULT.search(each.error):
                yield Answer(each.answered, f"{other.name} does not reach it: {each.error or 'no answer'}")
        view = other.etcd.value
        for member in view.members if view else ():
            if view and member.id in view.answers and machine_of(facts, member) is machine:
                error = view.answers[member.id]
                yield Answer(not error, f"{other.name} does not reach it: {error}")


def quorum(facts: Facts) -> Quorum:
    """The members that vote, and whether they answer; raises Unknown where not even their number is known."""
    dead: dict[str, str] = {}
    unsure: dict[str, Unknown] = {}
    names = 0
    for name, source in _voters(facts):
        names += 1
        try:
            seen = answer(facts, source) if isinstance(source, MachineFacts) else answer_of_stranger(facts, source)
        except Unknown as unknown:
            unsure[name] = unknown
            continue
        if not seen.alive:
            dead[name] = seen.why
    return Quorum(names, dead, unsure, _leaderless(facts))


def _voters(facts: Facts) -> Iterator[tuple[str, MachineFacts | Member]]:
    """Those that members list, or else every machine on which one belongs."""
    try:
        members = listed(facts)
    except Unknown:
        yield from ((each.name, each) for each in each_member(facts))
        return
    for member in members:
        if not member.learner:
            machine = machine_of(facts, member)
            yield (machine.name, machine) if machine and member.name else (called(member), member)


def called(member: Member) -> str:
    """What a reader knows a member by: its name, or its address where it never started."""
    return member.name or ", ".join(member.peer_urls) or member.id


def answer_of_stranger(facts: Facts, member: Member) -> Answer:
    """Whether a member answers whose machine is not known, or that never started; raises Unknown."""
    if not member.name:
        return Answer(False, "it never started")
    errors = [view.answers[member.id] for view in views(facts) if member.id in view.answers]
    hosts = set(hosts_of(member))
    for machine in facts.members:
        for each in machine.reached.value or ():
            if each.what == "etcd-peer" and (urlsplit(each.url).hostname in hosts):
                errors.append("" if each.answered else each.error or "no answer")
    if not errors:
        raise Unknown(f"nothing was sent to the member {called(member)}, whose machine is not known", LOGIN_ON_ETCD)
    return Answer("" in errors, errors[0])


def has_leader(machine: MachineFacts) -> bool:
    """Whether the member on a machine knows a leader; raises Unknown."""
    return machine.etcd_status.get().leader not in _NO_LEADER


def _leaderless(facts: Facts) -> bool:
    statuses = [each.etcd_status.value for each in facts.members if each.etcd_status.value is not None]
    if statuses:
        return all(each.leader in _NO_LEADER for each in statuses)
    return etcd_by_api.is_reached_by_none(facts)
