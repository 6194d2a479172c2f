"""The release that a cluster can be upgraded to: whether there is one, who has it, and how a machine gets it."""

from __future__ import annotations

from provision.cluster import Cluster
from provision.config.versions import Version
from provision.kubeadm import upgrading
from resilience.faults.scene import Scene


def not_upgraded(scene: Scene) -> str:
    """Why there is no release to upgrade to."""
    return "" if scene.cluster.id.upgraded else "the cluster is built with its release: add --ha-upgrade-from previous"


def target(cluster: Cluster) -> str:
    """Its version, as `v1.37.2`."""
    return str(_version(cluster))


def _version(cluster: Cluster) -> Version:
    return upgrading.target_of(cluster).version


def apply_command(scene: Scene) -> str:
    """What is typed to go there; without a version where there is none."""
    return "sudo kubeadm upgrade apply" if not_upgraded(scene) else upgrading.apply_command(_version(scene.cluster))


def versions(scene: Scene) -> dict[str, str]:
    """Each control plane's version of the API server, by the image that runs."""
    names = "{range .items[*]}{.spec.nodeName}={.spec.containers[0].image} {end}"
    listed = scene.cluster.kubectl(
        "get", "pods", "-n", "kube-system", "-l", "component=kube-apiserver", "-o", f"jsonpath={names}"
    )
    return {name: image.rpartition(":")[2] for name, _, image in (each.partition("=") for each in listed.split())}


def install_kubeadm(scene: Scene) -> None:
    """The machine that is hit gets its kubeadm."""
    scene.machine.install(upgrading.target_of(scene.cluster).folder / "kubeadm")


def upgrade_first(scene: Scene) -> str:
    """The first control plane is upgraded, as on the page."""
    upgrading.first_control_plane(scene.cluster)
    return "the first control plane is upgraded"
