"""What the outcome at a commit says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bisection.outcome import Outcome

GOOD, BAD, SKIP = "good", "bad", "skip"
"""As git bisect calls them; `skip` says neither."""


@dataclass(frozen=True)
class Verdict:
    """Of one commit; `why` is one line for people."""

    word: str
    why: str


def judged(outcome: Outcome, wanted: frozenset[str]) -> Verdict:
    """Bad where anything is red that is red at the bad end, good where all of that is green.

    What is red beside it, or was never reached, is another failure: a commit that shows only this says nothing.
    """
    found = sorted(wanted & outcome.red.keys())
    if found:
        return Verdict(BAD, f"{found[0]}: {outcome.red[found[0]]}")
    missing = sorted(wanted - outcome.green)
    if not missing:
        return Verdict(GOOD, "all of it is green")
    other = next((f"{name}: {why}" for name, why in sorted(outcome.red.items())), "and nothing is red")
    return Verdict(SKIP, f"{missing[0]} was not reached; {other}")
