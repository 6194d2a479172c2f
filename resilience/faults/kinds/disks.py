"""A member of etcd whose disk is full: a small file system of its own holds its data meanwhile."""

from __future__ import annotations

from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BOOTED, ELECTION, KEEPALIVE, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.means import manifests
from resilience.faults.means.manifests import DATA, PUT_BACK, TAKEN, healthy, quoted
from resilience.faults.scene import Scene, Shell, Steps

_FULL = "no space left on device"
_FILLER, _KEYS = f"{DATA}/kubeadm-ha-filler", "kubeadm-ha-growth"
_KEPT = "/var/lib/etcd.kept"
_MEMBER = f"{DATA}/member"

_ROOM = 200
"""MiB beside what a member stores: it sets aside the next file of its log (64 MB, SegmentSizeBytes of etcd's
server/storage/wal/wal.go), and so does the one that is written, of which a copy without holes has little."""

_VALUES = 24
"""So many values of a MB are written by another member: a database grows by 16 MB at a time (AllocSize of bbolt's
db.go), and has to grow on the disk that is full. Quotas of 2 GB are far."""

_MOVED = 3 * manifests.RESTARTED  # seconds: a member ends, its data are copied twice, and it starts


def _member(scene: Scene) -> Machine:
    """It is known before any traffic, when its data move, and the fault itself comes a minute later."""
    return scene.cluster.etcd_members[-1]


def _onto_a_small_disk(scene: Scene) -> Steps:
    """Have the member's data on a file system of their own, in memory: the copy has holes where nothing was written."""
    size = f"size=$(( $(du -sm {_MEMBER} | cut -f1) + {_ROOM} ))m,mode=0700"
    script = (
        f"set -e; {TAKEN}; cp -a {_MEMBER} {_KEPT}.new; mv {_KEPT}.new {_KEPT}; mount -t tmpfs -o {size} etcd {DATA}; "
        f"cp -a --sparse=always {_KEPT} {_MEMBER}; rm -rf {_KEPT}; {PUT_BACK}"
    )
    return [_moved(_member(scene), script)]


def _back_onto_its_own(scene: Scene) -> Steps:
    """Bring the data back, wherever moving them or this itself was interrupted."""
    script = (
        f"set -e; if mountpoint -q {DATA}; then {TAKEN}; rm -rf {_FILLER} {_KEPT}.new; "
        f"if test -e {_MEMBER}/wal && ! test -e {_KEPT}; then cp -a {_MEMBER} {_KEPT}.new; mv {_KEPT}.new {_KEPT}; fi; "
        f"umount {DATA}; rm -rf {_MEMBER}; fi; "
        f"if test -e {_KEPT}; then rm -rf {_MEMBER}; cp -a {_KEPT} {_MEMBER}; rm -rf {_KEPT}; fi; {PUT_BACK}"
    )
    return [_moved(_member(scene), script)]


def _moved(machine: Machine, script: str) -> Shell:
    return Shell(machine, f"sudo bash -c {quoted(script)} && {healthy(machine)}", _MOVED)


def _fill(scene: Scene) -> Steps:
    """Fill the disk to its last byte, and have the database grow."""
    full, other = scene.machine, scene.others[0]
    put = etcdctl(other, "put", _KEYS)
    value = "head -c 1000000 /dev/zero | tr '\\0' x"
    grow = f"for each in $(seq {_VALUES}); do {value} | {put}-$each >/dev/null 2>&1 || true; done"
    return [Shell(full, f"sudo sh -c 'cat /dev/zero >{_FILLER}' 2>/dev/null || true"), Shell(other, grow)]


def _free(scene: Scene) -> Steps:
    other = scene.others[0]
    return [Shell(scene.machine, f"sudo rm -f {_FILLER}"), Shell(other, etcdctl(other, "del", "--prefix", _KEYS))]


def _complaints(scene: Scene) -> str:
    """How many lines of the member's log say that the disk is full."""
    counted = scene.machine.run(f"sudo sh -c 'cat /var/log/pods/kube-system_etcd-*/etcd/*.log' | grep -c '{_FULL}'")
    return counted.stdout.strip()


def _is_full(scene: Scene, earlier: str) -> str | NotYet:
    """The file system is full, and the member says so."""
    used = scene.machine.run(f"df --output=pcent {DATA} | tail -1").stdout.strip()
    lines, shown = _complaints(scene), f"{DATA} of {scene.machine.name} is {used or 'not'} used"
    if used != "100%" or lines in ("", "0", earlier):
        return NotYet(f"{shown}, and its member did not log: {_FULL}")
    return f"{shown}, and its member logs: {_FULL}"


FAULTS = (
    Fault(
        "etcd-member-disk-full", "a member's data are on a small disk, which is filled; then the filler is removed",
        "the machine of the last member", lambda scene: [_member(scene)], _fill,
        Proof("the disk is full, and the member says so", _is_full, _complaints, 20), KEEPALIVE + ELECTION + NOTICED,
        "the others go on, and it has all of it again", _free, BOOTED,
        ("https://github.com/etcd-io/etcd/issues/3591", "https://github.com/etcd-io/etcd/issues/5518"),
        hold=15, lengthy=True, prepare=_onto_a_small_disk, restore=_back_onto_its_own,
    ),
)  # fmt: skip
"""Each of them."""
