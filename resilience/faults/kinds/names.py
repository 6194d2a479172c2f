"""The endpoint's name, which machines no longer find: it is gone from DNS, or what serves it is."""

from __future__ import annotations

from provision.cluster import ADMIN
from provision.config.addresses import url
from provision.config.balancers import API_SERVER_PORT
from provision.loadbalancer.dns import CONFIGURATION
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults import health
from resilience.faults.bounds import REQUESTS, RESTARTED
from resilience.faults.fault import Fault, Proof
from resilience.faults.means.proofs import both, ended
from resilience.faults.scene import Scene, Shell, Steps

_ENDPOINT = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#create-load-balancer-for-kube-apiserver"
_RUNBOOK = "https://github.com/kubernetes/kubernetes/issues/54511"
_AWAY = "/etc/cluster.conf.before-the-fault"  # beside the folder of dnsmasq, which reads all that is in it

_HELD = 60.0
"""Seconds: longer than a node may be silent (--node-monitor-grace-period is 50 s)."""


def _server(scene: Scene) -> Machine:
    return scene.cluster.outside[0]


def _no_server(scene: Scene) -> str:
    """Why no machine of ours serves the endpoint's name."""
    state = scene.cluster.state
    if state.own_dns and not state.your_machines:
        return ""
    return "no machine of this cluster serves the endpoint's name: the machines know it by themselves"


def _remove(scene: Scene) -> Steps:
    name = scene.cluster.endpoint.name.replace(".", r"\.")
    change = f"sudo cp -p {CONFIGURATION} {_AWAY} && sudo sed -i '/^host-record={name},/d' {CONFIGURATION}"
    return [Shell(_server(scene), f"{change} && sudo systemctl restart dnsmasq")]


def _put_back(scene: Scene) -> Steps:
    back = f"sudo mv {_AWAY} {CONFIGURATION} && sudo systemctl restart dnsmasq"
    return [Shell(_server(scene), f"sudo test ! -e {_AWAY} || {{ {back}; }}")]


def _kill(scene: Scene) -> Steps:
    return [Shell(_server(scene), "sudo systemctl kill --signal=KILL dnsmasq")]


def _start(scene: Scene) -> Steps:
    return [Shell(_server(scene), "sudo systemctl reset-failed dnsmasq; sudo systemctl start dnsmasq")]


def _unknown() -> Proof:
    """No node finds the name, which each of them found before."""

    def found(scene: Scene) -> list[str]:
        name = scene.cluster.endpoint.name
        return [each.name for each in scene.cluster.nodes if each.run(f"getent hosts {name}").ok]

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = found(scene)
        if now or not earlier:
            return NotYet(f"found by {', '.join(now) or 'none'}, and by {earlier or 'none'} before")
        return f"{scene.cluster.endpoint.name} is found by no node, and was found by {earlier}"

    return Proof("no node finds the name", seen, lambda scene: ", ".join(found(scene)), within=15)


def _whole() -> Proof:
    """Nodes renew their leases on connections that they have, and nothing is restarted.

    The request goes to an API server's address: kubectl as it is configured goes by the name, and finds nothing.
    """

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        del earlier
        one = scene.cluster.control_planes[0]
        server = f"--server={url(one.address, API_SERVER_PORT)}"
        answered = one.run(f"sudo {ADMIN} kubectl {server} {' '.join(health.LISTING)}")
        return health.unready(scene.cluster, answered) or "all nodes and pods are ready without the name"

    return Proof("all nodes and pods are ready without the name", seen, within=20)


FAULTS = (
    Fault(
        "endpoint-name-gone", "the name is removed from DNS, which says that there is no such name; then it is back",
        "the name server", lambda scene: [_server(scene)], _remove, _unknown(), REQUESTS,
        "connections that exist go on: no request is lost, and no node is", _put_back, RESTARTED, (_ENDPOINT, _RUNBOOK),
        hold=_HELD, spared=frozenset(), lengthy=True, lacking=_no_server, must=_whole(),
    ),
    Fault(
        "name-server-killed", "SIGKILL of dnsmasq, which nothing starts again; then it is started", "the name server",
        lambda scene: [_server(scene)], _kill, both(ended("dnsmasq"), _unknown()), REQUESTS,
        "connections that exist go on: no request is lost, and no node is", _start, RESTARTED, (_ENDPOINT, _RUNBOOK),
        hold=_HELD, spared=frozenset(), lengthy=True, lacking=_no_server, must=_whole(),
    ),
)  # fmt: skip
"""Each of them."""
