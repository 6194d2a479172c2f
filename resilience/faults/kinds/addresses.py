"""The virtual address of a load balancer: it moves when its holder, or what runs there, is gone."""

from __future__ import annotations

from provision.config.balancers import Balancer
from provision.providers.provider import Power
from provision.util.concurrency import NotYet
from resilience.faults.bounds import ADVERTS, BOOTED, ELECTION, NOTICED, RESTARTED, TRACKED
from resilience.faults.fault import Fault, Proof, none
from resilience.faults.kinds.balancer import no_balancer
from resilience.faults.kinds.machines import no_switch, switched
from resilience.faults.means import places, programs
from resilience.faults.means.proofs import another_process, both, ended, silent
from resilience.faults.scene import Scene

_CONSIDERATIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"
_FAILOVER = "https://github.com/kubernetes/kubernetes/issues/77850"
_PROXY, _KEEPALIVED = "haproxy", "keepalived"


def _virtual(kind: Balancer) -> bool:
    return kind.virtual


def _moved() -> Proof:
    """Another machine has the address."""

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        address, hit = scene.cluster.endpoint.address, scene.machine
        others = [each for each in scene.cluster.carriers if each is not hit]
        now = [each.name for each in others if places.holds(each, address)]
        return f"{address} is on {' '.join(now)}, and was on {hit.name}" if now else NotYet(f"it is on {hit.name}")

    return Proof("another machine has the virtual address", seen, within=TRACKED.seconds + ADVERTS.seconds)


_HOLDER = ("the machine that has the virtual address", places.balancer)
_GONE = ADVERTS + NOTICED

FAULTS = (
    Fault(
        "virtual-address-holder-off", "the power is cut, and comes back", *_HOLDER, switched(Power.OFF),
        both(silent(), _moved()), ADVERTS + ELECTION + NOTICED, "the address moves", switched(Power.ON), BOOTED,
        (_FAILOVER, _CONSIDERATIONS), hold=15, lacking=no_switch, kinds=_virtual,
    ),
    Fault(
        "virtual-address-given-up", "keepalived is stopped, and started again", *_HOLDER,
        lambda scene: [programs.stop(scene, _KEEPALIVED)], both(ended(_KEEPALIVED), _moved()), _GONE,
        "the address moves, and comes back", lambda scene: [programs.start(scene, _KEEPALIVED)], RESTARTED,
        (_CONSIDERATIONS,), hold=10, spared=frozenset(), lacking=no_balancer, kinds=_virtual,
    ),
    Fault(
        "virtual-address-without-a-proxy", "HAProxy is stopped where the address is, and started again", *_HOLDER,
        lambda scene: [programs.stop(scene, _PROXY)], both(ended(_PROXY), _moved()), TRACKED + _GONE,
        "keepalived's script notices, and the address moves", lambda scene: [programs.start(scene, _PROXY)], RESTARTED,
        (_CONSIDERATIONS,), hold=15, spared=frozenset(), lacking=no_balancer, kinds=_virtual,
    ),
    Fault(
        "keepalived-killed", "SIGKILL of keepalived, which leaves the address there; then it is started", *_HOLDER,
        lambda scene: [programs.kill(scene, _KEEPALIVED)], ended(_KEEPALIVED), _GONE,
        "two machines may have the address, and each has a proxy",
        lambda scene: [programs.start(scene, _KEEPALIVED)], RESTARTED, (_CONSIDERATIONS,), hold=10, spared=frozenset(),
        lacking=no_balancer, kinds=_virtual,
    ),
    Fault(
        "keepalived-restarted", "keepalived is restarted by systemd, or by the kubelet", *_HOLDER,
        lambda scene: [programs.restart(scene, _KEEPALIVED)], another_process(_KEEPALIVED, 15), _GONE,
        "the address is gone for seconds, or moves", none, links=(_CONSIDERATIONS,), spared=frozenset(),
        lacking=no_balancer, kinds=_virtual,
    ),
)  # fmt: skip
"""Each of them."""
