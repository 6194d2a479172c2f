"""The page's first caution: without a cloud, nothing brings Services of type LoadBalancer or volumes to life.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from provision.cluster import Cluster
from provision.util.concurrency import NotYet

pytestmark = pytest.mark.changes

_NAMESPACE = "kubeadm-ha-no-cloud"
_NO_VOLUME = "no persistent volumes available for this claim and no storage class is set"
_DECIDED = 60  # seconds until the controller of volumes has tried to find one: it does so at once, and again


@pytest.fixture(scope="module")
def requested_of_a_cloud(cluster: Cluster) -> Iterator[str]:
    """The namespace with a Service and a volume claim that a cloud would have answered; removed afterwards."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    kinds = {"Service": {"type": "LoadBalancer", "ports": [{"port": 80}]}, "PersistentVolumeClaim": claim}
    objects: list[dict[str, object]] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}]
    objects += [
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": "requested", "namespace": _NAMESPACE}, "spec": spec}
        for kind, spec in kinds.items()
    ]
    cluster.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects).encode())
    try:
        yield _NAMESPACE
    finally:
        cluster.kubectl("delete", "namespace", _NAMESPACE)  # to its end: the next run makes it again


def _refused(cluster: Cluster, namespace: str) -> NotYet | None:
    """Why the controller of volumes has not refused yet; None when it has."""
    events = cluster.get("events", "-n", namespace)["items"]
    messages = [each["message"] for each in events if each["involvedObject"]["kind"] == "PersistentVolumeClaim"]
    return None if any(_NO_VOLUME in each for each in messages) else NotYet(f"events so far: {messages}")


def test_volume_claim_stays_pending_without_a_cloud(cluster: Cluster, requested_of_a_cloud: str) -> None:
    cluster.wait_until(lambda: _refused(cluster, requested_of_a_cloud), _DECIDED, "the claim is refused", every=1)
    assert cluster.get("pvc", "requested", "-n", requested_of_a_cloud)["status"]["phase"] == "Pending"


def test_load_balancer_service_gets_no_address_without_a_cloud(cluster: Cluster, requested_of_a_cloud: str) -> None:
    """The controllers have had the time to say no to the volume, and the Service got the address that is theirs."""
    cluster.wait_until(lambda: _refused(cluster, requested_of_a_cloud), _DECIDED, "the claim is refused", every=1)
    service = cluster.get("service", "requested", "-n", requested_of_a_cloud)
    assert (bool(service["spec"]["clusterIP"]), service["status"]["loadBalancer"]) == (True, {})
