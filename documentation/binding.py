"""Whether a page still says what each claim was read from. A block that changed is never passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from documentation.drift.words import Words
from documentation.edition import Edition
from documentation.pages.align import align
from documentation.pages.block import Block, Page
from documentation.pages.outline import outlines
from documentation.registry import Claim


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

    @property
    def status(self) -> int:
        """1 where something has to be read again by a person, else 0."""
        wrong = (Status.INVERTED, Status.STALE, Status.ABSENT)
        return int(bool(self.unbound) or any(each.status in wrong for each in self.bound))


def bind(page: Page, edition: Edition, claims: Mapping[str, Claim]) -> Bindings:
    """Find what each claim was read from on a page."""
    reader = _Reader(page, edition)
    concerned = [claim for claim in claims.values() if claim.concerns(edition.page, page.language)]
    bound = tuple(reader.bound(claim) for claim in concerned)
    told = {block.id for each in bound for block in each.blocks}
    return Bindings(page, edition, bound, tuple(block for block in page.commands if block.id not in told))


def counterparts(page: Page, edition: Edition) -> dict[str, tuple[Block, bool]]:
    """Ids of the original, and of blocks that only the edition has → the page's block, and whether it is as read.

    Comments count where they are in the same language.
    """
    blocks = {block.id: block for block in page.blocks}
    read = {each.id: each for each in edition.blocks}
    found: dict[str, tuple[Block, bool]] = {}
    for own, there in align(edition.blocks, [each.hidden() for each in outlines(page)]).counterparts.items():
        block, same = blocks[there], read[own].hash == blocks[there].hash
        if edition.language == page.language:
            same = same and read[own].comment_hash == block.comment_hash
        for name in (own, edition.names.get(own, own)):
            found.setdefault(name, (block, same))
    return found


class _Reader:
    """Knows which block of the page is which of the edition."""

    def __init__(self, page: Page, edition: Edition) -> None:
        self._page = page
        self._edition = edition
        self._blocks = {block.id: block for block in page.blocks}
        hidden = [each.hidden() for each in outlines(page)]
        self._outlines = {each.id: each for each in edition.blocks}
        self._there = align(edition.blocks, hidden).counterparts
        self._words = Words.of(page.language)

    def bound(self, claim: Claim) -> Bound:
        """The claim on this page."""
        wanted = [own for name in claim.blocks for own in self._edition.own.get(name, [])]
        wanted += [own for own in claim.own_blocks.get(self._page.language, []) if own in self._outlines]
        found = {name: self._blocks[self._there[name]] for name in wanted if name in self._there}
        blocks = tuple(found.values())
        if not (claim.blocks or claim.own_blocks):
            return Bound(claim, (), Status.GAP)
        if inverted := self._inverted(claim, blocks):
            return Bound(claim, blocks, Status.INVERTED, inverted)
        if not found:
            return Bound(claim, (), Status.ABSENT, "no block of this page says it")
        status, why = min((self._judged(name, block) for name, block in found.items()), key=_rank)
        return Bound(claim, blocks, status, why)

    def _judged(self, name: str, block: Block) -> tuple[Status, str]:
        """Whether a block says what was read when the edition was recorded."""
        read = self._outlines[name]
        where = f"line {block.line}"
        if self._edition.language == self._page.language:
            if block.hash != read.hash:
                return Status.STALE, f"{where} changed since it was read"
            return (
                (Status.STALE, f"a comment near {where} changed") if block.comment_hash != read.comment_hash else _BOUND
            )
        if not block.kind.code:
            return Status.UNREVIEWED, f"{where}: nobody has read this translation"
        if block.hash != read.hash:
            return Status.STALE, f"{where} is not what the original has"
        return (Status.UNREVIEWED, f"{where}: comments are translated") if block.comments else _BOUND

    def _inverted(self, claim: Claim, blocks: Iterable[Block]) -> str:
        """What a comment asks for, where the claim says that it has to ask for something else."""
        for block in blocks if claim.comment else ():
            for comment in block.comments:
                asks = self._words.polarity(comment.text) if claim.comment["about"] in comment.about else ""
                if asks and asks != claim.comment["asks"]:
                    return f"line {comment.line} has `{comment.about}` {asks}, where it is to {claim.comment['asks']}"
        return ""


_BOUND = (Status.BOUND, "")


def _rank(judged: tuple[Status, str]) -> int:
    return list(Status).index(judged[0])


def coverage(bindings: Bindings) -> str:
    """How much of a page is looked after: commands bound, claims decided, cautions with a negative case."""
    commands = len(bindings.page.commands)
    decided = [each for each in bindings.bound if each.claim.deciders]
    cautions = [each for each in bindings.bound if each.claim.kind == "caution"]
    negatives = [each for each in cautions if each.claim.negative and each.claim.deciders]
    return (
        f"{commands - len(bindings.unbound)} of {commands} commands bound, "
        f"{len(decided)} of {len(bindings.bound)} claims decided, "
        f"{len(negatives)} of {len(cautions)} cautions with a negative case"
    )
