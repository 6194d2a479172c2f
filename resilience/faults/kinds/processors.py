"""A machine whose pods get hardly any of its processors, as beside a busy neighbour: by a quota on their slice."""

from __future__ import annotations

import re

from provision.util.concurrency import NotYet
from resilience.faults.bounds import ELECTION, KEEPALIVE, NOTICED, RESTARTED
from resilience.faults.fault import Fault, Proof
from resilience.faults.means import places
from resilience.faults.scene import Scene, Shell, Steps

_SLICE = "kubepods.slice"  # of all pods, where the kubelet's cgroup driver is systemd's: kubeadm's default
_QUOTA = "5%"
"""Of one processor: an etcd member and an API server need some 20 % when they are idle."""

_ROOTS = ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup")
"""Where the slice is with cgroups of version 1, and of version 2."""

_THROTTLED = f"cat {' '.join(f'{root}/{_SLICE}/cpu.stat' for root in _ROOTS)} 2>/dev/null"
_LIMITS = " || ".join(
    f"test -e {root}/{_SLICE}/{file}" for root, file in zip(_ROOTS, ("cpu.cfs_quota_us", "cpu.max"), strict=True)
)


def _quota(scene: Scene, quota: str) -> Steps:
    return [Shell(scene.machine, f"sudo systemctl set-property --runtime {_SLICE} CPUQuota={quota}")]


def _starved() -> Proof:
    """The kernel had the slice wait for its quota, since the fault began."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        periods = throttled(scene.machine.run(_THROTTLED).stdout) - int(earlier)
        shown = f"the pods of {scene.machine.name} used up their quota in {periods} periods of 100 ms"
        return shown if periods > 0 else NotYet(shown)

    def before(scene: Scene) -> str:
        return str(throttled(scene.machine.run(_THROTTLED).stdout))

    return Proof("the kernel had its pods wait", seen, before)


def throttled(printed: str) -> int:
    """How often a cgroup had to wait, by its cpu.stat. Pure."""
    return sum(int(count) for count in re.findall(r"^nr_throttled (\d+)$", printed, re.MULTILINE))


def _no_quota(scene: Scene) -> str:
    """Why the kernel limits no processor time here."""
    machine = scene.cluster.etcd_members[0]
    if machine.run(_LIMITS).ok:
        return ""
    return f"no processor time is limited: {machine.name} has neither cpu.cfs_quota_us nor cpu.max of {_SLICE}"


FAULTS = (
    Fault(
        "etcd-leader-starved", f"all pods of the machine get {_QUOTA} of a processor together",
        "the machine of etcd's leader", places.etcd_leader, lambda scene: _quota(scene, _QUOTA), _starved(),
        KEEPALIVE + ELECTION + NOTICED, "another member leads, or the same one, late",
        lambda scene: _quota(scene, ""), RESTARTED,
        ("https://etcd.io/docs/v3.6/tuning/", "https://github.com/kubernetes/kubernetes/issues/54511"), hold=20,
        lacking=_no_quota,
    ),
    Fault(
        "etcd-follower-starved", f"all pods of the machine get {_QUOTA} of a processor together",
        "the machine of a follower", places.etcd_follower, lambda scene: _quota(scene, _QUOTA), _starved(),
        KEEPALIVE + ELECTION + NOTICED, "requests go to the others", lambda scene: _quota(scene, ""), RESTARTED,
        ("https://etcd.io/docs/v3.6/tuning/", "https://github.com/kubernetes/kubernetes/issues/54511"), hold=20,
        lengthy=True, lacking=_no_quota,
    ),
)  # fmt: skip
"""Each of them."""
