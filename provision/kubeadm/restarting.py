"""Static pods started anew, as the documentation has it after their certificates were renewed.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal: "remove
its manifest file from /etc/kubernetes/manifests/ … move the file back".
"""

from __future__ import annotations

from provision.cluster import Cluster
from provision.kubeadm.waits import api_refusal
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet, wait_until

_MANIFESTS, _ASIDE = "/etc/kubernetes/manifests", "/etc/kubernetes/manifests-aside"
_LIMIT = 120


def restart_components(cluster: Cluster, machine: Machine) -> None:
    """Take the manifests of a control plane away until their containers are gone, and put them back."""
    machine.succeed(f"sudo mkdir {_ASIDE} && sudo sh -c 'mv {_MANIFESTS}/*.yaml {_ASIDE}'")
    try:
        wait_until(lambda: _still_running(machine), _LIMIT * machine.patience, f"{machine.name} runs no static pods")
    finally:
        machine.succeed(f"sudo sh -c 'mv {_ASIDE}/*.yaml {_MANIFESTS}' && sudo rmdir {_ASIDE}")
    wait_until(lambda: api_refusal(machine), _LIMIT * machine.patience, f"the API server of {machine.name} is back")
    pods = cluster.kubectl(
        "get", "pods", "-n", "kube-system", "-o", "name", "-l", "tier=control-plane",
        f"--field-selector=spec.nodeName={machine.name}",
    ).split()  # fmt: skip
    cluster.kubectl("wait", "-n", "kube-system", *pods, "--for=condition=Ready", cluster.limit(120), timeout=130)


def _still_running(machine: Machine) -> NotYet | None:
    """The static pods' processes that are left. pgrep exits with 1 where it found none, and says nothing."""
    found = machine.run("pgrep -xl 'kube-apiserver|kube-controller|kube-scheduler|etcd'")
    none = (found.rc, found.stdout.strip(), found.stderr.strip()) == (1, "", "")
    return None if none else found.refusal or NotYet(found.stdout.strip())
