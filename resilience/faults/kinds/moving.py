"""A worker that stays away until its pods move: what runs on it is started elsewhere after the documented minutes."""

from __future__ import annotations

import json
import shlex
from typing import Any

from provision.cluster import ADMIN
from provision.kubeadm.readiness import is_ready
from provision.machines.machine import Machine
from provision.providers.provider import Power
from provision.util.concurrency import NotYet
from resilience.faults.bounds import BOOTED, NOTICED
from resilience.faults.fault import Fault, Proof
from resilience.faults.kinds.machines import no_second_worker, switched
from resilience.faults.means import places
from resilience.faults.means.proofs import silent
from resilience.faults.scene import Scene, Shell, Steps
from resilience.traffic.place import image_on

_TOLERATED = "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions"
_NAME = "kubeadm-ha-moving"
_PODS = 2

_GRACE, _TOLERATION, _STARTED = 50, 300, 30
"""Seconds: the controller manager's --node-monitor-grace-period (40 before 1.32); the tolerationSeconds that admission
gives each pod; and for pods to be deleted, made elsewhere and ready."""

_WAITED = 120  # seconds for two small pods to be ready before


def _worker(scene: Scene) -> Machine:
    return places.first_worker(scene)[0]


def _kubectl(scene: Scene, arguments: str) -> Shell:
    return Shell(scene.cluster.control_planes[0], f"sudo {ADMIN} kubectl {arguments}", _WAITED + 30)


def _pods_on_the_worker(scene: Scene) -> Steps:
    """Two pods that would rather be on that worker than on another one."""
    worker = _worker(scene)
    wanted = json.dumps(deployment(worker.name, image_on(worker)), separators=(",", ":"))
    first = scene.cluster.control_planes[0]
    made = f"printf %s {shlex.quote(wanted)} | sudo {ADMIN} kubectl apply -f -"
    return [
        _kubectl(scene, f"create namespace {_NAME}"),
        Shell(first, made),
        _kubectl(scene, f"-n {_NAME} rollout status deployment {_NAME} {scene.cluster.limit(_WAITED)}"),
    ]


def deployment(worker: str, image: str) -> dict[str, Any]:
    """Pods for a worker; another one will do. Pure."""
    here = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [worker]}]}
    prefers = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "preference": here}]}
    container = {"name": "pause", "image": image, "imagePullPolicy": "IfNotPresent", "args": ["pause"]}
    labels = {"app": _NAME}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": _NAME, "namespace": _NAME},
        "spec": {
            "replicas": _PODS,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"affinity": {"nodeAffinity": prefers}, "containers": [container]},
            },
        },
    }  # fmt: skip


def _removed(scene: Scene) -> Steps:
    return [_kubectl(scene, f"delete namespace {_NAME} --ignore-not-found --wait=false")]


def _moved() -> Proof:
    """All of its pods are ready elsewhere, and there were some on it before."""

    def before(scene: Scene) -> str:
        return " ".join(_ready(scene, on=True))

    def seen(scene: Scene, earlier: str) -> str | NotYet:
        now = _ready(scene, on=False)
        if not earlier or len(now) < _PODS:
            return NotYet(f"{scene.machine.name} had {earlier or 'none'}; ready elsewhere: {' '.join(now) or 'none'}")
        return f"{earlier} of {scene.machine.name} were replaced: ready elsewhere are {' '.join(now)}"

    return Proof("its pods run elsewhere", seen, before, within=60)


def _ready(scene: Scene, *, on: bool) -> list[str]:
    """The pods that are ready and stay, on the machine that is hit, or elsewhere."""
    pods = scene.cluster.get("pods", "-n", _NAME)["items"]
    staying = [each for each in pods if "deletionTimestamp" not in each["metadata"] and is_ready(each)]
    return [each["metadata"]["name"] for each in staying if (each["spec"]["nodeName"] == scene.machine.name) is on]


FAULTS = (
    Fault(
        "worker-off-until-its-pods-move", "the power is cut, and comes back when its pods run elsewhere",
        "the first worker", places.first_worker, switched(Power.OFF), silent(), NOTICED,
        "no request is lost, and its pods run elsewhere after five minutes", switched(Power.ON), BOOTED, (_TOLERATED,),
        hold=_GRACE + _TOLERATION + _STARTED, lengthy=True, lacking=no_second_worker, prepare=_pods_on_the_worker,
        restore=_removed, must=_moved(),
    ),
)  # fmt: skip
"""Each of them."""
