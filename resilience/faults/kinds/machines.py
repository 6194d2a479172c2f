"""Machines that are switched off and on again, or paused."""

from __future__ import annotations

from collections.abc import Callable

from provision.config.balancers import Balancer
from provision.config.options import CONTAINER
from provision.providers.provider import Power
from resilience.faults.bounds import BOOTED, ELECTION, KEEPALIVE, NOTICED, Bound, lasting
from resilience.faults.fault import Fault, Proof, Spared, every
from resilience.faults.means import places
from resilience.faults.means.places import Where
from resilience.faults.means.proofs import off, silent
from resilience.faults.scene import Scene, Steps, Switch

_LOST = "https://github.com/kubernetes/kubernetes/issues/54511"
_CONSIDERATIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"


def switched(power: Power) -> Callable[[Scene], Steps]:
    """The machines that are hit."""
    return lambda scene: [Switch(tuple(scene.names), power)]


def no_switch(scene: Scene) -> str:
    """Why machines cannot be switched from outside."""
    provider = scene.cluster.state.provider
    return "" if provider == CONTAINER else f"machines of the provider {provider} are not switched off from here"


def _alone(kind: Balancer) -> bool:
    """One machine that only balances."""
    return kind.machines == 1


def no_second_worker(scene: Scene) -> str:
    """Why no worker can be spared: traffic from a pod is on the last one."""
    return no_switch(scene) or ("" if len(scene.cluster.workers) > 1 else "the cluster has one worker or none")


def power_off(
    name: str, place: str, where: Where, bound: Bound, holds: str,
    spared: frozenset[Spared] = frozenset({Spared.HIT}), topologies: tuple[str, ...] = ("external", "stacked"),
    proof: Proof | None = None, lengthy: bool = False, lacking: Callable[[Scene], str] = no_switch,
    links: tuple[str, ...] = (_LOST,), mute: bool = False, kinds: Callable[[Balancer], bool] = every,
) -> Fault:  # fmt: skip
    """Machines lose their power, and get it back."""
    return Fault(
        name, "the power is cut, and comes back", place, where, switched(Power.OFF), proof or silent(), bound, holds,
        switched(Power.ON), BOOTED, links, topologies, hold=15, spared=spared, lacking=lacking, lengthy=lengthy,
        mute=mute, kinds=kinds,
    )  # fmt: skip


_MEMBER = ELECTION + NOTICED
_OF_ETCD = KEEPALIVE + ELECTION + NOTICED

FAULTS = (
    power_off(
        "first-control-plane-off", "the first control plane", places.first_control_plane, _MEMBER,
        "the others go on, the first one or not",
    ),
    power_off(
        "last-control-plane-off", "the last control plane", places.last_control_plane, _MEMBER, "the others go on",
        lengthy=True,
    ),
    power_off(
        "etcd-leader-off", "the machine of etcd's leader", places.etcd_leader, _MEMBER, "another member leads",
        topologies=("stacked",), lengthy=True,
    ),
    power_off(
        "etcd-leader-machine-off", "the machine of etcd's leader", places.etcd_leader, _OF_ETCD, "another member leads",
        topologies=("external",),
    ),
    power_off(
        "balancer-off", "the balancer's machine", places.balancer, NOTICED, "API servers go on behind it",
        frozenset({Spared.BALANCER}), kinds=_alone, links=(_CONSIDERATIONS,),
    ),
    power_off(
        "worker-off", "the first worker", places.first_worker, NOTICED, "no request is lost", lengthy=True,
        lacking=no_second_worker,
    ),
    power_off(
        "everything-off", "all machines at once", places.everything, lasting(15) + BOOTED,
        "all that was acknowledged is there afterwards", frozenset({Spared.ALL}), proof=off(), lengthy=True, mute=True,
    ),
    Fault(
        "first-control-plane-paused", "the machine stands still for 15 s", "the first control plane",
        places.first_control_plane, switched(Power.PAUSED), silent(), _MEMBER, "the others go on",
        switched(Power.RESUMED), BOOTED, ("https://aphyr.com/posts/318-jepsen-mongodb-stale-reads",), hold=15,
        lacking=no_switch,
    ),
    Fault(
        "etcd-leader-paused", "the machine stands still for 30 s", "the machine of etcd's leader", places.etcd_leader,
        switched(Power.PAUSED), silent(), _OF_ETCD, "another member leads; the old one notices that it does not",
        switched(Power.RESUMED), BOOTED, ("https://jepsen.io/analyses/etcd-3.4.3",), hold=30, lengthy=True,
        lacking=no_switch,
    ),
)  # fmt: skip
"""Each of them."""
