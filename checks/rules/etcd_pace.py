"""How etcd runs: versions, the disk's pace, and leaders that change."""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.cluster import Facts
from checks.facts.machine import MachineFacts
from checks.facts.quorum import each_member
from checks.findings import Found, Severity
from checks.rules.rule import about_each, about_the_cluster, members

_HARDWARE = "https://etcd.io/docs/v3.6/op-guide/hardware/#disks"
_TUNING = "https://etcd.io/docs/v3.6/tuning/"

SLOW_FSYNC = 0.1
"""Seconds. etcd's documentation has 0.01 for good disks; ten times as long is the time between two heartbeats, from
where a leader may be taken for lost: https://etcd.io/docs/v3.6/faq/."""

LEADERS_A_DAY = 10
"""Restarts and upgrades of all members change the leader a few times in a day."""

DAY = 86400


@about_the_cluster(
    "KHA-ETCD-014",
    Severity.NOTICE,
    title="Members of etcd run different versions.",
    why="An upgrade was begun and not finished; until then etcd works as its oldest member does.",
    fix="sudo kubeadm upgrade node  # on {machine}",
    page="https://etcd.io/docs/v3.6/upgrades/upgrading-etcd/",
)
def versions(facts: Facts) -> Iterator[Found]:
    """Patch releases, too: kubeadm gives every control plane the same."""
    found = {each.name: each.etcd_status.value.version for each in facts.members if each.etcd_status.value is not None}
    newest = max(found.values(), key=_number, default="")
    older = tuple(name for name, version in found.items() if version != newest)
    if older:
        lines = tuple(f"{name}: {version}" for name, version in found.items())
        yield Found(f"etcd's members on {', '.join(older)} are older than {newest}, which others run.", older, lines)
    for machine in each_member(facts):
        machine.etcd_status.get()


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split("-")[0].lstrip("v").split(".") if each.isdigit())


@about_each(
    members,
    "KHA-ETCD-015",
    Severity.NOTICE,
    title="The disk of a member of etcd is slow.",
    why="etcd waits for the disk with each write: leaders are taken for lost, and requests to the API time out.",
    fix="fio --rw=write --fdatasync=1 --directory=/var/tmp --size=22m --bs=2300 --name=disk  # on {machine}",
    page=_HARDWARE,
)
def fsync(_: Facts, machine: MachineFacts) -> Iterator[Found]:
    """Of all writes to its log since the member started."""
    slowest = machine.etcd_metrics.get().fsync_p99
    if slowest is not None and slowest > SLOW_FSYNC:
        text = f"etcd's disk on {machine.name} takes more than {SLOW_FSYNC * 1000:.0f} ms for one write of a hundred."
        yield Found(text, (machine.name,), (f"99 % of the writes to its log are done within {slowest * 1000:.0f} ms",))


@about_the_cluster(
    "KHA-ETCD-016",
    Severity.NOTICE,
    title="etcd's leader changes often.",
    why="With each change requests fail for seconds, and components that lose their lease start again.",
    fix="sudo crictl logs --tail 200 $(sudo crictl ps --name etcd --quiet)  # on {machine}",
    page=_TUNING,
    because_of=("KHA-ETCD-005", "KHA-ETCD-015"),
)
def leaders(facts: Facts) -> Iterator[Found]:
    """As the member saw them that has run the longest; a life shorter than a day counts as one."""
    found = [(each.name, each.etcd_metrics.value) for each in facts.members if each.etcd_metrics.value is not None]
    known = [(metrics.uptime, name, metrics.leader_changes) for name, metrics in found if metrics.uptime is not None]
    if not known:
        for machine in each_member(facts):
            machine.etcd_metrics.get()
        return
    uptime, name, changes = max(known)
    days = max(1.0, uptime / DAY)
    if changes / days >= LEADERS_A_DAY:
        text = f"etcd's leader changed {changes:.0f} times in {days:.0f} days, as the member on {name} saw it."
        yield Found(text, (name,), tuple(f"{each}: {metrics.leader_changes:.0f} changes" for each, metrics in found))
