"""Machines whose kubeadm is ahead of the cluster, or whose kubelet is behind it, as far as the documentation allows.

Source: https://kubernetes.io/releases/version-skew-policy/ and
https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#version-skew-policy
"""

from __future__ import annotations

from provision.cluster import Cluster
from provision.machines.programs import put_program
from provision.util.concurrency import together


def give_kubeadm(cluster: Cluster) -> None:
    """Put the kubeadm that the cluster's id names on every node."""
    program = cluster.beside[cluster.id.kubeadm].folder / "kubeadm"
    together(lambda machine: put_program(machine, program), cluster.nodes)


def give_kubelets(cluster: Cluster) -> None:
    """Put the kubelets that the cluster's id names on the first workers, one each."""
    chosen = zip(cluster.workers, cluster.id.kubelets, strict=False)
    together(lambda each: put_program(each[0], cluster.beside[each[1]].folder / "kubelet"), chosen)
