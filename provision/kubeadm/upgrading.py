"""The upgrade page's commands, run where the page runs them. What a package manager does there, is carried over SSH.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/
"""

from __future__ import annotations

from provision.cluster import ADMIN, Cluster, Programs
from provision.config import limits
from provision.config.versions import Version
from provision.kubeadm.waits import api_refusal
from provision.kubeadm.workarounds import with_workarounds
from provision.loadbalancer.availability import watched
from provision.machines.machine import Machine
from provision.util.concurrency import NotYet


def first_control_plane(cluster: Cluster) -> None:
    """Plan and apply on the first control plane, then its kubelet."""
    machine, target = cluster.control_planes[0], target_of(cluster)
    with watched(cluster):
        machine.install(target.folder / "kubeadm")
        plan = with_workarounds(cluster, f"sudo kubeadm upgrade plan {target.version}")
        cluster.observations.upgrade_plan = machine.succeed(plan, timeout=limits.UPGRADE)
        machine.succeed(with_workarounds(cluster, apply_command(target.version)), timeout=limits.UPGRADE)
        _upgrade_kubelet(cluster, machine)


def apply_command(version: Version) -> str:
    """What is typed on the first control plane."""
    return f"sudo kubeadm upgrade apply {version} --yes{flag_for_unreleased(version)}"


def flag_for_unreleased(version: Version) -> str:
    """What kubeadm wants to hear before it goes to a version that is not released; empty for a release.

    Source: cmd/kubeadm/app/phases/upgrade/policy.go, detectUnstableVersionError, in 1.37.2
    """
    if not version.pre:
        return ""
    return f" --allow-{'release-candidate' if version.pre.startswith('rc') else 'experimental'}-upgrades"


def other_control_planes(cluster: Cluster) -> None:
    """One after the other: the configuration of the node, then its kubelet."""
    with watched(cluster):
        for machine in cluster.control_planes[1:]:
            upgrade_node(cluster, machine)


def workers(cluster: Cluster) -> None:
    """One after the other, as on the page, so that what runs there always has room elsewhere."""
    with watched(cluster):
        for machine in cluster.workers:
            upgrade_node(cluster, machine)


def arrive(cluster: Cluster) -> None:
    """From here on the cluster is of the version that it was upgraded to."""
    cluster.upgraded_to(target_of(cluster).version)


def target_of(cluster: Cluster) -> Programs:
    """What the cluster is upgraded to."""
    assert cluster.id.upgraded, f"{cluster.id} names no release to upgrade to"
    return cluster.beside[cluster.id.version]


def upgrade_node(cluster: Cluster, machine: Machine) -> None:
    with cluster.journal.step(f"upgrade {machine.name}"):
        machine.install(target_of(cluster).folder / "kubeadm")
        machine.succeed(with_workarounds(cluster, "sudo kubeadm upgrade node"), timeout=limits.UPGRADE)
        _upgrade_kubelet(cluster, machine)


def _upgrade_kubelet(cluster: Cluster, machine: Machine) -> None:
    wait_for_apis(cluster)
    drain(cluster, machine)
    for program in ("kubelet", "kubectl"):
        machine.install(target_of(cluster).folder / program)
    machine.succeed("sudo systemctl daemon-reload && sudo systemctl restart kubelet")
    cluster.kubectl("uncordon", machine.name)


def drain(cluster: Cluster, machine: Machine) -> None:
    """Drain a node, again where an API server went away meanwhile, or had just started and knew no roles yet.

    A kubelet that is new starts static pods anew, some seconds after itself.
    """

    def refused() -> NotYet | None:
        return cluster.try_kubectl("drain", machine.name, "--ignore-daemonsets", timeout=limits.UPGRADE).refusal

    cluster.wait_until(refused, limits.API_READY, f"{machine.name} is drained", every=1)


def wait_for_apis(cluster: Cluster) -> None:
    """Wait until all API servers are ready, so that there is always another one while one is taken away."""

    def refused() -> NotYet | None:
        refusals = ((machine.name, api_refusal(machine)) for machine in cluster.control_planes)
        reasons = "; ".join(f"{name}: {refusal.reason}" for name, refusal in refusals if refusal)
        return NotYet(reasons) if reasons else None

    cluster.wait_until(refused, limits.API_READY, "every API server is ready", every=1)


def wait_for_kubelets(cluster: Cluster) -> None:
    """Wait until every node says that its kubelet has the new version, and is Ready."""
    nodes, version = " ".join(machine.name for machine in cluster.nodes), target_of(cluster).version
    wait = f"sudo {ADMIN} kubectl wait node {nodes} {cluster.limit(limits.KUBELETS)}"
    says = f"--for=jsonpath='{{.status.nodeInfo.kubeletVersion}}'={version}"
    each = limits.KUBELETS + limits.KUBECTL
    cluster.control_planes[0].succeed(f"{wait} {says} && {wait} --for=condition=Ready", timeout=2 * each)
