"""Faults under traffic: what clients lose, for how long, and that what they were promised holds all the while.

Source: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/ha-topology/
"""

from __future__ import annotations

import pytest

from fixtures.subjects.faults import Ground, judge, parameters
from fixtures.subjects.random_faults import Clock
from provision.cluster import Cluster
from resilience.faults.fault import Fault
from resilience.faults.mixing import Turn


@pytest.mark.parametrize("fault", parameters())
def test_cluster_keeps_its_promises_under_a_fault(faulty: Cluster, ground: Ground, fault: Fault) -> None:
    """The fault took effect, no promise was broken, requests were answered within its bound, and all healed."""
    judge(ground.run(fault))


def test_cluster_keeps_its_promises_under_faults_at_random(
    faulty: Cluster, ground: Ground, random_clock: Clock, turn: Turn
) -> None:
    """One after the other, each for another while, some two at once: `./run faults --random --seed N`."""
    random_clock.expect_time()
    judge(ground.run(turn.fault, turn.seed))
