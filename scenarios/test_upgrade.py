"""After an upgrade: everything has the new version, nothing was lost on the way, and the API was there all the time.

Source: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from fixtures.subjects.facts import Object
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.kubeadm.upgrading import target_of
from provision.loadbalancer.availability import outages, samples
from provision.machines.machine import Machine
from provision.util.result import last_lines

pytestmark = [pytest.mark.upgraded(True), pytest.mark.built]

LONGEST_OUTAGE = 5.0
"""Seconds. A balancer that asks every second notices after two failures that an API server is gone."""

_PLANNED = 120
"""Seconds for `kubeadm upgrade plan`, which checks the cluster's health first."""


def test_upgrade_plan_names_the_new_version(cluster: Cluster) -> None:
    assert f"kubeadm upgrade apply {target_of(cluster).version}" in cluster.observations.upgrade_plan


def test_kubelet_has_the_new_version(cluster: Cluster, node_objects: dict[str, Object], node: Machine) -> None:
    assert node_objects[node.name]["status"]["nodeInfo"]["kubeletVersion"] == str(target_of(cluster).version)


def test_node_is_schedulable_after_the_upgrade(node_objects: dict[str, Object], node: Machine) -> None:
    assert "unschedulable" not in node_objects[node.name]["spec"]


@pytest.mark.parametrize("name", ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
def test_static_pod_has_the_new_version(
    cluster: Cluster, expected: Expected, control_plane: Machine, name: str
) -> None:
    images = cluster.kubectl(
        "get", "pod", f"{name}-{control_plane.name}", "-n", "kube-system", "-o", "jsonpath={.spec.containers[*].image}"
    )
    assert images == expected.image(name, target_of(cluster).version)


def test_stored_configuration_has_the_new_version(cluster: Cluster) -> None:
    stored = cluster.get("configmap", "kubeadm-config", "-n", "kube-system")["data"]["ClusterConfiguration"]
    assert f"kubernetesVersion: {target_of(cluster).version}\n" in stored


def test_kubeadm_has_nothing_left_to_upgrade(cluster: Cluster) -> None:
    """By the cluster as it is now, about the release that it has."""
    version = target_of(cluster).version
    planned = cluster.control_planes[0].succeed(f"sudo kubeadm upgrade plan {version}", timeout=_PLANNED)
    found = re.search(r"Cluster version: v?(\S+)", planned), "You can now apply the upgrade" in planned
    assert (found[0] and found[0][1], found[1]) == (str(version).removeprefix("v"), False), last_lines(planned, 40)


def test_api_was_probed_during_the_whole_upgrade(cluster: Cluster) -> None:
    requests = samples(cluster)
    gaps = [later.at - earlier.at for earlier, later in pairwise(requests)]
    assert (len(requests) > 100, max(gaps) < 10) == (True, True)


def test_api_outages_during_the_upgrade_were_short(cluster: Cluster) -> None:
    requests = samples(cluster)
    assert (len(requests) > 100, [each for each in outages(requests) if each.seconds > LONGEST_OUTAGE]) == (True, [])


def test_api_answered_97_percent_of_probes_during_the_upgrade(cluster: Cluster) -> None:
    requests = samples(cluster)
    assert sum(sample.ok for sample in requests) / len(requests) > 0.97
