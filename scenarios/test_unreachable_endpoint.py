"""A load balancer that comes up after the first control plane: too late, or early enough from some patch on.

Tried on a machine that has not joined, which becomes the first control plane of a cluster of its own, and is reset.
"""

from __future__ import annotations

import pytest
import yaml

from provision.cluster import Cluster
from provision.config.topology import Role
from provision.kubeadm import configuration, rejoining
from provision.kubeadm.workarounds import with_workarounds
from provision.util.result import Result, last_lines

pytestmark = pytest.mark.topology("stacked")

_CLOSED = 7999  # a port of the balancer's machine where nothing listens
_IN_VAIN = {"kubernetesAPICall": "15s", "controlPlaneComponentHealthCheck": "1m0s"}
"""Limits where nothing will answer: as kubeadm's own, but sooner."""
_PATIENT = {"kubernetesAPICall": "3m0s", "controlPlaneComponentHealthCheck": "4m0s"}
"""Limits where the new API server is to answer: kubeadm's minute for it may be too short on a busy host."""
_ENDED = 660  # seconds: kubeadm's limits above, and its four minutes for the kubelet


@pytest.fixture(scope="module")
def initialised_alone(mutable: Cluster) -> Result:
    """What `kubeadm init` says whose control plane endpoint does not answer."""
    machine = mutable.late(Role.CONTROL_PLANE)
    api = mutable.facts.configuration_api
    timeouts = _IN_VAIN if mutable.facts.init_asks_the_endpoint else _PATIENT
    documents = [
        {
            "apiVersion": api,
            "kind": "ClusterConfiguration",
            "kubernetesVersion": str(mutable.version),
            "controlPlaneEndpoint": f"{mutable.endpoint.name}:{_CLOSED}",
        },
        {"apiVersion": api, "kind": "InitConfiguration", "timeouts": timeouts},
    ]
    machine.put(configuration.FILE, yaml.safe_dump_all(documents))
    try:
        # Without the addons, so that no kube-proxy leaves rules of another cluster behind.
        command = f"sudo kubeadm init --config {configuration.FILE} --skip-phases addon"
        return machine.run(with_workarounds(mutable, command), timeout=_ENDED)
    finally:
        rejoining.leave(mutable, machine)


def test_init_fails_only_where_its_version_uses_the_endpoint(mutable: Cluster, initialised_alone: Result) -> None:
    output = mutable.journal.redact(initialised_alone.stdout + initialised_alone.stderr)
    done = initialised_alone.ok and "control-plane has initialized successfully" in output
    assert done is not mutable.facts.init_asks_the_endpoint, last_lines(output, 40)


def test_init_says_that_it_could_not_bootstrap_the_admin_user(mutable: Cluster, initialised_alone: Result) -> None:
    """It may name no address: a rate limiter's time is up before the next connection would be refused."""
    output = mutable.journal.redact(initialised_alone.stdout + initialised_alone.stderr)
    stuck = "could not bootstrap the admin user in file admin.conf: unable to create ClusterRoleBinding" in output
    began = "[init] Using Kubernetes version" in output
    assert (began, stuck) == (True, mutable.facts.init_asks_the_endpoint), last_lines(output, 40)
