"""A quorum of etcd that is lost for good: a majority's data gone, and all members restored from a snapshot.

Source: https://etcd.io/docs/v3.6/op-guide/recovery/#restoring-a-cluster, and for what runs on it,
https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#restoring-an-etcd-cluster
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provision.config.addresses import bracketed, url
from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BOOTED, ELECTION, NOTICED
from resilience.faults.fault import Fault, Proof, Spared
from resilience.faults.forgetting import BUMP
from resilience.faults.means import manifests, places
from resilience.faults.means.manifests import DATA, FOLDER, PUT_BACK, TAKEN, healthy, quoted
from resilience.faults.means.proofs import called
from resilience.faults.scene import AtOnce, Scene, Shell, Step, Steps

_RECOVERY = "https://etcd.io/docs/v3.6/op-guide/recovery/#restoring-with-revision-bump"
_RESTORING = "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#restoring-an-etcd-cluster"
_WATCHES = "https://github.com/etcd-io/etcd/issues/15381"

_SAVED = f"{DATA}/kubeadm-ha-snapshot.db"  # where etcd's own container can write
_SNAPSHOT = "/var/lib/kubeadm-ha-snapshot.db"
_RESTORED = "/var/lib/etcd.restored"
_ETCDUTL = "/proc/$(pgrep -xo etcd)/root/usr/local/bin/etcdutl"
_CLIENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
_STOPS = 120  # seconds until an API server has ended that has no etcd: 10, 30, 42 and more than 60 were seen
_STOPPED = "/etc/kubernetes/stopped-for-the-restore"


@dataclass(frozen=True)
class Carried:
    """A file that is copied from a machine to others by scp, as the pages of Kubernetes do it, with the login key."""

    source: Machine
    targets: tuple[Machine, ...]
    path: str

    def do(self, scene: Scene) -> str:
        del scene
        name = self.path.rpartition("/")[2]
        lines = [f"scp -p {self.path} {each.user}@{bracketed(each.address)}:{name}\n" for each in self.targets]
        self.source.as_root("".join(lines), agent=True, timeout=120)
        for each in self.targets:  # a snapshot holds every Secret: nothing of it stays where a user has it
            each.succeed(f"sudo install -m 600 {each.home}/{name} {self.path} && rm -f {each.home}/{name}")
        return ""

    def by_hand(self, scene: Scene) -> str:
        return f"./run ssh {scene.cluster.id} {self.source.name} sudo cat {self.path}  # to the same file on the others"


def _survivor(scene: Scene) -> Machine:
    return next(each for each in scene.cluster.etcd_members if each not in scene.hit)


def _program(scene: Scene) -> Steps:
    """Have the program that restores where no etcd runs."""
    copied = f"sudo install -m 755 {_ETCDUTL} /usr/local/bin/etcdutl"
    return [Shell(each, copied) for each in scene.cluster.etcd_members]


def _no_program(scene: Scene) -> str:
    one = scene.cluster.etcd_members[0]
    return "" if one.run(f"sudo test -x {_ETCDUTL}").ok else "etcd's image has no etcdutl, which restores a snapshot"


def _lose(scene: Scene) -> Steps:
    """Save a snapshot of the member that stays; then a majority's data are gone."""
    survivor = _survivor(scene)
    moved = f"sudo mv {_SAVED} {_SNAPSHOT} && sudo etcdutl snapshot status {_SNAPSHOT} --write-out=json"
    steps: list[Step] = [Shell(survivor, f"{etcdctl(survivor, 'snapshot', 'save', _SAVED)} && {moved}")]
    gone = f"sudo sh -c {quoted(f'{TAKEN} && rm -rf {DATA}/member')}"
    return [*steps, *(Shell(each, gone) for each in scene.hit)]


