"""The page's stacked procedure: control planes with etcd members of their own.

The page's order is here, its steps are in `parts.py`. A step without a section is the harness's own.
"""

from __future__ import annotations

from provision.config.cluster_id import ELSEWHERE, ClusterId
from provision.procedure import parts
from provision.procedure.step import Joins, Procedure


def procedure(cluster: ClusterId, joins: Joins) -> Procedure:
    """The steps; `joins` is how the other control planes join."""
    return (
        *parts.load_balancer(),
        *parts.other_programs(cluster),
        *(parts.authority_elsewhere() if cluster.authority == ELSEWHERE else ()),
        *parts.initialise("steps-for-the-first-control-plane-node", configured=cluster.configured),
        *(() if cluster.uploads else parts.manual_certificates(stacked=True)),
        *parts.joins(
            "steps-for-the-rest-of-the-control-plane-nodes", joins, cluster.authority, configured=cluster.configured
        ),
    )
