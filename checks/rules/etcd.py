"""etcd's members: every one that belongs to it, all of them answering, with one leader."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.facts.quorum import answer, called, has_leader, listed, member_of, quorum
from checks.findings import Found, Severity
from checks.rules.component_flags import MEMBER
from checks.rules.etcdctl import typed_on
from checks.rules.rule import about_each, about_the_cluster, members

_CONFIGURING = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/"
_REPLACING = f"{_CONFIGURING}#replacing-a-failed-etcd-member"
_FAQ = "https://etcd.io/docs/v3.6/faq/"


@about_each(
    members,
    "KHA-ETCD-004",
    Severity.CRITICAL,
    title="A member of etcd does not answer.",
    why="Of three members two are left: with the next one the API and its data are gone.",
    fix="sudo crictl ps --all --name etcd; sudo journalctl --no-pager --lines 50 --unit kubelet  # on {machine}",
    page=_CONFIGURING,
    because_of=("KHA-ETCD-005", "KHA-NODE-010", "KHA-NODE-012", "KHA-DRIFT-003"),
)
def does_not_answer(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A machine on which no member belongs is another rule's."""
    if _does_not_belong(facts, machine):
        return
    seen = answer(facts, machine)
    if not seen.alive:
        what = f"etcd's member on {machine.name} does not answer: {seen.why}."
        yield Found(what, (machine.name,), (seen.why,), about=(MEMBER,))


def _does_not_belong(facts: Facts, machine: MachineFacts) -> bool:
    try:
        return member_of(facts, machine) is None
    except Unknown:
        return False


@about_the_cluster(
    "KHA-ETCD-005",
    Severity.CRITICAL,
    title="etcd has lost its majority.",
    why="Without a majority etcd neither reads nor writes: nothing of the cluster can be changed.",
    fix="sudo crictl ps --all --name etcd; sudo journalctl --no-pager --lines 50 --unit kubelet  # on {machine}",
    page=f"{_CONFIGURING}#restoring-an-etcd-cluster",
)
def majority(facts: Facts) -> Iterator[Found]:
    """One finding for all members that are gone; undecided where those that do not tell would decide it."""
    seen = quorum(facts)
    if seen.spare < 0:
        names = ", ".join(seen.dead)
        verb = "does" if len(seen.dead) == 1 else "do"
        text = f"etcd has lost its majority: of {seen.voters} members {names} {verb} not answer."
        yield Found(text, _machines(facts, seen.dead), tuple(f"{name}: {why}" for name, why in seen.dead.items()))
    elif seen.leaderless:
        yield Found("etcd has lost its majority: no member has a leader, or no API server reaches etcd.")
    elif seen.spare < len(seen.unsure):
        raise next(iter(seen.unsure.values()))


def _machines(facts: Facts, names: dict[str, str]) -> tuple[str, ...]:
    return tuple(each.name for each in facts.machines if each.name in names)


@about_each(
    members,
    "KHA-ETCD-007",
    Severity.WARNING,
    title="A machine has no member of etcd.",
    why="Its API server has no data, and one machine less may be lost than there are control planes.",
    fix="sudo kubeadm reset  # on {machine}; then join it again, as a control plane",
    page=_REPLACING,
)
def has_no_member(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """A control plane needs no etcd where its API server is configured for other members."""
    if member_of(facts, machine) is not None:
        return
    pods = {each.name: each for each in machine.manifests.get()}
    servers = [
        container.flags.get("etcd-servers", "")
        for name, pod in pods.items()
        if name.startswith("kube-apiserver")
        for container in pod.containers
    ]
    if any(name.startswith("etcd") for name in pods) or any("127.0.0.1" in each for each in servers):
        names = ", ".join(map(called, listed(facts)))
        yield Found(f"etcd has no member on {machine.name}: it lists {names}.", (machine.name,), tuple(servers))


@about_each(
    members,
    "KHA-ETCD-011",
    Severity.CRITICAL,
    title="A member of etcd has no leader, or another than the others.",
    why="It serves no request, or other data than they do: the API server that uses it fails or answers wrongly.",
    fix="{etcdctl} endpoint status --cluster --write-out table  # on {on}",
    page=_FAQ,
)
def follows(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """One term has one leader, which is a member. Those of different terms may be from before and after an election,
    which a cluster as documented has behind it."""
    own, values = machine.etcd_status.get(), typed_on(machine)
    if not has_leader(machine):
        if quorum(facts).lost:
            raise Unknown("etcd has lost its majority (KHA-ETCD-005): no member can have a leader")
        yield Found(f"etcd's member on {machine.name} has no leader.", (machine.name,), own.errors, values)
        return
    statuses = [(each, each.etcd_status.value) for each in facts.members if each.etcd_status.value is not None]
    apart = [
        f"{each.name}: cluster {status.cluster}, term {status.term}, leader {status.leader}"
        for each, status in statuses
        if (status.cluster and own.cluster and status.cluster != own.cluster)
        or ((status.term == own.term or facts.as_documented) and status.leader != own.leader and has_leader(each))
    ]
    if facts.as_documented and own.leader not in {each.id for each in listed(facts)}:
        text = f"etcd's member on {machine.name} follows {own.leader}, which is not a member."
        yield Found(text, (machine.name,), tuple(f"{each.id}: {called(each)}" for each in listed(facts)), values)
    if apart and len(apart) * 2 >= len(statuses):  # the smaller part is named; of two halves, both
        text = f"etcd's member on {machine.name} has another leader, or another cluster, than others have."
        mine = f"{machine.name}: cluster {own.cluster}, term {own.term}, leader {own.leader}"
        yield Found(text, (machine.name,), (mine, *apart), values)
