"""A control plane's static pods, started anew: their manifests are moved away and back.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal:
"remove its manifest file from /etc/kubernetes/manifests/ … move the file back".
"""

from __future__ import annotations

from provision.cluster import Cluster
from provision.config import limits
from provision.kubeadm.waits import api_refusal
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet

_MANIFESTS, _ASIDE = "/etc/kubernetes/manifests", "/etc/kubernetes/manifests-aside"


def restart(cluster: Cluster, machine: Machine) -> None:
    """Take the manifests of a control plane away until their containers are gone, and put them back."""
    machine.succeed(f"sudo mkdir {_ASIDE} && sudo sh -c 'mv {_MANIFESTS}/*.yaml {_ASIDE}'")
    try:
        cluster.wait_until(lambda: still_running(machine), limits.RESTART, f"{machine.name} runs no static pods")
    finally:
        machine.succeed(f"sudo sh -c 'mv {_ASIDE}/*.yaml {_MANIFESTS}' && sudo rmdir {_ASIDE}")
    cluster.wait_until(lambda: api_refusal(machine), limits.RESTART, f"the API server of {machine.name} is back")
    node = f"--field-selector=spec.nodeName={machine.name}"
    pods = cluster.kubectl("get", "pods", "-n", "kube-system", "-o", "name", "-l", "tier=control-plane", node).split()
    cluster.kubectl_wait("-n", "kube-system", *pods, "--for=condition=Ready", limit=limits.RESTART)


def still_running(machine: Machine) -> NotYet | None:
    """The static pods' processes that are left. ps exits with 1 where it found none, and prints nothing.

    pgrep prints a warning where it found none by a pattern of more than 15 characters. The kernel cuts names at 15.
    """
    found = machine.run("ps -o comm= -C kube-apiserver,kube-controller,kube-scheduler,etcd")
    none = (found.rc, found.stdout.strip(), found.stderr.strip()) == (1, "", "")
    return None if none else found.refusal or NotYet(found.stdout.strip())
