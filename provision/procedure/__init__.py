"""The documentation's steps, in the documentation's order."""

from __future__ import annotations

from provision.config.cluster_id import ClusterId
from provision.procedure import external, parts, stacked, upgrade
from provision.procedure.step import Joins, Procedure, State


def procedure_of(cluster: ClusterId, joins: str, *, own_dns: bool = True) -> Procedure:
    """The steps that bring a cluster up. `joins` is a value of `Joins`: how the other control planes join.

    Without `own_dns` the load balancer's name is known to the machines already.
    """
    steps = _built(cluster, Joins(joins), own_dns=own_dns)
    return (*steps, *upgrade.procedure()) if _is_upgraded(cluster) else steps


def last_state(cluster: ClusterId) -> State:
    """Where the procedure of a cluster ends."""
    return State.UPGRADED if cluster.upgraded and _is_upgraded(cluster) else State.READY


def _is_upgraded(cluster: ClusterId) -> bool:
    """Whether an upgrade is a part of the procedure; on a cluster for faults it is one of these, under traffic."""
    return bool(cluster.origin) and not cluster.faults


def _built(cluster: ClusterId, joins: Joins, *, own_dns: bool) -> Procedure:
    steps = stacked.procedure(cluster, joins) if cluster.stacked else external.procedure(cluster, joins)
    return steps if own_dns else tuple(step for step in steps if step is not parts.DNS)
