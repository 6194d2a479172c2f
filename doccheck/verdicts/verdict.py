"""One claim on one way through the page: what each of its deciders says, and what follows from that. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from packaging.specifiers import SpecifierSet

from doccheck.claims.binding import Bound, Status
from doccheck.claims.registry import SAMPLE, Claim
from doccheck.execution.corrections import Done
from doccheck.execution.results import Outcome
from doccheck.pages.block import Kind
from doccheck.verdicts.evidence import Evidence, Way
from report.results import FAILED, PASSED


class How(StrEnum):
    """What a decider says of a claim."""

    HELD = "held"
    SUBSTITUTED = "held, with departures"
    WRONG = "the page is wrong"
    FAILED = "failed"
    CLEAN = "nothing is wrong with the words"
    SILENT = "was not run"


@dataclass(frozen=True)
class Said:
    """What one decider, or one block that was run, says of a claim; `why` is for people."""

    what: str
    how: How
    why: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.why or self.how}"


@dataclass(frozen=True)
class Decided:
    """What became of a claim on one way. `why` is the reason in a sentence, `said` all that was heard."""

    claim: Claim
    outcome: Outcome
    said: tuple[Said, ...] = ()
    why: str = ""

    @property
    def refuted(self) -> bool:
        """Whether a negative test of the claim was run, and passed."""
        return any(each.what in self.claim.negatives and each.how in (How.HELD, How.WRONG) for each in self.said)


_BLOCKS = {
    Outcome.VERIFIED: How.HELD,
    Outcome.SUBSTITUTED: How.SUBSTITUTED,
    Outcome.DEFECT: How.WRONG,
    Outcome.FAILED: How.FAILED,
}
_STEPS = {Done.PAGE: How.HELD, Done.OWN: How.HELD, Done.MISSED: How.WRONG}


def decide(bound: Bound, evidence: Evidence) -> Decided:
    """What follows from everything that was heard of a claim that a page makes."""
    claim = bound.claim
    if elsewhere := _elsewhere(claim, evidence.way):
        return Decided(claim, Outcome.NOT_APPLICABLE, why=elsewhere)
    deciders = (each for each in claim.deciders if each != SAMPLE)  # that is among the blocks
    said = (*_of_blocks(bound, evidence), *(_of_decider(each, bound, evidence) for each in deciders))
    outcome, why = _outcome(bound, said, evidence.walk.language)
    return Decided(claim, outcome, said, why)


def not_said(claim: Claim, language: str) -> Decided:
    """A claim that only other languages make."""
    return Decided(claim, Outcome.NOT_APPLICABLE, why=f"only {', '.join(claim.languages)} says it, and not {language}")


def _elsewhere(claim: Claim, way: Way) -> str:
    """Why a claim is not about a way; empty where it is."""
    if claim.topology not in ("", way.topology):
        return f"about {claim.topology} etcd"
    if claim.certificates not in ("", way.certificates):
        return f"about {claim.certificates} certificates"
    if not SpecifierSet(claim.versions).contains(way.version.removeprefix("v"), prereleases=True):
        return f"about versions {claim.versions}"
    return ""


def _outcome(bound: Bound, said: tuple[Said, ...], language: str) -> tuple[Outcome, str]:
    """The first that applies: what was not read says nothing, what failed counts more than what held."""
    by_how = {how: [each for each in said if each.how is how] for how in How}
    if bound.status is Status.STALE:
        return Outcome.STALE, bound.why
    if by_how[How.FAILED]:
        return Outcome.FAILED, str(by_how[How.FAILED][0])
    if bound.status is Status.INVERTED:
        return Outcome.DEFECT, bound.why
    if by_how[How.WRONG]:
        return Outcome.DEFECT, str(by_how[How.WRONG][0])
    if bound.status is Status.ABSENT:
        known = bound.claim.defect_in(language)
        return (Outcome.DEFECT if known else Outcome.UNBOUND), known or bound.why
    if by_how[How.SUBSTITUTED]:
        return Outcome.SUBSTITUTED, str(by_how[How.SUBSTITUTED][0])
    # That a rule found nothing proves little, and counts where a claim is about words alone.
    if by_how[How.HELD] or (by_how[How.CLEAN] and all(_is_rule(each) for each in bound.claim.deciders)):
        return Outcome.VERIFIED, ""
    silent = "; ".join(str(each) for each in by_how[How.SILENT])
    return Outcome.UNTESTABLE, bound.claim.untestable or silent


def _of_blocks(bound: Bound, evidence: Evidence) -> Iterator[Said]:
    """The blocks of a claim that were run; a sample only where the claim is about its words."""
    for block in bound.blocks:
        result = evidence.walk.results.get(block.id)
        if not result or (block.kind is Kind.OUTPUT and SAMPLE not in bound.claim.deciders):
            continue
        if how := _BLOCKS.get(result.outcome):
            # Departures come first, and what was wrong, or helped, comes last.
            why = result.reasons[-1] if how is How.WRONG and result.reasons else result.why
            yield Said(f"line {block.line}", how, why)


def _of_decider(decider: str, bound: Bound, evidence: Evidence) -> Said:
    kind, _, name = decider.partition(": ")
    if kind == "step":
        done = evidence.walk.steps.get(name)
        return Said(decider, _STEPS.get(Done(done), How.SILENT) if done else How.SILENT, done or "")
    if kind == "check":
        return _of_rule(decider, name, bound, evidence)
    outcome = evidence.of_scenario(decider)
    if outcome == PASSED and decider in bound.claim.shows:
        return Said(decider, How.WRONG, "shows what is wrong with the page")
    return Said(decider, {PASSED: How.HELD, FAILED: How.FAILED}.get(outcome, How.SILENT))


def _of_rule(decider: str, name: str, bound: Bound, evidence: Evidence) -> Said:
    """A rule speaks of a claim where it found something at one of its blocks, or at those that a gap is near to."""
    claim = bound.claim
    if name not in evidence.rules:
        return Said(decider, How.SILENT, "compares a translation with its original, and was not given both")
    near = {evidence.names.get(each, each) for each in claim.near}
    own = {*(block.id for block in bound.blocks), *claim.blocks, *near}
    for each in evidence.findings:
        if each.check == name and own & {each.block, *each.others}:
            return Said(decider, How.WRONG, f"line {each.line}: {each.what}")
    return Said(decider, How.CLEAN)


def _is_rule(decider: str) -> bool:
    return decider.startswith("check: ")
