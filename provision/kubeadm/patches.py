"""Patches of what kubeadm writes: a folder of files, one a target and kind of patch.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/control-plane-flags/#patches
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from provision.cluster import Cluster
from provision.machines.machine import Machine

FOLDER = "patches"
"""In the login user's home."""

ANNOTATION = "kubeadm-ha.test/patched"
_ANNOTATED = {"metadata": {"annotations": {ANNOTATION: "yes"}}}
_SCHEDULER = {"spec": {"containers": [{"name": "kube-scheduler", "resources": {"requests": {"cpu": "50m"}}}]}}
# Not all annotations: kubeadm itself reads where etcd listens from one of them.
_JSON = [{"op": "add", "path": f"/metadata/annotations/{ANNOTATION.replace('/', '~1')}", "value": "yes"}]

MOST_PODS = 87
_KUBELET = {"maxPods": MOST_PODS}


def files(*, stacked: bool) -> Mapping[str, str]:
    """Every target of a joining control plane, and every kind of patch: name → content. Pure."""
    etcd = {"etcd+json.json": json.dumps(_JSON)} if stacked else {}
    return {
        "kube-apiserver.json": json.dumps(_ANNOTATED),
        "kube-controller-manager+merge.json": json.dumps(_ANNOTATED),
        "kube-scheduler0+strategic.json": json.dumps(_ANNOTATED),
        "kube-scheduler1+strategic.json": json.dumps(_SCHEDULER),
        "kubeletconfiguration+merge.json": json.dumps(_KUBELET),
        **etcd,
    }


def put(cluster: Cluster, machine: Machine) -> str:
    """Put the files on a machine; returns the option of kubeadm that names their folder."""
    for name, content in files(stacked=cluster.id.stacked).items():
        machine.put(f"{FOLDER}/{name}", content)
    return f"--patches {FOLDER}"
