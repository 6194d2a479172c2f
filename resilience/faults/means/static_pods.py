"""One static pod of a control plane, restarted as documented: its manifest is moved away, and back.

https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#manual-certificate-renewal
"""

from __future__ import annotations

from provision.config.addresses import url
from provision.etcd.members import etcdctl
from provision.machines.machine import Machine
from resilience.faults.means.manifests import FOLDER
from resilience.faults.means.proofs import called
from resilience.faults.scene import Shell

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""The static pods of a control plane; etcd is one of them where it is stacked."""

_ASIDE = "/etc/kubernetes/aside"

_GONE = 120
"""Seconds until the process of a manifest that is gone has ended: the kubelet reads its folder every 20 s and gives a
pod 30 s (terminationGracePeriodSeconds), and the API server takes up to 30 s more where it has that delay."""

_BACK = 120  # seconds until it is ready again: the back-off after one restart is 10 s

_PORTS = {"kube-controller-manager": 10257, "kube-scheduler": 10259}


def restarted(machine: Machine, component: str) -> Shell:
    """Move its manifest away until the process is gone, and back until it is ready. A person can type it as well."""
    return Shell(machine, command(machine, component), _GONE + _BACK + 10)


def command(machine: Machine, component: str) -> str:
    """The same as one command. Pure."""
    manifest, aside = f"{FOLDER}/{component}.yaml", f"{_ASIDE}/{component}.yaml"
    gone = f"while ps -o pid= -C {called(component)} >/dev/null; do sleep 0.2; done"
    waited = f"timeout {_GONE} bash -c '{gone}'"
    back = f"timeout {_BACK} bash -c '{until_ready(machine, component)}'"
    moved = f"sudo mkdir -p {_ASIDE} && sudo mv {manifest} {aside}"
    return f"{moved} && {{ {waited}; sudo mv {aside} {manifest}; }} && {back}"


def until_ready(machine: Machine, component: str) -> str:
    """A loop of bash that ends once a component is ready. Pure."""
    return f"until {_ready(machine, component)} >/dev/null 2>&1; do sleep 0.5; done"


def _ready(machine: Machine, component: str) -> str:
    if component == "etcd":
        return etcdctl(machine, "endpoint", "health")
    if component == "kube-apiserver":
        return f"curl -fsS -m 5 --cacert /etc/kubernetes/pki/ca.crt {url(machine.address, 6443)}/readyz"
    return f"curl -fsSk -m 5 https://127.0.0.1:{_PORTS[component]}/healthz"
