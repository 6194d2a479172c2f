"""The upgrade page's procedure, for a cluster that was built with an older release. In the page's order.

A step without a section is the harness's own.
"""

from __future__ import annotations

from provision.kubeadm import upgrading, waits
from provision.procedure.step import Procedure, State, Step

_PAGE = "/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/"


def procedure() -> Procedure:
    """The steps, from a ready cluster of the old release to a ready one of the new."""
    upgraded = State.UPGRADED
    nodes = f"{_PAGE}#upgrading-control-plane-nodes"
    return (
        Step("upgrade the first control plane", nodes, upgraded, upgrading.first_control_plane),
        Step("upgrade the other control planes", nodes, upgraded, upgrading.other_control_planes),
        Step("upgrade the workers", f"{_PAGE}#upgrade-worker-nodes", upgraded, upgrading.workers),
        Step("verify the status of the cluster", f"{_PAGE}#verify-the-status-of-the-cluster", upgraded,
             upgrading.wait_for_kubelets),
        Step("know the cluster by its new version", "", upgraded, upgrading.arrive),
        Step("wait until every node and system pod is ready again", "", upgraded, waits.wait_until_ready),
    )  # fmt: skip
