"""The history of each scenario over the runs: since when it is red, when it was green, which are flaky. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile

from nightly.attempts import VOID, Attempt
from nightly.store import Data
from nightly.summary import BLOCKED, GREEN, OTHER, RED
from provision.config.cluster_id import ClusterId
from provision.util.errors import Problem

NEWLY_RED, STILL_RED, FLAKY, GONE, NEW, BLOCKED_NOW, VOID_NOW, SKIPPED, FINE = STATES = (
    "newly red", "still red", "flaky", "gone", "new", "blocked", "void", "skipped", "green",
)  # fmt: skip
"""In the order of interest."""

RETIRED = "retired"
"""A cluster of a version that runs no longer request."""

_WINDOW = 20
"""So many runs back a scenario counts as flaky for what it once did."""


@dataclass(frozen=True)
class Cell:
    """One scenario on one cluster over the runs. `attempts` are newest first, `letters` the result of each."""

    cluster: str
    scenario: str
    attempts: Sequence[Attempt]
    letters: Sequence[str]

    @property
    def decided(self) -> list[tuple[Attempt, str]]:
        """The attempts that were green or red, newest first."""
        return [pair for pair in zip(self.attempts, self.letters, strict=True) if pair[1] in (GREEN, RED)]

    @cached_property
    def newest(self) -> int:
        """Which attempt is the newest that had this scenario."""
        return next(number for number, letter in enumerate(self.letters) if letter)

    @cached_property
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
        last, newer = self.attempts[self.newest], self.attempts[: self.newest]
        if _finished(last, (each.whole for each in newer)):
            return GONE
        letter = self.letters[self.newest]
        if letter in (BLOCKED, OTHER):
            return BLOCKED_NOW if letter == BLOCKED else SKIPPED
        if self.first_red:
            return NEWLY_RED if self.first_red is self.decided[0][0] else STILL_RED
        if self.flaky:
            return FLAKY
        if letter == VOID:
            return VOID_NOW
        return NEW if self._is_new() else FINE

    def _is_new(self) -> bool:
        if any(self.letters[self.newest + 1 :]):
            return False
        same = _finished(self.attempts[0], (each.whole for each in self.attempts))
        return len(same) > 1 and same[0] is self.attempts[self.newest].whole


def absence(newest: Attempt, runs: Iterable[tuple[str, Data]]) -> str:
    """Whether newer complete runs of the same selection did without a cluster, and why.

    `GONE` where they requested its version, `RETIRED` where they requested others; empty where there are no such runs.
    """
    newer = takewhile(lambda each: each[0] != newest.run, runs)
    without = _finished(newest, (run for _, run in newer))
    if not without:
        return ""
    requested = [each["version"] for each in without[0]["kubernetes"]]
    made = made_by(newest.cluster)
    return GONE if made and made.version in requested else RETIRED


def made_by(cluster: str) -> ClusterId | None:
    """The choices that a cluster was made by; None for one that was only checked, which any tool may have made."""
    try:
        return ClusterId.parse(cluster)
    except Problem:
        return None


def _finished(attempt: Attempt, runs: Iterable[Data]) -> list[Data]:
    """Those of the runs that came to their end, and were of the same selection as the one of this attempt."""
    return [run for run in runs if run["complete"] and run["command"] == attempt.whole["command"]]


def cells(cluster: str, tried: Sequence[Attempt]) -> list[Cell]:
    """Every scenario that a cluster ever had in these attempts, in the order of the newest."""
    names = dict.fromkeys(scenario for attempt in tried for scenario in attempt.letters)
    return [Cell(cluster, name, tried, [attempt.letter(name) for attempt in tried]) for name in names]
