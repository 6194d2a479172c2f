"""One cluster in one run: its versions and host, and the result of each scenario. Pure."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nightly.store import Data
from nightly.summary import BLOCKED, GREEN, OTHER, RED
from resilience.faults.outcome import Ended

VOID = "v"
"""A fault was tried, and the run of it says nothing. The store has such a scenario as one that was skipped."""

_WORST = {RED: 4, BLOCKED: 3, VOID: 2, GREEN: 1, OTHER: 0}
STEP = "step: "
"""How the steps that bring a cluster up are named among the scenarios."""

AFTERWARDS = ("collect evidence", "remove the machines", "reset the machines")
"""Steps that say nothing about a cluster, and that not every run has."""


@dataclass(frozen=True)
class OwnProgram:
    """A program of a user's own build: its version is composed by `git describe`, its digest a SHA-256."""

    name: str
    version: str
    digest: str
    commit: str

    @property
    def short(self) -> str:
        """All of it in one line."""
        commit = f", commit {self.commit[:12]}" if self.commit else ""
        return f"{self.version}, {self.digest[:12]}{commit}"


@dataclass(frozen=True)
class Attempt:
    """One cluster in one run. `run` is the run's name, `whole` what the store has of it, `data` the cluster's part."""

    run: str
    whole: Data
    cluster: str
    data: Data

    @property
    def started(self) -> float:
        """When the run began, in seconds since the epoch."""
        return float(self.whole["started"])

    @property
    def harness(self) -> str:
        """The commit of kubeadm-ha; empty where it is not known."""
        return str(self.whole["harness"])

    @property
    def version(self) -> str:
        """The exact release."""
        return str(self.data["version"])

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Everything recorded that a result may depend on, by name."""
        found = {"Kubernetes": self.version, "kubeadm-ha": self.harness, **self.data["components"]}
        found |= {f"own build of {each.name}": each.short for each in self.own}
        several = ("substitutions", "accommodations", "corrections")
        return found | {name: "; ".join(self.data[name]) for name in several}

    @property
    def own(self) -> list[OwnProgram]:
        """The programs of a user's own build; none where all were released."""
        return own_programs(self.whole)

    @cached_property
    def letters(self) -> dict[str, str]:
        """Scenario → its worst result on any machine; the steps that bring the cluster up come first."""
        steps = {
            sys.intern(f"{STEP}{name}"): BLOCKED if error == "unfinished" else RED if error else GREEN
            for name, _, _, error in self.data["steps"]
            if name not in AFTERWARDS
        }
        tests: dict[str, dict[str, str]] = self.data["tests"]
        worst = {name: max(found.values(), key=_WORST.__getitem__) for name, found in tests.items()}
        void = {each["scenario"] for each in self.data["faults"] if each["verdict"] == Ended.VOID}
        return steps | worst | {name: VOID for name in void if worst.get(name) == OTHER}

    def letter(self, scenario: str) -> str:
        """The worst result of a scenario on any machine; empty where it was not run."""
        return self.letters.get(scenario, "")

    def failures(self, scenario: str) -> list[Data]:
        """What failed of a scenario, machine by machine."""
        if scenario.startswith(STEP):
            errors = [error for name, _, _, error in self.data["steps"] if f"{STEP}{name}" == scenario and error]
            return [{"subject": "cluster", "reason": error.split("\n")[0], "error": error} for error in errors]
        return [each for each in self.data["failures"] if each["scenario"] == scenario]


def own_programs(run: Data) -> list[OwnProgram]:
    """The programs of a run that are a user's own build: a run has one build at most."""
    described = [each for release in run["kubernetes"] for each in release.get("own") or []]
    return [OwnProgram(*(str(each.get(key) or "") for key in ("name", "version", "digest", "commit")))
            for each in described]  # fmt: skip


def attempts(runs: Iterable[tuple[str, Data]]) -> dict[str, list[Attempt]]:
    """Every cluster's attempts, newest first, of runs that are newest first."""
    found: dict[str, list[Attempt]] = {}
    for name, run in runs:
        for cluster, data in run["clusters"].items():
            found.setdefault(cluster, []).append(Attempt(name, run, cluster, data))
    return found
