"""What runs show about one way through the pages: a walk, scenarios, faults, and what drift rules found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from documentation.findings.rules import Finding
from documentation.reports.ignoring import Waived
from documentation.verdicts.walk_file import Walk
from provision.clusters_door import PAGE, ClusterId
from report.results import FAILED, PASSED, Result


@dataclass(frozen=True, order=True)
class Way:
    """One way through the pages, with a version as in `v1.37.2`. `variant` is that of the cluster's id.

    On a page that nothing can be typed from, it is only a topology and a version: `certificates` are empty.
    """

    topology: str
    certificates: str
    version: str
    variant: str = PAGE

    @classmethod
    def of(cls, walk: Walk) -> Way:
        """The way that a page was walked."""
        return cls(walk.cluster.topology, walk.cluster.certificates, walk.version, walk.cluster.variant)

    @classmethod
    def without_walk(cls, cluster: ClusterId, version: str) -> Way:
        """The way on a cluster of a page that nothing can be typed from."""
        return cls(cluster.topology, "", version, "")

    def has(self, cluster: ClusterId, version: str) -> bool:
        """Whether what was seen on a cluster is true of this way: on one that the pages made, by its id.

        Clusters that scenarios may change, and those that faults are tried on, are made by the harness: what kubeadm
        refuses there it refuses anywhere, and what the loss of a machine costs there it costs anywhere.
        Where nothing can be typed from the page, every cluster counts that has no configuration of a user's own.
        """
        if not self.certificates:
            counts = not cluster.configured
        else:
            walked = (self.certificates, self.variant) == (cluster.certificates, cluster.variant)
            counts = walked or cluster.mutable or cluster.faults
        return counts and (self.topology, self.version) == (cluster.topology, version)

    def __str__(self) -> str:
        variant = self.variant if self.variant != PAGE else ""
        parts = (self.topology, self.certificates, self.version.removeprefix("v"), variant)
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Evidence:
    """Everything about one way.

    `tests` are outcomes by scenario (`file::test[parameters]`), each the worst of all machines. `rules` are the drift
    rules that were applied. `names` are the page's block ids by those of the original. `faults` are outcomes by name,
    and `waived` are findings that comments of the page have ignored.
    """

    way: Way
    walk: Walk
    tests: Mapping[str, str]
    findings: Sequence[Finding]
    rules: frozenset[str]
    names: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)
    waived: Sequence[Waived] = ()

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
    return worst_by_name((each.scenario, each.outcome) for each in tests)


def worst_by_name(outcomes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The same of names and outcomes; what neither passed nor failed says nothing."""
    found: dict[str, str] = {}
    for name, outcome in outcomes:
        if found.get(name) != FAILED and outcome in (FAILED, PASSED):
            found[name] = outcome
    return found
