"""Whether a page still says what each claim was read from, and the table of that.

A block that changed is never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from documentation.claims.claim import Claim
from documentation.claims.edition import ORIGINAL, Edition
from documentation.language.words import Words
from documentation.pages.align import align
from documentation.pages.block import Block, Page
from documentation.pages.outline import outlines

_HEAD = ("claim", "lines", "binding", "says", "decided by", "known to be wrong")


class Status(StrEnum):
    """How a claim stands to a page, from the worst to the best."""

    INVERTED = "inverted"
    STALE = "stale-binding"
    ABSENT = "absent"
    UNREVIEWED = "unreviewed"
    GAP = "gap"
    BOUND = "bound"


@dataclass(frozen=True)
class Bound:
    """One claim on one page: the blocks that say it, and whether they still do. `why` is for people."""

    claim: Claim
    blocks: tuple[Block, ...]
    status: Status
    why: str = ""


@dataclass(frozen=True)
class Bindings:
    """All claims on a page, and the commands that no claim is about."""

    page: Page
    edition: Edition
    bound: tuple[Bound, ...]
    unbound: tuple[Block, ...]

    def defect_of(self, claim: Claim) -> str:
        """What is known to be wrong with this edition of the page about a claim."""
        return claim.defect_in(self.page.language, self.edition.since)

    @property
    def status(self) -> int:
        """1 where something has to be read again by a person, else 0."""
        wrong = (Status.INVERTED, Status.STALE, Status.ABSENT)
        return int(bool(self.unbound) or any(each.status in wrong for each in self.bound))


def bind(page: Page, edition: Edition, claims: Mapping[str, Claim]) -> Bindings:
    """Find what each claim was read from on a page."""
    reading = Reading(page, edition)
    concerned = [claim for claim in claims.values() if claim.concerns(edition.page, page.language)]
    bound = tuple(_bound(claim, reading) for claim in concerned)
    claimed = {block.id for each in bound for block in each.blocks}
    return Bindings(page, edition, bound, tuple(block for block in page.commands if block.id not in claimed))


class Reading:
    """A page beside the edition that it is judged by."""

    def __init__(self, page: Page, edition: Edition) -> None:
        self.page = page
        self.edition = edition
        self._read = {each.id: each for each in edition.blocks}
        blocks = {block.id: block for block in page.blocks}
        pairs = align(edition.blocks, [each.hidden() for each in outlines(page)]).counterparts
        self.there = {own: blocks[there] for own, there in pairs.items()}

    def wanted(self, claim: Claim) -> list[str]:
        """The edition's blocks that a claim was read from."""
        own = [own for name in claim.blocks for own in self.edition.own.get(name, [])]
        return own + [name for name in claim.own_blocks.get(self.page.language, []) if name in self._read]

    def judged(self, own: str) -> tuple[Status, str]:
        """Whether the page's counterpart of a block says what was read when the edition was recorded, and why not."""
        block, read = self.there[own], self._read[own]
        where = f"line {block.line}"
        if self.edition.language == self.page.language:
            if block.hash != read.hash:
                return Status.STALE, f"{where} changed since it was read"
            changed = block.comment_hash != read.comment_hash
            return (Status.STALE, f"a comment in the code of {where} changed") if changed else _BOUND
        if not block.kind.code:
            return Status.UNREVIEWED, f"{where}: no person has read this translation"
        if block.hash != read.hash:
            return Status.STALE, f"{where} is not what the original has"
        return (Status.UNREVIEWED, f"{where}: comments are translated") if block.comments else _BOUND

    def named(self) -> dict[str, tuple[Block, Status]]:
        """The page's blocks by the original's ids, and by those that only the edition has."""
        found: dict[str, tuple[Block, Status]] = {}
        for own, block in self.there.items():
            for name in (own, self.edition.names.get(own, own)):
                found.setdefault(name, (block, self.judged(own)[0]))
        return found


