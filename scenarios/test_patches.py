"""Patches given to a join change what kubeadm writes on that machine, and there alone.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/control-plane-flags/#patches
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from fixtures.plugin.parameters import only
from fixtures.subjects.facts import Object
from provision.cluster import Cluster
from provision.config import limits
from provision.config.topology import Role
from provision.kubeadm import patches, rejoining
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine
from provision.util.result import last_lines

pytestmark = pytest.mark.lengthy

_EVERYWHERE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PATCHED = [*_EVERYWHERE, *only("stacked", "etcd")]
_UPGRADED = 240  # seconds, less than an upgrade that restarts static pods: these stay as they are


@pytest.fixture(scope="module")
def patched(mutable: Cluster) -> Iterator[Machine]:
    """A control plane that joined with patches of all kinds: strategic, merge and JSON."""
    host, machine = mutable.control_planes[0], mutable.late(Role.CONTROL_PLANE)
    option = patches.put(mutable, machine)
    key = rejoining.upload_again(mutable, host)
    try:
        rejoining.join_until_ready(mutable, machine, f"{rejoining.new_join(mutable, host, key)} {option}")
        yield machine
    finally:
        rejoining.leave(mutable, machine)
        machine.succeed(f"sudo rm -rf {patches.FOLDER} /etc/kubernetes/tmp")


@pytest.fixture(scope="module")
def static_pods(mutable: Cluster, patched: Machine) -> Mapping[tuple[str, str], Object]:
    """Every static pod, by component and machine; a kubelet that has just joined needs a moment to tell the API."""
    components = (*_EVERYWHERE, *(["etcd"] if mutable.id.stacked else []))
    pods = [f"pod/{name}-{patched.name}" for name in components]
    for pod in pods:  # of several at once, kubectl waits for none to be created
        mutable.kubectl_wait("--for=create", pod, "-n", "kube-system", limit=limits.RESTART)
    mutable.kubectl_wait("--for=condition=Ready", *pods, "-n", "kube-system", limit=limits.RESTART)
    found = mutable.get("pods", "-n", "kube-system", "-l", "tier=control-plane")["items"]
    return {(pod["metadata"]["labels"]["component"], pod["spec"]["nodeName"]): pod for pod in found}


def _says(pods: Mapping[tuple[str, str], Object], component: str, machine: Machine) -> str:
    found = pods[component, machine.name]["metadata"]["annotations"].get(patches.ANNOTATION, "")
    return str(found)


@pytest.mark.parametrize("component", PATCHED)
def test_static_pod_is_patched(
    static_pods: Mapping[tuple[str, str], Object], patched: Machine, component: str
) -> None:  # fmt: skip
    assert _says(static_pods, component, patched) == "yes"


@pytest.mark.parametrize("component", PATCHED)
def test_static_pods_of_other_machines_are_not_patched(
    mutable: Cluster, static_pods: Mapping[tuple[str, str], Object], component: str
) -> None:  # fmt: skip
    assert {_says(static_pods, component, machine) for machine in mutable.control_planes} == {""}


def test_two_patches_of_one_target_both_apply(
    mutable: Cluster, static_pods: Mapping[tuple[str, str], Object], patched: Machine
) -> None:
    """The second adds to a container that it names, and leaves the rest of that alone."""
    here, there = (
        static_pods["kube-scheduler", machine.name]["spec"]["containers"][0]
        for machine in (patched, mutable.control_planes[0])
    )
    assert (here["resources"]["requests"]["cpu"], here["command"]) == ("50m", there["command"])


def test_kubelet_runs_with_its_patch(mutable: Cluster, patched: Machine) -> None:
    nodes = (mutable.get("node", machine.name) for machine in (patched, mutable.control_planes[0]))
    assert [node["status"]["capacity"]["pods"] for node in nodes] == [str(patches.MOST_PODS), "110"]


def test_upgrade_with_the_same_patches_keeps_them(mutable: Cluster, patched: Machine) -> None:
    """To the version that it has, and with the same folder: there is nothing to be changed."""
    command = with_workarounds(mutable, f"sudo kubeadm upgrade node --patches {patches.FOLDER}")
    output = patched.succeed(command, timeout=_UPGRADED)
    equal = [f"Current and new manifests of {each} are equal, skipping upgrade" in output for each in _EVERYWHERE]
    assert equal == [True, True, True], last_lines(output, 40)
