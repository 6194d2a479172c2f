"""Workers do work: pods run, reach each other across machines, and are reached as Services from inside and outside.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#install-workers
"""

from __future__ import annotations

import pytest

from fixtures.subjects.configured import skip_without_services, takes_pods
from fixtures.subjects.workload import NAMESPACE, PORT, Workload
from provision.cluster import Cluster
from provision.config.configuration.expected import Expected
from provision.machines.machine import Machine

pytestmark = pytest.mark.changes


def test_workload_runs_on_every_worker_and_nowhere_else(
    cluster: Cluster, expected: Expected, workload: Workload
) -> None:  # fmt: skip
    """Control planes are tainted, unless the configuration says otherwise, and the workload tolerates nothing."""
    assert set(workload.pods) == {each.name for each in cluster.nodes if takes_pods(cluster, expected, each)}


@pytest.mark.parametrize("step", [1, 2])
def test_pod_reaches_a_pod_on_another_machine(
    cluster: Cluster, workload: Workload, worker: Machine, step: int
) -> None:  # fmt: skip
    workers = [machine.name for machine in cluster.workers]
    other = workers[(workers.index(worker.name) + step) % len(workers)]
    if other == worker.name:
        pytest.skip(f"with {len(workers)} workers, {step} further is the same one")
    assert workload.dial(worker, workload.addresses[other]) == workload.pods[other]


def test_pod_reaches_the_service(expected: Expected, workload: Workload, worker: Machine) -> None:
    skip_without_services(expected)
    assert workload.dial(worker, workload.service_address, 80) in workload.pods.values()


def test_pod_finds_the_service_by_name(expected: Expected, workload: Workload, worker: Machine) -> None:
    """Cluster DNS, from a pod, by the name that its search path completes."""
    skip_without_services(expected, by_name=True)
    assert workload.dial(worker, "echo", 80) in workload.pods.values()


def test_pod_finds_the_service_by_its_full_name(expected: Expected, workload: Workload, worker: Machine) -> None:
    skip_without_services(expected, by_name=True)
    assert workload.dial(worker, f"echo.{NAMESPACE}.svc.{expected.dns_domain}", 80) in workload.pods.values()


def test_node_port_answers_on_every_machine(
    cluster: Cluster, expected: Expected, workload: Workload, node: Machine
) -> None:  # fmt: skip
    """From a machine that is not a node: the request comes from outside of the cluster."""
    skip_without_services(expected)
    if not cluster.outside:
        pytest.skip("every machine of the inventory is a node")
    assert workload.ask(cluster.outside[0], node.address, workload.node_port) in workload.pods.values()


def test_machine_reaches_the_pod_on_it(workload: Workload, worker: Machine) -> None:
    assert workload.ask(worker, workload.addresses[worker.name], PORT) == workload.pods[worker.name]


def test_pod_logs_are_served(cluster: Cluster, workload: Workload, worker: Machine) -> None:
    """The API server reaches the kubelet of every worker."""
    assert "Started HTTP server" in cluster.kubectl("logs", "-n", NAMESPACE, workload.pods[worker.name])
