"""All faults, by their kinds."""

from __future__ import annotations

from resilience.faults import balancer, etcd, killed, lifecycle, machines, network, processes, restarts, upgrades
from resilience.faults.fault import Fault

KINDS: dict[str, tuple[Fault, ...]] = {
    "processes": processes.FAULTS,
    "machines": machines.FAULTS,
    "network": network.FAULTS,
    "balancer": balancer.FAULTS,
    "etcd": etcd.FAULTS,
    "restarts": restarts.FAULTS,
    "life cycle": lifecycle.FAULTS,
    "killed commands": killed.FAULTS,
    "upgrades": upgrades.FAULTS,
}
"""Kind → its faults."""

FAULTS: tuple[Fault, ...] = tuple(fault for faults in KINDS.values() for fault in faults)
"""Each of them; their names are different."""
