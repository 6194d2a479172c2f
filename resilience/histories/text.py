"""A verdict as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resilience.histories.verdict import Broken, Verdict, Violation

_SHOWN = 5  # of a kind: enough to see what they have in common; what follows from one fault can be thousands


def render(name: str, verdict: Verdict, *, everything: bool = False) -> str:
    """What a history's check found: the verdict, what was counted, each violation with its records."""
    return "\n".join([*_head(name, verdict), *_violations(verdict, everything), *_undecided(verdict)])


def _head(name: str, verdict: Verdict) -> Iterator[str]:
    number = len(verdict.violations)
    yield f"{name}: " + (f"{number} violation{'s'[: number != 1]}" if number else "nothing in it contradicts itself")
    by_kind: dict[str, Counter[str]] = {}
    for (kind, outcome), count in verdict.operations.items():
        by_kind.setdefault(kind, Counter())[outcome] += count
    for kind, outcomes in by_kind.items():
        each = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        yield f"  {kind}: {sum(outcomes.values())} ({each})"
    yield f"  events of watches: {verdict.events}"
    if verdict.appeared or verdict.unseen:
        yield f"  unknown writes: {verdict.appeared} appeared, of {verdict.unseen} nothing was seen"


def _violations(verdict: Verdict, everything: bool) -> Iterator[str]:
    for kind in Broken:
        found = [each for each in verdict.violations if each.kind is kind]
        shown = found if everything else found[:_SHOWN]
        for each in shown:
            yield from _violation(each)
        if len(found) > len(shown):
            yield f"{kind}: {len(found) - len(shown)} more; --all shows them"


def _violation(each: Violation) -> Iterator[str]:
    yield f"{each.kind}: {each.sentence}"
    yield from (f"    {place}" for place in each.places)


def _undecided(verdict: Verdict) -> Iterator[str]:
    yield from (f"not decided: {each}" for each in verdict.undecided)
