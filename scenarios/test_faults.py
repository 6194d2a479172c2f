"""Faults under traffic: what clients lose, for how long, and that what they were promised holds all the while.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/
"""

from __future__ import annotations

import pytest

from fixtures.subjects.faults import Ground, judge, parameters
from provision.cluster import Cluster
from resilience.faults.fault import Fault


@pytest.mark.parametrize("fault", parameters())
def test_cluster_keeps_its_promises_under_a_fault(faulty: Cluster, ground: Ground, fault: Fault) -> None:
    """The fault took effect, no promise was broken, requests were answered within its bound, and all healed."""
    judge(ground.run(fault))
