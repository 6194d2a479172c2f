"""API servers that are restarted one by one: by how long each goes on once it is to end, and how it is checked.

kubeadm#2991 and cluster-api#2937 ask for `--shutdown-delay-duration`, and wait for figures of what it changes.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from provision.config.balancers import Check
from provision.loadbalancer import haproxy
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together
from resilience.faults.bounds import BACKED_OFF, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.kinds.balancer import no_haproxy
from resilience.faults.means import manifests, places
from resilience.faults.means.static_pods import restarted, until_ready
from resilience.faults.scene import Call, Scene, Steps

_GRACEFUL = "https://github.com/kubernetes/kubeadm/issues/2991"
_CLUSTER_API = "https://github.com/kubernetes-sigs/cluster-api/issues/2937"
_ENDPOINTS = "https://kubernetes.io/docs/reference/using-api/health-checks/"
_OPTION = "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/"

_API = "kube-apiserver"
_MANIFEST, _BEFORE = manifests.of(_API)
_GRACE = 30
"""Seconds that a pod has to end where it does not say otherwise (terminationGracePeriodSeconds), static ones too."""

_STARTED = 30  # seconds until another process is ready, measured on two processors
_DELAYED = 180  # seconds until an API server runs with another manifest: its own delay, and what a start takes


@dataclass(frozen=True)
class Graceful:
    """How API servers end: for so many seconds after the signal they go on, and the kubelet waits so long for them."""

    delay: int
    grace: int = _GRACE

    @property
    def name(self) -> str:
        """As part of a fault's name."""
        longer = f"-and-{self.grace}-s-to-end" if self.grace != _GRACE else ""
        return f"delay-{self.delay}{longer}"

    @property
    def what(self) -> str:
        """In words."""
        longer = f", and the pod has {self.grace} s to end" if self.grace != _GRACE else ""
        return f"--shutdown-delay-duration={self.delay}s{longer}"

    @property
    def edit(self) -> str:
        """What sed does to the manifest; "" where it stays as kubeadm wrote it. Pure."""
        option = rf"-e '/^    - {_API}$/a\    - --shutdown-delay-duration={self.delay}s'" if self.delay else ""
        longer = rf"-e '/^spec:$/a\  terminationGracePeriodSeconds: {self.grace}'" if self.grace != _GRACE else ""
        return " ".join(filter(None, (option, longer)))


def delayed(graceful: Graceful, machine: Machine) -> str:
    """Have an API server end so, and wait until it runs and is ready. Pure."""
    change = f"cp -p {_MANIFEST} {_BEFORE} && sed {graceful.edit} {_BEFORE} > {_BEFORE}.new"
    runs = f"until pgrep -xa {_API} | grep -q -e --shutdown-delay-duration={graceful.delay}s; do sleep 0.5; done"
    ready = f"timeout {_DELAYED} bash -c '{runs}; {until_ready(machine, _API)}'"
    return f"sudo sh -c {shlex.quote(f'{change} && mv {_BEFORE}.new {_MANIFEST}')} && {ready}"


def as_before(machine: Machine) -> str:
    """Put its manifest back, where it was changed. Pure."""
    runs = f"while pgrep -xa {_API} | grep -q -e --shutdown-delay-duration; do sleep 0.5; done"
    ready = f"timeout {_DELAYED} bash -c '{runs}; {until_ready(machine, _API)}'"
    return f"sudo test ! -e {_BEFORE} || {{ sudo mv {_BEFORE} {_MANIFEST} && {ready}; }}"


def delays_set(graceful: Graceful) -> Callable[[Scene], Steps]:
    """All API servers end so; nothing is done where they are as kubeadm makes them."""
    return lambda scene: _on_all(scene, lambda each: delayed(graceful, each)) if graceful.edit else []


def delays_gone(scene: Scene) -> Steps:
    """All API servers end as kubeadm makes them."""
    return _on_all(scene, as_before)


