"""The documentation's steps, in the documentation's order."""

from __future__ import annotations

from provision.procedure import external, stacked
from provision.procedure.step import Procedure
from provision.topology import ClusterId


def procedure_of(cluster: ClusterId, joins: str) -> Procedure:
    """The steps that bring a cluster up. `joins` is `serial` or `parallel`: how the other control planes join."""
    if cluster.stacked:
        return stacked.procedure(cluster, joins)
    return external.procedure(cluster, joins)
