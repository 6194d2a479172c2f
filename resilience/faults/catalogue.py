"""All faults, by their kinds."""

from __future__ import annotations

from resilience.faults.fault import Fault
from resilience.faults.kinds import (
    addresses,
    balancer,
    disks,
    etcd,
    killed,
    killed_upgrades,
    lifecycle,
    machines,
    moving,
    names,
    network,
    processes,
    processors,
    restarts,
    restoring,
    rolled_back,
    rolling,
    upgrades,
)

KINDS: dict[str, tuple[Fault, ...]] = {
    "processes": (*processes.FAULTS, *processors.FAULTS),
    "machines": (*machines.FAULTS, *rolling.FAULTS, *moving.FAULTS),
    "network": (*network.FAULTS, *names.FAULTS),
    "balancer": (*balancer.FAULTS, *addresses.FAULTS),
    "etcd": (*etcd.FAULTS, *disks.FAULTS, *restoring.FAULTS),
    "restarts": restarts.FAULTS,
    "life cycle": lifecycle.FAULTS,
    "killed commands": killed.FAULTS,
    "upgrades": (*upgrades.FAULTS, *killed_upgrades.FAULTS, *rolled_back.FAULTS),
}
"""Kind → its faults."""

FAULTS: tuple[Fault, ...] = tuple(fault for faults in KINDS.values() for fault in faults)
"""Each of them; their names are different."""

DOZEN = frozenset(
    {
        "etcd-leader-killed", "etcd-leader-stopped", "etcd-follower-killed", "api-server-killed", "api-server-stopped",
        "controller-manager-leader-stopped", "kubelet-killed", "etcd-follower-stopped",
        "first-control-plane-isolated", "balancer-killed", "balancer-restarted", "etcd-leader-defragmented",
    }
)  # fmt: skip
"""Those that `./run tests` tries on one stacked cluster: of each kind that takes seconds, five minutes together."""
