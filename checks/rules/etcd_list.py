"""etcd's list of members: none that never started, is gone, or does not vote."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.etcd import Member
from checks.facts.quorum import answer_of_stranger, called, listed, machine_of
from checks.findings import Found, Severity
from checks.rules.etcdctl import other, typed_on
from checks.rules.rule import about_the_cluster

_CONFIGURING = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/"
_REPLACING = f"{_CONFIGURING}#replacing-a-failed-etcd-member"
_LEARNERS = "https://etcd.io/docs/v3.6/learning/design-learner/"

MOST_SECONDS_OF_A_JOIN = 600
"""A member that started so recently may still be on its way to a vote: kubeadm gives a join a few minutes for it."""


@about_the_cluster(
    "KHA-ETCD-001",
    Severity.WARNING,
    title="etcd has a member that never started.",
    why="It counts without helping: a learner keeps other members from joining, and a voter raises the majority.",
    fix="{etcdctl} member remove {id}  # on {on}",
    page=_CONFIGURING,
)
def never_started(facts: Facts) -> Iterator[Found]:
    """etcd gives a member its name when it first starts."""
    for member in listed(facts):
        if not member.name:
            machine = machine_of(facts, member)
            kind = "learner" if member.learner else "voter"
            yield Found(
                f"etcd lists a {kind} at {called(member)} that never started.",
                (machine.name,) if machine else (), (_line(member),),
                {"id": member.id, **typed_on(other(facts, machine))},
            )  # fmt: skip


@about_the_cluster(
    "KHA-ETCD-006",
    Severity.WARNING,
    title="etcd has a member whose machine is gone.",
    why="It counts for the majority and never votes: one machine less may be lost than the number of members says.",
    fix="{etcdctl} member remove {id}  # on {on}",
    page=_REPLACING,
)
def machine_is_gone(facts: Facts) -> Iterator[Found]:
    """A member on a machine that is not known is left alone while it answers: it may belong to the cluster."""
    for member in listed(facts):
        if member.name and machine_of(facts, member) is None:
            seen = answer_of_stranger(facts, member)
            if not seen.alive:
                text = f"etcd lists {member.name} at {', '.join(member.peer_urls)}, where none answers."
                values = {"id": member.id, **typed_on(other(facts, None))}
                yield Found(text, (), (_line(member), seen.why), values)


@about_the_cluster(
    "KHA-ETCD-009",
    Severity.WARNING,
    title="A member of etcd is still a learner.",
    why="It does not vote and serves no API server, and no other member can join while it is one.",
    fix="{etcdctl} member promote {id}  # on {on}",
    page=_LEARNERS,
)
def learner(facts: Facts) -> Iterator[Found]:
    """A member that has just started is on its way, but not as documented: there a join ends with a member that votes.

    One that never started is another rule's.
    """
    for member in listed(facts):
        machine = machine_of(facts, member)
        uptime = machine.etcd_metrics.value.uptime if machine and machine.etcd_metrics.value else None
        on_its_way = uptime is not None and uptime <= MOST_SECONDS_OF_A_JOIN and not facts.as_documented
        if member.learner and member.name and not on_its_way:
            names = (machine.name,) if machine else ()
            values = {"id": member.id, **typed_on(other(facts, machine))}
            yield Found(f"etcd's member {member.name} is still a learner.", names, (_line(member),), values)


def _line(member: Member) -> str:
    kind = "learner" if member.learner else "voter"
    return f"{member.id}: {called(member)}, {kind}, peer URLs {', '.join(member.peer_urls) or 'none'}"