def _on_all(scene: Scene, typed: Callable[[Machine], str]) -> Steps:
    """At once on all control planes: no traffic goes on meanwhile."""
    planes = scene.cluster.control_planes

    def action(scene: Scene) -> str:
        del scene
        return "".join(together(lambda each: each.succeed(typed(each), timeout=_DELAYED + 20), planes))

    return [Call(planes[0], f"{typed(planes[0])}  # and so on the others", action)]


def checked(check: Check) -> Callable[[Scene], Steps]:
    """HAProxy checks API servers so."""

    def steps(scene: Scene) -> Steps:
        machine = scene.cluster.carriers[0]
        typed = f"sudo systemctl reload haproxy  # with another check in {haproxy.CONFIGURATION}"
        return [Call(machine, typed, lambda scene: _check(scene, machine, check))]

    return steps


def _check(scene: Scene, machine: Machine, check: Check) -> str:
    cluster = scene.cluster
    text = haproxy.render(
        cluster.endpoint.port, cluster.control_planes, cluster.patience, check=check, family=cluster.family
    )  # fmt: skip
    machine.put(haproxy.CONFIGURATION, text)
    return machine.succeed(f"{haproxy.CHECKED} && sudo systemctl reload haproxy")


def restart(scene: Scene) -> Steps:
    """Every API server is restarted, one after the other."""
    return [restarted(each, _API) for each in scene.hit]


def other_processes(component: str, option: str = "") -> Proof:
    """On every machine that is hit another process does the work of a component, with an option where one is given."""

    def read(scene: Scene) -> dict[str, str]:
        return {each.name: each.run(f"pgrep -xa {component}").stdout.strip() for each in scene.hit}

    def before(scene: Scene) -> str:
        return " ".join(f"{name}={shown.split()[0]}" for name, shown in read(scene).items() if shown)

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = read(scene)
        known = dict(each.split("=") for each in earlier.split())
        same = [name for name, shown in now.items() if not shown or shown.split()[0] == known.get(name, "")]
        lacking = [name for name, shown in now.items() if option not in shown]
        if same or lacking or len(known) < len(now):
            return NotYet(f"no other process on {', '.join(same) or 'none'}; without {option} {', '.join(lacking)}")
        return "; ".join(f"{name}: process {shown.split()[0]}, was {known[name]}" for name, shown in now.items())

    return Proof(f"every {component} is another process", seen, before, within=5)


_CHECKS = {
    Check.HEALTH: ("health-check", "a request to /healthz, as kubeadm's page on load balancers has it"),
    Check.READY: ("ready-check", "a request to /readyz"),
    Check.TCP: ("tcp-check", "a TCP connection"),
}

GRACEFUL = (Graceful(0), Graceful(10), Graceful(30), Graceful(30, 60))
"""None; one longer than the balancer's two checks; one as long as the kubelet waits; and one that it waits out."""


def _fault(graceful: Graceful, check: Check) -> Fault:
    word, words = _CHECKS[check]
    option = f"--shutdown-delay-duration={graceful.delay}s" if graceful.delay else ""
    configured, put_back = checked(check), checked(Check.HEALTH)
    return Fault(
        f"api-servers-restarted-{graceful.name}-{word}",
        f"every API server is restarted, one by one, with {graceful.what}; the balancer checks by {words}",
        "all control planes", places.all_control_planes, restart, other_processes(_API, option), NOTICED,
        "requests by the balancer go to the others", heals=BACKED_OFF, hold=5, lengthy=True, must_succeed=True,
        lasts=3 * (graceful.delay + _STARTED), links=(_GRACEFUL, _CLUSTER_API, _ENDPOINTS, _OPTION), lacking=no_haproxy,
        prepare=lambda scene: [*configured(scene), *delays_set(graceful)(scene)],
        restore=lambda scene: [*put_back(scene), *delays_gone(scene)],
    )  # fmt: skip


FAULTS = tuple(_fault(graceful, check) for graceful in GRACEFUL for check in _CHECKS)
"""Each of them."""
