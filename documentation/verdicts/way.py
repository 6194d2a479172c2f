"""What runs show about one way through the pages: a walk, scenarios, and what drift rules found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from documentation.findings.rules import Finding
from documentation.verdicts.walk_file import Walk
from provision.clusters_door import PAGE, ClusterId
from report.results import FAILED, PASSED, Result


@dataclass(frozen=True, order=True)
class Way:
    """One way through the pages, with a version as in `v1.37.2`. `variant` is that of the cluster's id."""

    topology: str
    certificates: str
    version: str
    variant: str = PAGE

    @classmethod
    def of(cls, walk: Walk) -> Way:
        """The way that a page was walked."""
        return cls(walk.cluster.topology, walk.cluster.certificates, walk.version, walk.cluster.variant)

    def has(self, cluster: ClusterId, version: str) -> bool:
        """Whether what was seen on a cluster is true of this way: on one that the pages made, by its id.

        Clusters that scenarios may change are made by the harness: what kubeadm refuses there it refuses anywhere.
        """
        walked = (self.certificates, self.variant) == (cluster.certificates, cluster.variant)
        return (walked or cluster.mutable) and (self.topology, self.version) == (cluster.topology, version)

    def __str__(self) -> str:
        more = [self.variant] if self.variant != PAGE else []
        return ", ".join((self.topology, self.certificates, self.version.removeprefix("v"), *more))


@dataclass(frozen=True)
class Evidence:
    """Everything about one way.

    `tests` are outcomes by scenario (`file::test[parameters]`), each the worst of all machines. `rules` are the drift
    rules that were applied. `names` are the page's block ids by those of the original.
    """

    way: Way
    walk: Walk
    tests: Mapping[str, str]
    findings: Sequence[Finding]
    rules: frozenset[str]
    names: Mapping[str, str]

    def of_scenario(self, decider: str) -> str:
        """The outcome of a scenario, or of one of its parameters where it names one; empty where it was not run."""
        found = [
            outcome
            for scenario, outcome in self.tests.items()
            if decider == (scenario if "[" in decider else scenario.partition("[")[0])
        ]
        return FAILED if FAILED in found else PASSED if PASSED in found else ""


def worst(tests: Iterable[Result]) -> dict[str, str]:
    """Outcomes by scenario: failed where it failed on any machine, passed where it passed on some."""
    found: dict[str, str] = {}
    for each in tests:
        if found.get(each.scenario) != FAILED and (each.outcome in (FAILED, PASSED)):
            found[each.scenario] = each.outcome
    return found
