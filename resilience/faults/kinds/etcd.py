"""etcd's data: space that ends, compaction, defragmentation, a member that lost everything."""

from __future__ import annotations

import json
import re

from provision.config.addresses import url
from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from provision.util.errors import CommandFailed
from resilience.faults.bounds import BOOTED, ELECTION, KEEPALIVE, NOTICED, RESTARTED, Bound
from resilience.faults.fault import Fault, Proof, Spared, none
from resilience.faults.means import manifests, places
from resilience.faults.means.manifests import DATA, ETCD, ETCD_AWAY, ended, healthy, quoted
from resilience.faults.means.places import leader_of_etcd
from resilience.faults.scene import Scene, Shell, Step, Steps

_SPACE = "https://etcd.io/docs/v3.6/op-guide/maintenance/#space-quota"
_DEFRAGMENTATION = "https://etcd.io/docs/v3.6/op-guide/maintenance/#defragmentation"
_REPLACED = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#replacing-a-failed-etcd-member"
_DATA = f"{DATA}/member"
_FILLER = "kubeadm-ha-filler"

_ROOM = 24 * 1024 * 1024
"""Bytes that a small quota leaves free: two dozen values of a MB are written in seconds, and what the API server writes
meanwhile does not fill it."""

_VALUES = 60
"""So many values of a MB are tried: more than fit."""

_FULL = "database space exceeded"

DEFRAGMENTED = Bound(
    5, "a member answers nothing while it is defragmented: some ten MB take less than a second, on busy disks a few",
    _DEFRAGMENTATION,
)  # fmt: skip


def _quota(scene: Scene) -> Steps:
    """Give every member a small quota, one after the other."""
    quota = max(_size(each) for each in scene.cluster.etcd_members) + _ROOM
    return [_with_quota(each, quota) for each in scene.cluster.etcd_members]


def _with_quota(machine: Machine, quota: int) -> Step:
    option = f"--quota-backend-bytes={quota}"
    change = rf"sed '/^    - etcd$/a\    - {option}' {ETCD}"
    script = f"cp -p {ETCD} {ETCD_AWAY} && {change} > {ETCD_AWAY}.new && mv {ETCD_AWAY}.new {ETCD}"
    runs = f"pgrep -xa etcd | grep -q -e '{option}'"
    return Shell(machine, f"sudo sh -c {quoted(script)} && {healthy(machine, runs)}", 2 * manifests.RESTARTED)


def _without_quota(scene: Scene) -> Steps:
    """Put every manifest back that was moved aside, one after the other."""
    steps: list[Step] = []
    for machine in scene.cluster.etcd_members:
        back = f"sudo test ! -e {ETCD_AWAY} || {{ sudo mv {ETCD_AWAY} {ETCD}"
        runs = "pgrep -xa etcd | grep -qv -e --quota-backend-bytes"
        steps.append(Shell(machine, f"{back} && {healthy(machine, runs)}; }}", 2 * manifests.RESTARTED))
    return steps


def _fill(scene: Scene) -> Steps:
    """Write until there is no space. That it ends is what is wanted; the proof asks whether it ended by the quota."""
    put = etcdctl(scene.machine, "put", _FILLER)
    value = "head -c 1000000 /dev/zero | tr '\\0' x"
    loop = f"for each in $(seq {_VALUES}); do {value} | {put}-$each 2>&1 >/dev/null || break; done"
    return [Shell(scene.machine, loop)]


def _recover(scene: Scene) -> Steps:
    """The documented recovery: remove what is not needed, compact, defragment every member, disarm the alarm."""
    one = scene.machine
    away = etcdctl(one, "del", "--prefix", _FILLER)
    steps: list[Step] = [Shell(one, away), Shell(one, _compaction(one))]
    steps += [Shell(each, etcdctl(each, "defrag")) for each in scene.cluster.etcd_members]
    return [*steps, Shell(one, etcdctl(one, "alarm", "disarm"))]


def _compaction(machine: Machine) -> str:
    status = etcdctl(machine, "endpoint", "status", "--write-out=json")
    revision = f"$({status} | grep -o '\"revision\":[0-9]*' | head -1 | cut -d: -f2)"
    # another one may have compacted as far meanwhile
    return f'{etcdctl(machine, "compact")} "{revision}" 2>&1 || true'


def _compact_and_defragment(scene: Scene) -> Steps:
    one = scene.machine
    return [Shell(one, _compaction(one)), Shell(one, etcdctl(one, "defrag"))]


def _alarmed(scene: Scene, earlier: str) -> str | NotYet:
    del earlier
    shown = scene.machine.run(etcdctl(scene.machine, "alarm", "list")).stdout.strip()
    refused = any(_FULL in each for each in scene.printed)
    if "NOSPACE" not in shown or not refused:
        return NotYet(f"alarms: {shown or 'none'}; a write was {'refused' if refused else 'not refused'}")
    return f"etcd refused a write ({_FULL}), alarms: {' '.join(shown.split())}"


