"""etcd's data: alarms, size, and the same data on every member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.etcd import Alarm, Status
from checks.facts.fact import Unknown
from checks.facts.machine import MachineFacts
from checks.facts.quorum import each_member, listed, machine_of, views
from checks.findings import Found, Severity
from checks.rules.etcdctl import other, typed_on
from checks.rules.rule import about_each, about_the_cluster, members

_CONFIGURING = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/"
_QUOTA = "https://etcd.io/docs/v3.6/op-guide/maintenance/#space-quota"
_CORRUPTION = "https://etcd.io/docs/v3.6/op-guide/data_corruption/"

GIB = 1024**3
MIB = 1024**2

DEFAULT_QUOTA = 2 * GIB
"""What etcd takes where no quota is configured: https://etcd.io/docs/v3.6/dev-guide/limits/."""

NEARLY_FULL = 0.8
"""A fifth of the quota is days or weeks of growth: time enough to compact, and to find what writes so much."""

REVISIONS_A_SECOND = 1000
"""More than the API servers of a big cluster write: what is further apart than this, for each second of the collecting,
is so for another reason than time."""


@about_the_cluster(
    "KHA-ETCD-002",
    Severity.CRITICAL,
    title="etcd has an alarm: it is out of space.",
    why="etcd takes no writes: nothing can be changed, and leases run out.",
    fix=(
        "{etcdctl} compaction {revision} && {etcdctl} defrag && {etcdctl} alarm disarm"
        "  # on {machine}; raise --quota-backend-bytes before it where the data need the space"
    ),
    page=_CONFIGURING,
)
def out_of_space(facts: Facts) -> Iterator[Found]:
    """The quota is a member's own, and its alarm holds for all."""
    for alarm in _alarms(facts, "NOSPACE"):
        machine = _of_member(facts, alarm.member)
        status = machine.etcd_status.value if machine else None
        size = (_size(status),) if status else ()
        revision = str(status.revision) if status else "$REVISION"
        yield Found(
            f"etcd is out of space and takes no writes: the member {_place(machine, alarm)} has reached its quota.",
            (machine.name,) if machine else (), (f"alarm NOSPACE of {alarm.member}", *size),
            {**typed_on(machine), "revision": revision},
        )  # fmt: skip


@about_the_cluster(
    "KHA-ETCD-010",
    Severity.CRITICAL,
    title="etcd has an alarm: a member's data are corrupt.",
    why="What is read from this member may be wrong, and etcd takes no writes.",
    fix="{etcdctl} member remove {id}  # on {on}; then empty its data folder, and join it again",
    page=_CORRUPTION,
)
def corrupt(facts: Facts) -> Iterator[Found]:
    """The member that differs raised it, or a leader for it."""
    for alarm in _alarms(facts, "CORRUPT"):
        machine = _of_member(facts, alarm.member)
        yield Found(
            f"etcd says that the data of the member {_place(machine, alarm)} are corrupt.",
            (machine.name,) if machine else (), (f"alarm CORRUPT of {alarm.member}",),
            {**typed_on(other(facts, machine)), "id": alarm.member},
        )  # fmt: skip


def _alarms(facts: Facts, kind: str) -> list[Alarm]:
    """Each member once, whichever machine lists it."""
    found = {each.member: each for view in views(facts) for each in view.alarms if each.kind == kind}
    return [found[member] for member in sorted(found)]


def _of_member(facts: Facts, id: str) -> MachineFacts | None:
    return next((machine_of(facts, each) for each in listed(facts) if each.id == id), None)


def _place(machine: MachineFacts | None, alarm: Alarm) -> str:
    return f"on {machine.name}" if machine else alarm.member


@about_each(
    members,
    "KHA-ETCD-003",
    Severity.WARNING,
    title="etcd's database has nearly reached its quota.",
    why="Once one member reaches its quota, the whole of etcd takes no writes.",
    fix="{etcdctl} defrag  # on {machine}; where most is in use, raise --quota-backend-bytes on every member",
    page=_CONFIGURING,
    because_of=("KHA-ETCD-002",),
)
def nearly_full(_: Facts, machine: MachineFacts) -> Iterator[Found]:
    """The size on disk counts, also what a compaction left free in it."""
    status = machine.etcd_status.get()
    part = status.size / (status.quota or DEFAULT_QUOTA)
    if part >= NEARLY_FULL:
        text = f"etcd's database on {machine.name} fills {part:.0%} of its quota."
        yield Found(text, (machine.name,), (_size(status),), typed_on(machine))


def _size(status: Status) -> str:
    quota = f"{status.quota / MIB:.0f} MiB" if status.quota else "the default, 2048 MiB"
    return f"{status.size / MIB:.0f} MiB on disk, {status.size_in_use / MIB:.0f} MiB in use; quota {quota}"


@about_the_cluster(
    "KHA-ETCD-012",
    Severity.CRITICAL,
    title="Members of etcd have different data at the same revision.",
    why="API servers give different answers, and what is lost with a member depends on which one it is.",
    fix="{etcdctl} endpoint hashkv --cluster --write-out table  # on {on}",
    page=_CORRUPTION,
    because_of=("KHA-ETCD-010", "KHA-ETCD-011"),
)
def same_data(facts: Facts) -> Iterator[Found]:
    """Hashes are of what is between the last compaction and a revision: where both are equal, so must they be."""
    hashes = {each.name: each.etcd_hash.value for each in facts.members if each.etcd_hash.value is not None}
    apart = []
    for place in sorted({(each.revision, each.compacted) for each in hashes.values()}):
        here = {name: each.hash for name, each in hashes.items() if (each.revision, each.compacted) == place}
        counted = Counter(here.values()).most_common()
        if len(counted) > 1:
            usual = counted[0][0] if counted[0][1] > counted[1][1] else None
            apart += [name for name, each in here.items() if each != usual]
    if apart:
        lines = tuple(
            f"{name}: hash {each.hash} at revision {each.revision}, compacted at {each.compacted}"
            for name, each in hashes.items()
        )
        values = typed_on(other(facts, None))
        text = f"etcd's data differ at the same revision: {', '.join(apart)} from other members."
        yield Found(text, tuple(apart), lines, values)
    for machine in each_member(facts):
        machine.etcd_hash.get()
    if not apart and len({(each.revision, each.compacted) for each in hashes.values()}) > 1:
        raise Unknown("the hashes of members' data are of different revisions: what was written in between is unknown")


@about_each(
    members,
    "KHA-ETCD-013",
    Severity.WARNING,
    title="A member of etcd is far behind the others.",
    why="It lacks data that others have: what is read there is old, and there are fewer copies than it seems.",
    fix="sudo crictl logs --tail 50 $(sudo crictl ps --name etcd --quiet)  # on {machine}",
    page="https://etcd.io/docs/v3.6/faq/",
    because_of=("KHA-ETCD-005", "KHA-ETCD-009", "KHA-ETCD-011"),
)
def behind(facts: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Members are read one after another, while others write."""
    own = machine.etcd_status.get().revision
    newest = max(each.etcd_status.value.revision for each in facts.members if each.etcd_status.value is not None)
    if newest - own > REVISIONS_A_SECOND * max(1.0, facts.seconds):
        text = f"etcd's member on {machine.name} is {newest - own} revisions behind."
        yield Found(text, (machine.name,), (f"revision {own}, elsewhere {newest}",))