def _bound(claim: Claim, reading: Reading) -> Bound:
    wanted = reading.wanted(claim)
    blocks = tuple(reading.there[own] for own in wanted if own in reading.there)
    if not (claim.blocks or claim.own_blocks):
        return Bound(claim, (), Status.GAP)
    if inverted := _inverted(claim, blocks, Words.of(reading.page.language)):
        return Bound(claim, blocks, Status.INVERTED, inverted)
    if not wanted and reading.edition.language == ORIGINAL:
        return Bound(claim, (), Status.GAP, "another edition of the page says it")
    if not blocks:
        return Bound(claim, (), Status.ABSENT, "no block of this page says it")
    if gone := [own for own in wanted if own not in reading.there]:
        return Bound(claim, blocks, Status.STALE, f"{', '.join(gone)} of the edition is not on this page")
    status, why = min((reading.judged(own) for own in wanted), key=_rank)
    return Bound(claim, blocks, status, why)


def _inverted(claim: Claim, blocks: Iterable[Block], words: Words) -> str:
    """What a comment asks for, where the claim says that it has to ask for something else."""
    if not claim.comment:
        return ""
    for block in blocks:
        for comment in block.comments:
            asks = words.polarity(comment.text) if claim.comment.about in comment.about else ""
            if asks and asks != claim.comment.asks:
                return f"line {comment.line} has `{comment.about}` {asks}, where it is to {claim.comment.asks}"
    return ""


_BOUND = (Status.BOUND, "")


def _rank(judged: tuple[Status, str]) -> int:
    return list(Status).index(judged[0])


def coverage(bindings: Bindings) -> str:
    """How much of a page is covered: commands bound, claims decided, cautions with a negative case."""
    commands = len(bindings.page.commands)
    decided = [each for each in bindings.bound if each.claim.deciders]
    cautions = [each for each in bindings.bound if each.claim.kind == "caution"]
    negatives = [each for each in cautions if each.claim.negative and each.claim.deciders]
    return (
        f"{commands - len(bindings.unbound)} of {commands} commands bound, "
        f"{len(decided)} of {len(bindings.bound)} claims decided, "
        f"{len(negatives)} of {len(cautions)} cautions with a negative case"
    )


def text(bindings: Bindings) -> str:
    """One line a claim, with what has to be read again below it."""
    lines = [_title(bindings)]
    for each in bindings.bound:
        claim = each.claim
        decided = f"{len(claim.deciders)} deciders" if claim.deciders else f"untestable: {claim.untestable}"
        lines.append(f"{claim.id:4} {each.status:14} {_lines(each):16} {claim.says}  [{decided}]")
        lines += [f"{'':20}{each.why}"] if each.why else []
        lines += [f"{'':20}known: {_known(each, bindings)}"] if _known(each, bindings) else []
    lines += [f"     unbound        {block.line:<16} `{block.bare}`" for block in bindings.unbound]
    return "\n".join([*lines, "", coverage(bindings)]) + "\n"


def markdown(bindings: Bindings) -> str:
    """The same, fit to paste into an issue."""
    lines = [f"### {_title(bindings)}", "", f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    for each in bindings.bound:
        claim = each.claim
        status = f"{each.status}: {each.why}" if each.why else str(each.status)
        decided = "<br>".join(claim.deciders) or f"untestable: {claim.untestable}"
        cells = (claim.id, _lines(each), status, claim.says, decided, _known(each, bindings))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    for block in bindings.unbound:
        lines.append(f"| | {block.line} | unbound | `{' '.join(block.bare.split())}` | | |")
    return "\n".join([*lines, "", coverage(bindings)]) + "\n"


def _title(bindings: Bindings) -> str:
    edition = bindings.edition
    return f"{bindings.page.name} ({bindings.page.language}), read as {edition.page} ({edition.language})"


def _lines(bound: Bound) -> str:
    return ",".join(str(block.line) for block in bound.blocks[:3]) + ("…" if len(bound.blocks) > 3 else "")


def _known(bound: Bound, bindings: Bindings) -> str:
    claim = bound.claim
    made = {each.claim.id for each in bindings.bound if each.status not in (Status.GAP, Status.ABSENT)}
    against = f"says the opposite of {claim.against}" if {claim.id, claim.against} <= made else ""
    return "; ".join(filter(None, (bindings.defect_of(claim), against)))
