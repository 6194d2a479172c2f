"""One sentence: what a cluster survives today."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.cluster import Facts
from checks.findings import Verdict


def survives(facts: Facts, verdicts: Iterable[Verdict]) -> str:
    """The sentence at the top of every report."""
    del verdicts
    return f"{len(facts.control_planes)} control planes."
