"""Planting defects on a real cluster, healing them, and waiting until nothing of them is left."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provision.cluster import ADMIN, Cluster
from provision.config.addresses import url
from provision.config.topology import Role
from provision.etcd import members
from provision.kubeadm import waits
from provision.kubeadm.readiness import is_ready
from provision.loadbalancer.haproxy import ADMIN_SOCKET
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, together
from provision.util.errors import BadInput, CommandFailed
from tests.seeded import Defect

PLANT, HEAL = "plant", "heal"

RUN = 'bash -c "$(cat)" seeded'
"""What a script is sent to: a program that reads its standard input finds it empty, and no rest of the script."""

_SCRIPT = 300
"""Seconds until a script has ended: two static pods that end and start, each with the limits of helpers.sh."""

_SETTLED = 240
"""Seconds until a healed cluster is itself again: a minute, where a static pod was started anew and waits its turn."""

_KEPT = r"sudo find /root -maxdepth 1 -regex '/root/\(kept-\|changed\).*'"


def plant(cluster: Cluster, defect: Defect) -> None:
    """Plant a defect; raises CommandFailed where its script fails, and BadInput on another topology."""
    _run(cluster, defect, PLANT)


def heal(cluster: Cluster, defect: Defect) -> None:
    """Heal a defect, also one that was planted in part; raises CommandFailed, also where something stays kept."""
    _run(cluster, defect, HEAL)
    machine = cluster.machines[defect.on]
    if left := machine.succeed(_KEPT).split():
        raise CommandFailed(f"on {machine.name}: healing {defect.name} left {' '.join(left)}", machine=machine.name)


def prepare(cluster: Cluster) -> None:
    """Spread CoreDNS: its pods start where `kubeadm init` ran, while there is no other node, and stay there.

    A cluster that was just made has this defect of its own, and it would be found beside each that is planted.
    """
    if together_on(_dns_pods(cluster)):
        cluster.kubectl("-n", "kube-system", "rollout", "restart", "deployment", "coredns")
    settled(cluster)
    if machine := together_on(_dns_pods(cluster)):
        raise CommandFailed(f"all pods of CoreDNS are on {machine}, also after they were started anew")


def together_on(pods: Sequence[Mapping[str, Any]]) -> str:
    """The node that all of several pods are on; empty where they are on different ones. Pure."""
    nodes = {each["spec"].get("nodeName", "") for each in pods}
    return "".join(nodes) if len(pods) > 1 and len(nodes) == 1 else ""


def _dns_pods(cluster: Cluster) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = cluster.get("-n", "kube-system", "pods", "-l", "k8s-app=kube-dns")["items"]
    return found


def settled(cluster: Cluster) -> None:
    """Wait until the cluster is whole: API servers, nodes, pods, members of etcd, and servers of the load balancer.

    Raises TimedOut with what is missing.
    """
    cluster.wait_until(lambda: missing(cluster), _SETTLED, f"{cluster.id} is whole", every=0.5)


def missing(cluster: Cluster) -> NotYet | None:
    """The first thing that a whole cluster has and this one does not; None where there is none."""
    answers = together(lambda machine: _missing_on(cluster, machine), cluster.machines.values())
    return next(filter(None, answers), None) or _missing_in_the_api(cluster)


def fits(cluster: Cluster, defect: Defect) -> bool:
    """Whether a cluster can have a defect."""
    return defect.fits(str(cluster.id.topology), cluster.id.load_balancer)


def _run(cluster: Cluster, defect: Defect, part: str) -> None:
    if not fits(cluster, defect):
        wanted = " with ".join(filter(None, (defect.topology, defect.balancer)))
        raise BadInput(f"{defect.name} is a defect of {wanted} clusters, and {cluster.id} is not")
    machine = cluster.machines[defect.on]
    result = machine.run(RUN, stdin=defect.script(part).encode(), timeout=_SCRIPT)
    if not result.ok:
        what = f"on {machine.name}: the script that is to {part} {defect.name} exited with {result.rc}"
        raise CommandFailed(what, answer=result.stderr or result.stdout, machine=machine.name)


# -- what a whole cluster has


def _missing_on(cluster: Cluster, machine: Machine) -> NotYet | None:
    for command in _answers(cluster, machine):
        if refused := machine.run(command).refusal:
            return NotYet(f"{machine.name}: {refused.reason}")
    if machine in cluster.control_planes and (refused := waits.api_refusal(machine)):
        return NotYet(f"{machine.name}: the API server: {refused.reason}")
    if machine in cluster.carriers and "haproxy" in cluster.balancer.programs:
        return _missing_servers(machine, [each.name for each in cluster.control_planes])
    return None


def _answers(cluster: Cluster, machine: Machine) -> Iterator[str]:
    """The commands that succeed on a machine where what runs there is healthy. The most basic ones first."""
    ask = "curl --silent --show-error --fail --insecure --output /dev/null --max-time 5"
    if machine.role in (Role.CONTROL_PLANE, Role.WORKER, Role.ETCD):
        yield "sudo ctr version"
        yield f"{ask} http://127.0.0.1:10248/healthz"
    if machine in cluster.etcd_members:
        yield members.etcdctl(machine, "endpoint", "health")
    if machine in cluster.control_planes:
        yield f"{ask} {url('127.0.0.1', 10257)}/healthz {url('127.0.0.1', 10259)}/healthz"


def _missing_servers(carrier: Machine, names: Sequence[str]) -> NotYet | None:
    answer = carrier.run(f"echo 'show stat' | sudo nc -U -N {ADMIN_SOCKET}")
    if not answer.ok:
        return answer.refusal
    found = servers(answer.stdout)
    down = [name for name in names if not found.get(name, "").startswith("UP")]
    return NotYet(f"{carrier.name}: HAProxy has not these servers up: {' '.join(down)}") if down else None


def servers(statistics: str) -> Mapping[str, str]:
    """The states of HAProxy's servers by their names, out of its own statistics. Pure."""
    rows = csv.DictReader(io.StringIO(statistics.removeprefix("# ")))
    return {row["svname"]: row["status"] for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")}


def _missing_in_the_api(cluster: Cluster) -> NotYet | None:
    kinds = "nodes,pods,deployments,daemonsets"
    command = f"sudo {ADMIN} kubectl -n kube-system get {kinds} -o json"
    answer = cluster.control_planes[0].run(command)
    if not answer.ok:
        return answer.refusal
    wrong = unready(json.loads(answer.stdout)["items"])
    seen = {each["metadata"]["name"] for each in json.loads(answer.stdout)["items"] if each["kind"] in ("Node", "Pod")}
    wrong += [f"{name} does not exist" for name in sorted(_expected(cluster) - seen)]
    return NotYet("; ".join(wrong)) if wrong else None


def _expected(cluster: Cluster) -> set[str]:
    """The names of nodes and static pods."""
    components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", *(["etcd"] * cluster.id.stacked)]
    static = {f"{name}-{machine.name}" for machine in cluster.control_planes for name in components}
    return {machine.name for machine in cluster.nodes} | static


def unready(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with nodes, pods, deployments and daemonsets of the API. Pure."""
    return [
        f"{each['kind'].lower()} {each['metadata']['name']} {why}"
        for each in items
        if (why := _WRONG[each["kind"]](each))
    ]


def _wrong_node(node: Mapping[str, Any]) -> str:
    if not is_ready(node):
        return "is not ready"
    return "takes no pods" if node["spec"].get("unschedulable") else ""


def _wrong_pod(pod: Mapping[str, Any]) -> str:
    if "deletionTimestamp" in pod["metadata"]:
        return "is being deleted"
    return "" if is_ready(pod) else "is not ready"


def _wrong_deployment(deployment: Mapping[str, Any]) -> str:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    done = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return "" if done and counts == [wanted] * 3 else "is not rolled out"


def _wrong_daemonset(daemonset: Mapping[str, Any]) -> str:
    status = daemonset["status"]
    wanted = status["desiredNumberScheduled"]
    counts = [status.get(key, 0) for key in ("updatedNumberScheduled", "numberAvailable")]
    done = status.get("observedGeneration") == daemonset["metadata"]["generation"]
    return "" if done and counts == [wanted] * 2 else "is not rolled out"


_WRONG = {
    "Node": _wrong_node,
    "Pod": _wrong_pod,
    "Deployment": _wrong_deployment,
    "DaemonSet": _wrong_daemonset,
}
