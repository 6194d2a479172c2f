"""Where CoreDNS runs: on the first control plane alone, until its pods are made anew when others have joined.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#steps-for-the-rest-of-the-control-plane-nodes
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from fixtures.subjects.facts import Object
from fixtures.subjects.faults import spread_dns
from provision.cluster import Cluster

pytestmark = pytest.mark.configured(False)
"""A configuration may leave CoreDNS out, or keep it from the first control plane."""

_MADE = 1
"""The generation of a Deployment that nothing has changed since kubeadm made it: a restart is a change, too."""


def _places(pods: Iterable[Object]) -> list[str]:
    """The machines of CoreDNS's pods, without those that are ending."""
    dns = (pod for pod in pods if pod["metadata"]["labels"].get("k8s-app") == "kube-dns")
    return sorted(pod["spec"]["nodeName"] for pod in dns if "deletionTimestamp" not in pod["metadata"])


@pytest.mark.built
@pytest.mark.upgraded(False)
def test_dns_pods_stay_where_init_ran(cluster: Cluster, system_pods: list[Object]) -> None:
    """There was no other node when they were scheduled, and nothing moves a pod that runs."""
    if cluster.id.parts.network:
        pytest.skip("with this network plugin, which starts slowly, another node may be ready before the first one")
    if cluster.get("deployment", "coredns", "-n", "kube-system")["metadata"]["generation"] != _MADE:
        pytest.skip("the Deployment of CoreDNS was changed since, as by a page's own restart of it")
    assert _places(system_pods) == [cluster.control_planes[0].name] * 2


def test_restarted_dns_pods_are_on_two_machines(mutable: Cluster) -> None:
    """What the page advises: each new pod prefers a machine that has none, of which three nodes always leave one."""
    if len(mutable.nodes) < 3:
        pytest.skip("the old pods are still on one of two nodes when the new ones are scheduled")
    spread_dns(mutable)
    places = _places(mutable.get("pods", "-n", "kube-system")["items"])
    assert (len(places), len(set(places))) == (2, 2), f"the pods of CoreDNS are on {', '.join(places)}"
