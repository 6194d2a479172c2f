"""What host workarounds (`provision.node.host_workarounds`) change about kubeadm's commands, and after them."""

from __future__ import annotations

from provision.cluster import ADMIN, Cluster
from provision.kubeadm import configuration
from provision.machines.machine import piped


def with_workarounds(cluster: Cluster, command: str) -> str:
    """A kubeadm command line with the option that this host makes necessary, if any. Pure."""
    if "cgroup-v1" in cluster.workarounds:
        return f"{command} --ignore-preflight-errors {cluster.facts.system_check}"
    return command


def let_kube_proxy_start(cluster: Cluster) -> None:
    """Keep kube-proxy from writing nf_conntrack_max where that cannot be done; it would crash over it."""
    if "conntrack" not in cluster.workarounds or not configuration.expected(cluster).kube_proxy:
        return
    kubectl = f"sudo {ADMIN} kubectl -n kube-system"
    replace = piped(
        f"{kubectl} get configmap kube-proxy -o yaml",
        "sed -E 's/maxPerCore: (null|[0-9]+)/maxPerCore: 0/'",
        f"{kubectl} replace -f -",
    )
    cluster.control_planes[0].succeed(f"{replace} && {kubectl} rollout restart daemonset kube-proxy")
