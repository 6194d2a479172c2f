"""The load balancer's proxy: killed, restarted, and cut off from what is behind it."""

from __future__ import annotations

from collections.abc import Callable

from provision.config.balancers import API_SERVER_PORT, Balancer
from provision.config.options import CONTAINER
from provision.machines.machine import Machine
from resilience.faults.bounds import CHECKS, NOTICED, RESTARTED, UNIT
from resilience.faults.fault import Fault, Proof, Spared, none
from resilience.faults.means import places, programs, rules
from resilience.faults.means.proofs import another_process, ended, packets
from resilience.faults.scene import Scene, Shell, Step, Steps

_CONSIDERATIONS = "https://github.com/kubernetes/kubeadm/blob/main/docs/ha-considerations.md"
_GRACEFUL = "https://github.com/kubernetes/kubeadm/issues/2991"
_CLUSTER_API = "https://github.com/kubernetes-sigs/cluster-api/issues/2937"
_NGINX = "https://sources.debian.org/src/nginx/1.22.1-9/debian/nginx-common.nginx.service/"
_FLAPS = 3


def no_balancer(scene: Scene) -> str:
    """Why there is no load balancer of ours."""
    yours = scene.cluster.state.your_machines
    return "the machines' own load balancer is left alone" if yours else ""


def forwards(program: str) -> Callable[[Balancer], bool]:
    """Kinds that forward by this program."""
    return lambda kind: kind.programs[0] == program


def _no_cut(scene: Scene) -> str:
    return no_balancer(scene) or rules.without_rules(scene)


def no_haproxy(scene: Scene) -> str:
    """Why HAProxy is not a unit of one machine here."""
    cluster = scene.cluster
    alone = "haproxy" in cluster.balancer.services and cluster.balancer.machines == 1
    return "" if alone and cluster.state.provider == CONTAINER else "the balancer is not HAProxy on one machine of ours"


def _kill(scene: Scene) -> Steps:
    return [programs.kill(scene, programs.proxy(scene))]


def _start(scene: Scene) -> Steps:
    return [programs.start(scene, programs.proxy(scene))]


def _restart(scene: Scene) -> Steps:
    return [programs.restart(scene, programs.proxy(scene))]


def _another_proxy() -> Proof:
    """Another process forwards, whatever the program is."""

    def of(scene: Scene) -> Proof:
        return another_process(programs.proxy(scene), 15)

    what = "the proxy's process is gone, and another one runs"
    return Proof(what, lambda scene, earlier: of(scene).seen(scene, earlier), lambda scene: of(scene).before(scene), 15)


def _behind(scene: Scene) -> Machine:
    """The first API server on another machine than the balancer's."""
    return next(each for each in scene.cluster.control_planes if each is not scene.machine)


def _cut(scene: Scene) -> Steps:
    return rules.dropping(scene.machine, rules.towards(_behind(scene), API_SERVER_PORT))


def _flap(scene: Scene) -> Steps:
    """Cut and let through again, for as long as the balancer takes to notice each."""
    found: list[Step] = []
    for number in range(_FLAPS):
        last = number == _FLAPS - 1
        found += [*_cut(scene), Shell(scene.machine, f"sleep {CHECKS.seconds:.0f}")]
        found += [] if last else [*rules.cleared(scene.machine), Shell(scene.machine, "sleep 2")]
    return found


def _clear(scene: Scene) -> Steps:
    return rules.cleared(scene.machine)


_ONE = ("the balancer's machine, or the one that has the virtual address", places.balancer)

FAULTS = (
    Fault(
        "balancer-killed", "SIGKILL of HAProxy, master and worker", *_ONE, _kill, _another_proxy(), UNIT + NOTICED,
        "systemd, or the kubelet, starts it again", _start, links=(_CONSIDERATIONS,), spared=frozenset(),
        lacking=no_balancer, kinds=forwards("haproxy"),
    ),
    Fault(
        "nginx-killed", "SIGKILL of nginx, which Debian's unit does not have started again; then it is started", *_ONE,
        _kill, ended("nginx"), UNIT + NOTICED, "requests go on when it is started", _start, RESTARTED, (_NGINX,),
        lacking=no_balancer, kinds=forwards("nginx"), spared=frozenset({Spared.BALANCER}),
    ),
    Fault(
        "balancer-restarted", "the proxy is restarted by systemd, or by the kubelet", *_ONE, _restart, _another_proxy(),
        UNIT + NOTICED, "requests go on within seconds", none, links=(_CONSIDERATIONS,), lacking=no_balancer,
        spared=frozenset(),
    ),
    Fault(
        "balancer-cut-from-an-api-server", "the balancer's packets to the first API server elsewhere are dropped",
        *_ONE, _cut, packets(), NOTICED, "requests go to the others", _clear, hold=15, links=(_GRACEFUL, _CLUSTER_API),
        lacking=_no_cut, spared=frozenset(),
    ),
    Fault(
        "backend-flapping", f"the same {_FLAPS} times, for as long as the balancer takes to notice", *_ONE, _flap,
        packets(), NOTICED, "requests go to the others", _clear, hold=3, links=(_CLUSTER_API,), lacking=_no_cut,
        spared=frozenset(), lengthy=True,
    ),
)  # fmt: skip
"""Each of them."""