def _restore(scene: Scene) -> Steps:
    """API servers are stopped, every member is restored by the same snapshot, and all is started again."""
    cluster, survivor = scene.cluster, _survivor(scene)
    members, others = cluster.etcd_members, tuple(scene.hit)
    every = ",".join(f"{each.name}={url(each.address, 2380)}" for each in members)
    steps: list[Step] = [
        _on_each(cluster.control_planes, lambda _: _stop_clients()),
        _on_each(members, lambda _: TAKEN),
        Carried(survivor, others, _SNAPSHOT),
        _on_each(members, lambda machine: _from_the_snapshot(machine, every)),
        _on_each(members, lambda _: PUT_BACK),
        AtOnce(tuple(Shell(each, healthy(each), manifests.RESTARTED + 30) for each in members)),
        _on_each(cluster.control_planes, lambda _: _start_clients()),
    ]
    return [*steps, AtOnce(tuple(Shell(each, "sudo systemctl restart kubelet") for each in cluster.nodes))]


def _on_each(machines: Sequence[Machine], script: Callable[[Machine], str]) -> Step:
    """A script for root, on all of them at once."""
    return AtOnce(tuple(Shell(each, f"sudo bash -c {quoted(script(each))}", _STOPS + 30) for each in machines))


def _stop_clients() -> str:
    each = "; ".join(f"test ! -e {FOLDER}/{name}.yaml || mv {FOLDER}/{name}.yaml {_STOPPED}/" for name in _CLIENTS)
    gone = "; ".join(manifests.ended(called(name), _STOPS) for name in _CLIENTS)
    return f"set -e; mkdir -p {_STOPPED}; {each}; {gone}"


def _start_clients() -> str:
    each = "; ".join(f"test ! -e {_STOPPED}/{name}.yaml || mv {_STOPPED}/{name}.yaml {FOLDER}/" for name in _CLIENTS)
    return f"set -e; {each}"


def _from_the_snapshot(machine: Machine, every: str) -> str:
    """The documented command; revisions go up, so that no client's watch goes on as if nothing had been."""
    restore = (
        f"etcdutl snapshot restore {_SNAPSHOT} --name {machine.name} --initial-cluster {every} "
        f"--initial-advertise-peer-urls {url(machine.address, 2380)} --bump-revision {BUMP} --mark-compacted "
        f"--data-dir {_RESTORED}"
    )
    return (
        f"set -e; test -s {_SNAPSHOT}; rm -rf {_RESTORED}; {restore}; "
        f"rm -rf {DATA}/member; mv {_RESTORED}/member {DATA}/; rm -rf {_RESTORED}"
    )


def revision_of_the_snapshot(scene: Scene) -> int | None:
    """What the snapshot goes up to, as etcdutl printed it; None where none was saved."""
    found = re.findall(r'"revision": ?(\d+)', "\n".join(scene.printed))
    return int(found[0]) if found else None


def _without_quorum(scene: Scene, earlier: str) -> str | NotYet:
    del earlier
    left = [each.name for each in scene.hit if each.run(f"sudo test -e {DATA}/member").ok]
    survivor = _survivor(scene)
    answered = survivor.run(etcdctl(survivor, "endpoint", "health"))
    revision = revision_of_the_snapshot(scene)
    if left or answered.ok or revision is None:
        shown = f"{survivor.name} is {'healthy' if answered.ok else 'not healthy'}; snapshot: {revision}"
        return NotYet(f"data are left on {', '.join(left) or 'none'}; {shown}")
    lost = ", ".join(scene.names)
    return f"{lost} have no data, {survivor.name} has no quorum, and the snapshot has revision {revision}"


FAULTS = (
    Fault(
        "etcd-quorum-lost-for-good", "a majority loses its data; all members are restored by a snapshot from before",
        "the leader, and a majority with it", places.etcd_majority, _lose,
        Proof("a majority has no data, and the other members no quorum", _without_quorum, within=20),
        ELECTION + NOTICED, "what the snapshot has is there, nothing else is, and old watches begin anew",
        _restore, BOOTED, (_RECOVERY, _RESTORING, _WATCHES), hold=10, spared=frozenset({Spared.ALL}), destructive=True,
        lengthy=True, mute=True, lacking=_no_program, prepare=_program, forgets=revision_of_the_snapshot,
    ),
)  # fmt: skip
"""Each of them."""
