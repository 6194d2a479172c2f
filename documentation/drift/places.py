"""Blocks that came, went, moved, or became blocks of another kind, and a page's title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documentation.drift import code, wording
from documentation.drift.revision import Change, Editions, goes
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages.block import Block, Kind, Page

_SHOWN = 72  # letters of a block that are shown
_URGENCY = (Kind.NOTE, Kind.CAUTION, Kind.WARNING)  # a block that became a more urgent one misleads no reader


@dataclass(frozen=True)
class Lost:
    """A block that only the old page has; `near` is the line of the new one that comes before it."""

    block: Block
    near: int


@rule("title", Weight.REMARK, Needs.OTHER_PAGE)
def another_title(old: Page, new: Page) -> Iterator[Found]:
    """A title in the front matter that has other words."""
    if old.title != new.title:
        _, changes = wording.changes(old.title, new.title)
        what = f"the title `{old.title}` became `{new.title}`: {'; '.join(changes)}"
        yield Found(new.title_line, new.blocks[0].id, what, "check the new words")


@rule("kind", Weight.MISLEADS, Needs.OTHER_PAGE)
def another_kind(old: Block, new: Block) -> Iterator[Found]:
    """A caution that became a note; a remark where it is more urgent now, or the same code with another fence."""
    what = f"was {a(old.kind)} (line {old.line}), and is {a(new.kind)}"
    harmless = new.kind.code or _URGENCY.index(new.kind) > _URGENCY.index(old.kind)
    weight = Weight.REMARK if harmless else None
    yield Found(new.line, new.id, what, f"make it {a(old.kind)} again", weight=weight)


@rule("missing", Weight.MISLEADS, Needs.OTHER_PAGE)
def missing(lost: Lost, editions: Editions, *, given_up: bool = False) -> Iterator[Found]:
    """What only the old page says, by itself: a remark where it is only words.

    In a later edition it is one, too, where it warns of nothing, is what programs print, stands in a sentence, has
    what the page gave up, applies another project's manifest, or where the rest of the page says why it is gone.
    """
    block, near = lost.block, lost.near
    why = editions.why_gone(block)
    if block.step:
        what = f"step {block.steps[-1]} of line {block.line} is missing{why}: {_shown(block)}"
        fix = f"add it near line {near}, or say where it went"
        yield Found(near, block.id, what, fix, weight=Weight.REMARK if given_up or why else None)
        return
    shown = block.inline or block.kind in (Kind.NOTE, Kind.OUTPUT)
    harmless = shown or given_up or why or code.applies_from_elsewhere(block)
    weighs = (block.kind.code or block.kind.admonition) and not (editions.revised and harmless)
    what = f"{a(block.kind)} of line {block.line} is missing{why}: {_shown(block)}"
    fix = f"add it near line {near}, or say why it went"
    yield Found(near, block.id, what, fix, weight=None if weighs else Weight.REMARK)


@rule("missing", Weight.MISLEADS, Needs.OTHER_PAGE)
def replaced(lost: Block, come: Block) -> Iterator[Found]:
    """What a later edition has something else for, in the same place; a remark unless that is of an older release."""
    name = f"step {lost.steps[-1]}" if lost.step else a(lost.kind)
    older = goes(lost.bare, come.bare) is Change.OLDER
    what = f"{name} of line {lost.line} was replaced: {_shown(lost)} by {_shown(come)}"
    fix = "check that it is what a reader should do now"
    yield Found(come.line, come.id, what, fix, weight=None if older else Weight.REMARK)


@rule("missing", Weight.REMARK, Needs.OTHER_PAGE)
def section_missing(lost: list[Lost]) -> Iterator[Found]:
    """Many paragraphs of one section."""
    lines = ", ".join(str(each.block.line) for each in lost)
    what = f"{len(lost)} paragraphs of this section are missing (lines {lines})"
    yield Found(lost[0].near, lost[0].block.id, what, "translate the section again")


@rule("extra", Weight.REMARK, Needs.OTHER_PAGE)
def extra(block: Block, editions: Editions) -> Iterator[Found]:
    """What the new page says and the old one does not; a later edition may well add to it."""
    weight = code.added(code.commands_of(block), editions) if block.kind.code else None
    what = f"{a(block.kind)} that the other page does not have: {_shown(block)}"
    fix = "check that it belongs here" if editions.revised else "remove it, or bring it to the other page"
    yield Found(block.line, block.id, what, fix, weight=weight)


@rule("moved", Weight.REMARK, Needs.OTHER_PAGE)
def joined(old: Block, new: Block) -> Iterator[Found]:
    """A step or a note whose words another block has taken in."""
    name = f"step {old.steps[-1]}" if old.step else a(old.kind)
    yield Found(new.line, new.id, f"{name} of line {old.line} is part of this one now: {_shown(old)}")


@rule("moved", Weight.REMARK, Needs.OTHER_PAGE)
def moved(old: Block, new: Block, *, elsewhere: bool, lines: tuple[int, ...] = ()) -> Iterator[Found]:
    """The same block in another place, which misleads where the order matters.

    `elsewhere` says that a later edition moved it to another section, or with its section; `lines` moved with it.
    """
    name = f"step {old.steps[-1]}" if old.step else a(old.kind)
    what = f"{name} moved here from {old.id} (line {old.line}): {_shown(new)}"
    weight = Weight.MISLEADS if (new.kind.code or old.step) and not elsewhere else None
    yield Found(new.line, new.id, what, "check that what it needs is still before it", lines=lines, weight=weight)


def _shown(block: Block) -> str:
    text = " ".join(block.bare.split())
    return f"`{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}`"


def a(kind: Kind) -> str:
    """A kind with its article."""
    return {Kind.OUTPUT: "an output", Kind.PROSE: "a paragraph", Kind.CONFIG: "a configuration"}.get(kind, f"a {kind}")
