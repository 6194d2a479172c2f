"""One claim on one way through the page: the vote of each of its deciders, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from packaging.specifiers import SpecifierSet

from documentation.claims.binding import Bound, Status
from documentation.claims.claim import SAMPLE, Claim, DecidedBy, Decider
from documentation.execution.fallback import Done
from documentation.execution.results import Outcome
from documentation.pages.block import Kind
from documentation.verdicts.way import Evidence, Way
from report.results import FAILED, PASSED


class Verdict(StrEnum):
    """What a decider says of a claim."""

    HELD = "held"
    SUBSTITUTED = "held, with departures"
    WRONG = "the page is wrong"
    FAILED = "failed"
    CLEAN = "nothing is wrong with the words"
    SILENT = "was not run"


@dataclass(frozen=True)
class Vote:
    """What one decider says of a claim, or one block that was run, which `source` names.

    `why` is for people; `negative` is the vote of a decider that tries what must fail.
    """

    source: str
    verdict: Verdict
    why: str = ""
    negative: bool = False

    def __str__(self) -> str:
        return f"{self.source}: {self.why or self.verdict}"


@dataclass(frozen=True)
class Decided:
    """The outcome of a claim on one way. `why` is the reason in a sentence."""

    claim: Claim
    outcome: Outcome
    votes: tuple[Vote, ...] = ()
    why: str = ""

    @property
    def refuted(self) -> bool:
        """Whether a negative test of the claim was run, and passed."""
        return any(each.negative and each.verdict in (Verdict.HELD, Verdict.WRONG) for each in self.votes)


_BLOCKS = {
    Outcome.VERIFIED: Verdict.HELD,
    Outcome.SUBSTITUTED: Verdict.SUBSTITUTED,
    Outcome.DEFECT: Verdict.WRONG,
    Outcome.FAILED: Verdict.FAILED,
}
_STEPS = {Done.PAGE: Verdict.HELD, Done.OWN: Verdict.HELD, Done.MISSED: Verdict.WRONG}


def decide(bound: Bound, evidence: Evidence) -> Decided:
    """What follows from all votes on a claim that a page makes."""
    claim = bound.claim
    if elsewhere := _elsewhere(claim, evidence.way):
        return Decided(claim, Outcome.NOT_APPLICABLE, why=elsewhere)
    deciders = (each for each in map(Decider, claim.deciders) if each.kind is not DecidedBy.SAMPLE)  # among the blocks
    votes = (*_of_blocks(bound, evidence), *(_of_decider(each, bound, evidence) for each in deciders))
    outcome, why = _outcome(bound, votes, evidence.walk.language)
    return Decided(claim, outcome, votes, why)


def of_other_languages(claim: Claim, language: str) -> Decided:
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


def _outcome(bound: Bound, votes: tuple[Vote, ...], language: str) -> tuple[Outcome, str]:
    """The first that applies: what was not read says nothing, what failed counts more than what held."""
    by = {verdict: [each for each in votes if each.verdict is verdict] for verdict in Verdict}
    if bound.status is Status.STALE:
        return Outcome.STALE, bound.why
    if by[Verdict.FAILED]:
        return Outcome.FAILED, str(by[Verdict.FAILED][0])
    if bound.status is Status.INVERTED:
        return Outcome.DEFECT, bound.why
    if by[Verdict.WRONG]:
        return Outcome.DEFECT, str(by[Verdict.WRONG][0])
    if bound.status is Status.ABSENT:
        known = bound.claim.defect_in(language)
        return (Outcome.DEFECT if known else Outcome.UNBOUND), known or bound.why
    if by[Verdict.SUBSTITUTED]:
        return Outcome.SUBSTITUTED, str(by[Verdict.SUBSTITUTED][0])
    # That a rule found nothing proves little, and counts where a claim is about words alone.
    only_rules = all(Decider(each).kind is DecidedBy.RULE for each in bound.claim.deciders)
    if by[Verdict.HELD] or (by[Verdict.CLEAN] and only_rules):
        return Outcome.VERIFIED, ""
    silent = "; ".join(str(each) for each in by[Verdict.SILENT])
    return Outcome.UNTESTABLE, bound.claim.untestable or silent


def _of_blocks(bound: Bound, evidence: Evidence) -> Iterator[Vote]:
    """The blocks of a claim that were run; a sample only where the claim is about its words."""
    for block in bound.blocks:
        result = evidence.walk.results.get(block.id)
        if not result or (block.kind is Kind.OUTPUT and SAMPLE not in bound.claim.deciders):
            continue
        if verdict := _BLOCKS.get(result.outcome):
            # Departures come first, and what was wrong, or helped, comes last.
            why = result.reasons[-1] if verdict is Verdict.WRONG and result.reasons else result.why
            yield Vote(f"line {block.line}", verdict, why)


def _of_decider(decider: Decider, bound: Bound, evidence: Evidence) -> Vote:
    verdict, why = _verdict(decider, bound, evidence)
    return Vote(decider.text, verdict, why, negative=decider.text in bound.claim.negatives)


def _verdict(decider: Decider, bound: Bound, evidence: Evidence) -> tuple[Verdict, str]:
    if decider.kind is DecidedBy.STEP:
        done = evidence.walk.steps.get(decider.name)
        return (_STEPS.get(done, Verdict.SILENT), done.sentence) if done else (Verdict.SILENT, "")
    if decider.kind is DecidedBy.RULE:
        return _of_rule(decider.name, bound, evidence)
    of_fault = decider.kind is DecidedBy.FAULT
    outcome = evidence.faults.get(decider.name, "") if of_fault else evidence.of_scenario(decider.name)
    if outcome == PASSED and decider.text in bound.claim.shows:
        return Verdict.WRONG, "shows what is wrong with the page"
    return {PASSED: Verdict.HELD, FAILED: Verdict.FAILED}.get(outcome, Verdict.SILENT), ""


def _of_rule(name: str, bound: Bound, evidence: Evidence) -> tuple[Verdict, str]:
    """A rule is about a claim where it found something at one of its blocks, or at those that a gap is near to."""
    claim = bound.claim
    if name not in evidence.rules:
        return Verdict.SILENT, "needs the original of a translation, or programs, and was not given them"
    near = {evidence.names.get(each, each) for each in claim.near}
    own = {*(block.id for block in bound.blocks), *claim.blocks, *near}
    for each in evidence.findings:
        if each.check == name and own & {each.block, *each.others}:
            return Verdict.WRONG, f"line {each.line}: {each.what}"
    return Verdict.CLEAN, ""