def _defragmented(scene: Scene, earlier: str) -> str | NotYet:
    del earlier
    found = [line for each in scene.printed for line in each.splitlines() if re.search("compacted|Finished", line)]
    shown = "; ".join(found)
    return shown if "compacted" in shown and "Finished defragmenting" in shown else NotYet(shown or "nothing printed")


def _size(machine: Machine) -> int:
    """Bytes of a member's database; raises CommandFailed."""
    printed = machine.succeed(etcdctl(machine, "endpoint", "status", "--write-out=json"))
    try:
        return int(json.loads(printed)[0]["Status"]["dbSize"])
    except (ValueError, KeyError, IndexError, TypeError):
        raise CommandFailed(f"{machine.name}: etcdctl printed no status", answer=printed[:200]) from None


def _lose_data(scene: Scene) -> Steps:
    """Take a member's manifest away, and when it has ended, all that it has stored."""
    return [Shell(scene.machine, f"sudo mv {ETCD} {ETCD_AWAY} && {ended()} && sudo rm -rf {_DATA}")]


def _replace_member(scene: Scene) -> Steps:
    """The documented replacement: the member is removed from the cluster and added again, and starts without data."""
    lost, leader = scene.machine, leader_of_etcd(scene.cluster)
    peer = url(lost.address, 2380)
    known = f"{etcdctl(leader, 'member', 'list')} | grep -F {peer},"
    removed = f'id=$({known} | cut -d, -f1); test -z "$id" || {etcdctl(leader, "member", "remove")} "$id"'
    added = etcdctl(leader, "member", "add", lost.name, f"--peer-urls={peer}")
    every = ",".join(f"{each.name}={url(each.address, 2380)}" for each in scene.cluster.etcd_members)
    joins = (
        f"sed -e '/--initial-cluster-state=/d' -e 's#--initial-cluster=.*#--initial-cluster={every}\\n"
        f"    - --initial-cluster-state=existing#' {ETCD_AWAY}"
    )
    script = f"{joins} > {ETCD_AWAY}.new && mv {ETCD_AWAY}.new {ETCD} && rm {ETCD_AWAY}"
    return [
        Shell(leader, f"{removed}; {added}"),
        Shell(lost, f"sudo test ! -e {ETCD_AWAY} || sudo sh -c {quoted(script)}"),
    ]


def _without_data(scene: Scene, earlier: str) -> str | NotYet:
    del earlier
    lost, witness = scene.machine, scene.others[0]
    health = witness.run(etcdctl(witness, "endpoint", "health", "--cluster"))
    there = lost.run(f"sudo test -e {_DATA}").ok
    if there or health.ok:
        stored, seen = "has" if there else "has no", "healthy" if health.ok else "not healthy"
        return NotYet(f"{lost.name} {stored} {_DATA}; members are {seen}")
    return f"{lost.name} has no {_DATA}, and its member is not healthy as {witness.name} sees it"


FAULTS = (
    Fault(
        "etcd-leader-defragmented", "compaction to the newest revision, and defragmentation, under load",
        "the machine of etcd's leader", places.etcd_leader, _compact_and_defragment,
        Proof("etcdctl says that it compacted and defragmented", _defragmented),
        ELECTION + DEFRAGMENTED + NOTICED, "watches go on, and all that was acknowledged is there", none,
        links=(_DEFRAGMENTATION, "https://github.com/etcd-io/etcd/issues/9222"), hold=5,
    ),
    Fault(
        "etcd-quota-exceeded", "the database is filled to its quota; then the documented recovery",
        "the machine of etcd's leader", places.etcd_leader, _fill,
        Proof("etcd refuses a write, and the alarm NOSPACE is raised", _alarmed, within=10),
        ELECTION + DEFRAGMENTED + NOTICED, "reads go on, and writes after the recovery", _recover, RESTARTED,
        (_SPACE, "https://github.com/etcd-io/etcd/issues/8009"), hold=8, spared=frozenset(Spared),
        lengthy=True, prepare=_quota, restore=_without_quota,
    ),
    Fault(
        "etcd-member-data-gone", "a member loses its data; removed and added again by the documented commands",
        "the machine of a follower", places.etcd_follower, _lose_data,
        Proof("its data is gone, and its member is not healthy", _without_data, within=10), KEEPALIVE + NOTICED,
        "the others go on, and it has all of it again", _replace_member, BOOTED, (_REPLACED,), hold=10,
        destructive=True,
    ),
)  # fmt: skip
"""Each of them."""
