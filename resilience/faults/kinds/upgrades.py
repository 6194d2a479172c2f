"""Upgrades under traffic, with and without a delay of the API server's end."""

from __future__ import annotations

import json
from collections.abc import Callable

import yaml

from provision.kubeadm import upgrading
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BOOTED, ELECTION, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.kinds.restarts import Graceful, delays_set
from resilience.faults.means import places
from resilience.faults.means.releases import apply_command, not_upgraded, target, upgrade_first, versions
from resilience.faults.scene import Call, Scene, Steps

_UPGRADE = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/"
_GRACEFUL = "https://github.com/kubernetes/kubeadm/issues/2991"
_CLUSTER_API = "https://github.com/kubernetes-sigs/cluster-api/issues/2937"

_ALL_OF_THEM = 300.0  # seconds for five nodes, measured on two processors


def _with_delay(seconds: int) -> Callable[[Scene], Steps]:
    """API servers end with a delay, now and as kubeadm writes them anew: it is in its ConfigMap, too."""

    def steps(scene: Scene) -> Steps:
        if not seconds:
            return []
        host = scene.cluster.control_planes[0]
        edit = Call(host, "kubectl edit cm -n kube-system kubeadm-config", lambda each: _configure(each, seconds))
        return [edit, *delays_set(Graceful(seconds))(scene)]

    return steps


def _configure(scene: Scene, seconds: int) -> str:
    """https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/"""
    found = scene.cluster.get("configmap", "kubeadm-config", "-n", "kube-system")["data"]["ClusterConfiguration"]
    changed = json.dumps({"data": {"ClusterConfiguration": with_delay(found, seconds)}})
    return scene.cluster.kubectl("patch", "configmap", "kubeadm-config", "-n", "kube-system", "-p", changed)


def with_delay(configuration: str, seconds: int) -> str:
    """kubeadm's ClusterConfiguration with a delay of the API server's end. Pure."""
    wanted = yaml.safe_load(configuration)
    option = {"name": "shutdown-delay-duration", "value": f"{seconds}s"}
    server = wanted.setdefault("apiServer", {}) or {}
    wanted["apiServer"] = server | {"extraArgs": [*server.get("extraArgs", []), option]}
    return yaml.safe_dump(wanted)


def _upgrade(scene: Scene) -> Steps:
    """All control planes, then the workers but the last one: on that a client's pod runs, which belongs to nothing
    that would start it elsewhere, and for which a drain ends."""
    first, *others = scene.cluster.control_planes
    steps = [Call(first, apply_command(scene), upgrade_first)]
    nodes = (*others, *scene.cluster.workers[:-1])
    return [*steps, *(Call(each, "sudo kubeadm upgrade node", _node(each)) for each in nodes)]


def _node(machine: Machine) -> Callable[[Scene], str]:
    def action(scene: Scene) -> str:
        upgrading.upgrade_node(scene.cluster, machine)
        return f"{machine.name} is upgraded"

    return action


def _at_target(scene: Scene, earlier: str) -> str | NotYet:
    found, wanted = versions(scene), target(scene.cluster)
    shown = ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
    late = [name for name in scene.names if found.get(name) != wanted]
    return NotYet(shown) if late or wanted in earlier else f"API servers: {shown}; before: {earlier}"


_UPGRADED = Proof(
    "API servers have the other version", _at_target, lambda scene: " ".join(sorted(set(versions(scene).values()))), 30
)  # fmt: skip


def _under_traffic(seconds: int) -> Fault:
    return Fault(
        f"upgraded-with-delay-{seconds}",
        f"all control planes and two workers are upgraded, with --shutdown-delay-duration={seconds}s",
        "all control planes", places.all_control_planes, _upgrade, _UPGRADED, ELECTION + NOTICED,
        "requests by the balancer go to the others", heals=BOOTED, links=(_UPGRADE, _GRACEFUL, _CLUSTER_API), hold=5,
        destructive=True, lengthy=True, lacking=not_upgraded, prepare=_with_delay(seconds), must_succeed=True,
        lasts=_ALL_OF_THEM,
    )  # fmt: skip


FAULTS = tuple(map(_under_traffic, (0, 30)))
"""Each of them."""
