"""From a good and a bad commit to the first bad one: both ends first, and then what git bisect wants tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bisection import git
from bisection.git import Commit
from bisection.judging import GOOD, SKIP, Verdict, judged
from bisection.trials import Trial, Trials
from provision.util.durations import duration
from provision.util.errors import Problem


@dataclass(frozen=True)
class Found:
    """The end: the first bad commit, or several of which it is one; all that was tried, in that order."""

    first: tuple[Commit, ...]
    tried: tuple[tuple[Trial, Verdict], ...]


def search(trials: Trials, good: Commit, bad: Commit, say: Callable[[str], None]) -> Found:
    """Try commits until the first bad one is known. Raises Problem where the ends do not differ."""
    tried: list[tuple[Trial, Verdict]] = []

    def verdict(place: str, commit: Commit) -> Verdict:
        say(f"{place}: {commit.brief}")
        trial = trials.of(commit)
        found = judged(trial.outcome, wanted) if trial.outcome else Verdict(SKIP, trial.reason)
        tried.append((trial, found))
        say(f"{found.word} ({duration(trial.seconds)}): {found.why}")
        return found

    say(f"what is red at the bad end, {bad.brief}?")
    wanted = _red(trials.of(bad))
    verdict("the bad end", bad)
    _expect_good(verdict("the good end", good), good)
    first = git.begin(trials.tree, good, bad)
    while first is None:
        first = git.mark(trials.tree, verdict("between", git.commit(trials.tree, "HEAD")).word)
    return Found(first, tuple(tried))


def _red(trial: Trial) -> frozenset[str]:
    if not trial.outcome:
        raise Problem(f"{trial.commit.brief} is the bad end, and was not tried: {trial.reason}")
    if not trial.outcome.red:
        raise Problem(
            f"nothing is red at the bad end, {trial.commit.brief}",
            answer=f"its run is in {trial.folder}",
            fix="another bad end, or a -k that selects what fails",
        )
    return frozenset(trial.outcome.red)


def _expect_good(verdict: Verdict, good: Commit) -> None:
    if verdict.word != GOOD:
        raise Problem(f"the good end, {good.brief}, is not good", answer=verdict.why, fix="an older good end")
