"""Machines that lose their power one after the other: each one's cluster is healthy before the next."""

from __future__ import annotations

from dataclasses import dataclass

from provision.providers.provider import Power
from resilience.faults.bounds import BOOTED, ELECTION, KEEPALIVE, NOTICED, Bound
from resilience.faults.fault import Fault
from resilience.faults.health import wait_until_healthy
from resilience.faults.kinds.machines import no_switch
from resilience.faults.means import places
from resilience.faults.means.places import Where
from resilience.faults.means.proofs import started_anew
from resilience.faults.scene import Scene, Step, Steps, Switch, Wait

_UPGRADES = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/"
_LOST = "https://github.com/kubernetes/kubernetes/issues/54511"

_OFF = 15.0
"""Seconds that each one is off: until an election is over, and a balancer has noticed."""

_EACH = 60.0
"""Seconds that each one takes until the cluster is healthy again, as it was measured: a control is as long as all."""


@dataclass(frozen=True)
class Whole:
    """Wait until the cluster is healthy."""

    def do(self, scene: Scene) -> str:
        wait_until_healthy(scene.cluster, BOOTED.seconds)
        return ""

    def by_hand(self, scene: Scene) -> str:
        return f"./run check {scene.cluster.id}"


def _one_after_the_other(scene: Scene) -> Steps:
    steps: list[Step] = []
    for machine in scene.hit:
        one = (machine.name,)
        steps += [Switch(one, Power.OFF), Wait(_OFF), Switch(one, Power.ON), Whole()]
    return steps


def _on(scene: Scene) -> Steps:
    return [Switch(tuple(scene.names), Power.ON)]


def in_turn(name: str, place: str, where: Where, bound: Bound, holds: str, topologies: tuple[str, ...]) -> Fault:
    """Each of these machines is off for a while, in turn."""
    return Fault(
        name, "each in turn loses its power, gets it back, and the cluster is healthy before the next", place, where,
        _one_after_the_other, started_anew(), bound, holds, _on, BOOTED, (_UPGRADES, _LOST), topologies, hold=5,
        lengthy=True, lacking=no_switch, lasts=3 * (_OFF + _EACH),
    )  # fmt: skip


FAULTS = (
    in_turn(
        "control-planes-off-in-turn", "all control planes, the first one first", places.control_planes,
        ELECTION + NOTICED, "two of three go on all the while", ("external", "stacked"),
    ),
    in_turn(
        "etcd-machines-off-in-turn", "all machines of etcd", places.etcd_machines, KEEPALIVE + ELECTION + NOTICED,
        "two of three go on all the while", ("external",),
    ),
)  # fmt: skip
"""Each of them."""
