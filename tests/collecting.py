"""Collecting of simulated clusters."""

from __future__ import annotations

from typing import Any

from checks.collecting.access import Ways
from checks.collecting.collect import collected
from checks.facts.cluster import ApiServer, Facts
from checks.facts.fact import Fact
from tests.simulated import Simulated


def silent(where: str, machine: str, port: int) -> ApiServer:
    """An API server that this host does not reach."""
    none: Fact[Any] = Fact("a test", None, "does not answer: timed out")
    return ApiServer(f"{where}:{port}", machine, none, none, none)


def of_inventory(simulated: Simulated) -> Facts:
    """Facts of a cluster whose machines an inventory names."""
    return collected(Ways(machines=simulated.entries, access=("inventory",)))


def by_kubeconfig(simulated: Simulated, **more: Any) -> Facts:
    """Facts of a cluster by its API, and by more ways."""
    return collected(Ways(requests=simulated.objects, access=("kubeconfig",), **more))
