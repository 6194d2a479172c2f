"""What became of each scenario over the runs: since when it is red, when it was green, and which are flaky. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from nightly.store import Data
from nightly.summary import BLOCKED, GREEN, OTHER, RED

NEWLY_RED, STILL_RED, FLAKY, GONE, NEW, BLOCKED_NOW, SKIPPED, FINE = STATES = (
    "newly red", "still red", "flaky", "gone", "new", "blocked", "skipped", "green",
)  # fmt: skip
"""In the order of interest."""

_WINDOW = 20
"""So many runs back a scenario counts as flaky for what it once did."""

_WORST = {RED: 3, BLOCKED: 2, GREEN: 1, OTHER: 0}
STEP = "step: "
"""How the steps that bring a cluster up are named among the scenarios."""

AFTERWARDS = ("collect evidence", "remove the machines", "reset the machines")
"""Steps that say nothing about a cluster, and that not every run has."""


@dataclass(frozen=True)
class Attempt:
    """One cluster in one run. `started` is seconds since the epoch; `data` what the store has of the cluster."""

    run: str
    started: float
    complete: bool
    command: str
    harness: str
    cluster: str
    data: Data

    @property
    def version(self) -> str:
        """The exact release."""
        return str(self.data["version"])

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Everything that a result may depend on and that is known, by name."""
        found = {"Kubernetes": self.version, "kubeadm-ha": self.harness, **self.data["components"]}
        several = ("substitutions", "accommodations", "corrections")
        return found | {name: "; ".join(self.data[name]) for name in several}

    @cached_property
    def outcomes(self) -> dict[str, dict[str, str]]:
        """Scenario → subject → letter; the steps that bring the cluster up, and what came of them, first."""
        steps = {
            f"{STEP}{name}": {"cluster": BLOCKED if error == "unfinished" else RED if error else GREEN}
            for name, _, _, error in self.data["steps"]
            if name not in AFTERWARDS
        }
        tests: dict[str, dict[str, str]] = self.data["tests"]
        return steps | tests

    def letter(self, scenario: str) -> str:
        """The worst that came of a scenario on any machine; empty where it was not tried."""
        return max(self.outcomes.get(scenario, {}).values(), key=_WORST.__getitem__, default="")

    def failures(self, scenario: str) -> list[Data]:
        """What failed of a scenario, machine by machine."""
        if scenario.startswith(STEP):
            errors = [error for name, _, _, error in self.data["steps"] if f"{STEP}{name}" == scenario and error]
            return [{"subject": "cluster", "reason": error.split("\n")[0], "error": error} for error in errors]
        return [each for each in self.data["failures"] if each["scenario"] == scenario]


@dataclass(frozen=True)
class Cell:
    """One scenario on one cluster over the runs. `attempts` are newest first, `letters` what came of each."""

    cluster: str
    scenario: str
    attempts: Sequence[Attempt]
    letters: Sequence[str]

    @cached_property
    def decided(self) -> list[tuple[Attempt, str]]:
        """The attempts that were green or red, newest first."""
        return [pair for pair in zip(self.attempts, self.letters, strict=True) if pair[1] in (GREEN, RED)]

    @cached_property
    def newest(self) -> int:
        """Which attempt is the newest that had this scenario."""
        return next(number for number, letter in enumerate(self.letters) if letter)

    @property
    def last_green(self) -> Attempt | None:
        """The newest green attempt."""
        return next((attempt for attempt, letter in self.decided if letter == GREEN), None)

    @cached_property
    def first_red(self) -> Attempt | None:
        """The oldest red attempt since the last green one; None where the newest is green."""
        red = None
        for attempt, letter in self.decided:
            if letter == GREEN:
                break
            red = attempt
        return red

    @cached_property
    def flaky(self) -> bool:
        """Whether it lately became green again though nothing that is known had changed."""
        recent = self.decided[:_WINDOW]
        return any(
            later == GREEN and earlier == RED and new.inputs == old.inputs
            for (new, later), (old, earlier) in pairwise(recent)
        )

    @cached_property
    def state(self) -> str:
        """One of `STATES`."""
        if self._since_without():
            return GONE
        letter = self.letters[self.newest]
        if letter in (BLOCKED, OTHER):
            return BLOCKED_NOW if letter == BLOCKED else SKIPPED
        if self.first_red:
            return NEWLY_RED if self.first_red is self.decided[0][0] else STILL_RED
        if self.flaky:
            return FLAKY
        return NEW if self._is_new() else FINE

    def _since_without(self) -> list[Attempt]:
        """Later runs of the same selection that came to their end without it."""
        last = self.attempts[self.newest]
        later = self.attempts[: self.newest]
        return [each for each in later if each.complete and each.command == last.command]

    def _is_new(self) -> bool:
        same = [each for each in self.attempts if each.complete and each.command == self.attempts[0].command]
        return len(same) > 1 and same[0] is self.attempts[self.newest] and not any(self.letters[self.newest + 1 :])


def attempts(runs: Iterable[tuple[str, Data]]) -> dict[str, list[Attempt]]:
    """Every cluster's attempts, newest first, of runs that are newest first."""
    found: dict[str, list[Attempt]] = {}
    for name, run in runs:
        for cluster, data in run["clusters"].items():
            attempt = Attempt(
                name, float(run["started"]), bool(run["complete"]), str(run["command"]), str(run["harness"]),
                cluster, data,
            )  # fmt: skip
            found.setdefault(cluster, []).append(attempt)
    return found


def cells(cluster: str, tried: Sequence[Attempt]) -> list[Cell]:
    """Every scenario that a cluster ever had in these attempts, in the order of the newest."""
    names = dict.fromkeys(scenario for attempt in tried for scenario in attempt.outcomes)
    return [Cell(cluster, name, tried, [attempt.letter(name) for attempt in tried]) for name in names]
