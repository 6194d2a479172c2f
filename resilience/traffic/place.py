"""Where traffic happens: a namespace of its own, and a pod for the client inside."""

from __future__ import annotations

import json
from typing import Any

import yaml

from provision.artifacts.images import AGNHOST, OFFICIAL_AGNHOST
from provision.cluster import ADMIN, Cluster
from provision.config import limits
from provision.machines.machine import Machine
from provision.util.errors import Problem, Unreachable

LABEL = "kubeadm-ha=traffic"
POD = "client"
_STARTED = 60  # seconds, for one small pod


def make(cluster: Cluster, namespace: str, machine: Machine | None) -> str:
    """Make the namespace, and the pod on a worker, where one is given; returns the pod's uid.

    What an ended process has left is removed. Raises CommandFailed.
    """
    cluster.kubectl("delete", "namespace", "-l", LABEL, "--wait=false")
    image = image_on(machine) if machine else ""
    wanted = manifests(namespace, machine.name if machine else "", image)
    cluster.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(wanted).encode())
    if machine is None:
        return ""
    cluster.kubectl_wait("-n", namespace, "--for=condition=Ready", f"pod/{POD}", limit=_STARTED)
    pod = cluster.kubectl("-n", namespace, "get", "pod", POD, "-o", "json")
    return str(json.loads(pod)["metadata"]["uid"])


def remove(cluster: Cluster, namespace: str) -> str:
    """Remove all of it, by whichever control plane answers; what remains to be typed where none does, or ""."""
    kubectl = f"kubectl delete namespace {namespace} --ignore-not-found --wait=false"
    for machine in cluster.control_planes:
        try:
            if machine.run(f"sudo {ADMIN} {kubectl}", timeout=limits.KUBECTL).ok:
                return ""
        except (Unreachable, Problem):
            continue
    return f"./run ssh {cluster.id} {cluster.control_planes[0].name} sudo {ADMIN} {kubectl}"


def image_on(machine: Machine) -> str:
    """Kubernetes' test server, as it was carried to the machine; where it was not, by the name it is pulled by."""
    there = machine.succeed("sudo ctr -n k8s.io images list -q").split()
    return AGNHOST if AGNHOST in there else OFFICIAL_AGNHOST


def manifests(namespace: str, node: str, image: str) -> list[dict[str, Any]]:
    """The namespace; and for a client on `node`, its pod, and what its service account may do. Pure."""
    name, _, value = LABEL.partition("=")
    own = {"name": POD, "namespace": namespace}
    everything: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {name: value}}}
    ]
    if not node:
        return everything
    authorization = "rbac.authorization.k8s.io"
    verbs = ["get", "list", "create", "update", "delete"]
    return [
        *everything,
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": own},
        {
            "apiVersion": f"{authorization}/v1", "kind": "Role", "metadata": own,
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}],
        },
        {
            "apiVersion": f"{authorization}/v1", "kind": "RoleBinding", "metadata": own,
            "roleRef": {"apiGroup": authorization, "kind": "Role", "name": POD},
            "subjects": [{"kind": "ServiceAccount", "name": POD, "namespace": namespace}],
        },
        {
            "apiVersion": "v1", "kind": "Pod", "metadata": own,
            "spec": {
                "nodeName": node,
                "serviceAccountName": POD,
                "terminationGracePeriodSeconds": 0,
                "tolerations": [{"operator": "Exists"}],  # it stays while its node is cut off
                "containers": [
                    {"name": POD, "image": image, "imagePullPolicy": "IfNotPresent", "args": ["pause"]}
                ],
            },
        },
    ]  # fmt: skip
