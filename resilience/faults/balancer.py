"""The load balancer: killed, restarted, and cut off from what is behind it."""

from __future__ import annotations

from provision.config.balancers import API_SERVER_PORT
from provision.config.options import CONTAINER
from resilience.faults import places, rules
from resilience.faults.bounds import CHECKS, NOTICED, UNIT
from resilience.faults.fault import Fault, none
from resilience.faults.proofs import another_process, packets
from resilience.faults.scene import Scene, Shell, Step, Steps

_CONSIDERATIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"
_GRACEFUL = "https://github.com/kubernetes/kubeadm/issues/2991"
_CLUSTER_API = "https://github.com/kubernetes-sigs/cluster-api/issues/2937"
_FLAPS = 3


def no_haproxy(scene: Scene) -> str:
    """Why HAProxy is not a unit of one machine here."""
    cluster = scene.cluster
    alone = "haproxy" in cluster.balancer.services and cluster.balancer.machines == 1
    return "" if alone and cluster.state.provider == CONTAINER else "the balancer is not HAProxy on one machine of ours"


def _no_cut(scene: Scene) -> str:
    return no_haproxy(scene) or rules.without_rules(scene)


def _kill(scene: Scene) -> Steps:
    return [Shell(scene.machine, "sudo systemctl kill --signal=KILL haproxy")]


def _start(scene: Scene) -> Steps:
    """Started again where systemd has given up; nothing where it runs."""
    return [Shell(scene.machine, "sudo systemctl reset-failed haproxy; sudo systemctl start haproxy")]


def _restart(scene: Scene) -> Steps:
    return [Shell(scene.machine, "sudo systemctl restart haproxy")]


def _cut(scene: Scene) -> Steps:
    return rules.dropping(scene.machine, rules.towards(scene.cluster.control_planes[0], API_SERVER_PORT))


def _flap(scene: Scene) -> Steps:
    """Cut and let through again, for as long as HAProxy takes to notice each."""
    found: list[Step] = []
    for number in range(_FLAPS):
        last = number == _FLAPS - 1
        found += [*_cut(scene), Shell(scene.machine, f"sleep {CHECKS.seconds:.0f}")]
        found += [] if last else [*rules.cleared(scene.machine), Shell(scene.machine, "sleep 2")]
    return found


def _clear(scene: Scene) -> Steps:
    return rules.cleared(scene.machine)


_ONE = ("the balancer's machine", places.balancer)

FAULTS = (
    Fault(
        "balancer-killed", "SIGKILL of HAProxy, master and worker", *_ONE, _kill, another_process("haproxy", 10),
        UNIT + NOTICED, "systemd starts it again", _start, links=(_CONSIDERATIONS,), lacking=no_haproxy,
        spared=frozenset(),
    ),
    Fault(
        "balancer-restarted", "HAProxy is restarted by systemd", *_ONE, _restart, another_process("haproxy", 10),
        UNIT + NOTICED, "requests go on within seconds", none, links=(_CONSIDERATIONS,), lacking=no_haproxy,
        spared=frozenset(),
    ),
    Fault(
        "balancer-cut-from-an-api-server", "the balancer's packets to the first API server are dropped", *_ONE, _cut,
        packets(), NOTICED, "requests go to the others", _clear, hold=15, links=(_GRACEFUL, _CLUSTER_API),
        lacking=_no_cut, spared=frozenset(),
    ),
    Fault(
        "backend-flapping", f"the same {_FLAPS} times, for as long as the balancer takes to notice", *_ONE, _flap,
        packets(), NOTICED, "requests go to the others", _clear, hold=3, links=(_CLUSTER_API,), lacking=_no_cut,
        spared=frozenset(), lengthy=True,
    ),
)  # fmt: skip
"""Each of them."""
