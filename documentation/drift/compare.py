"""Two editions or languages of a page against each other: what is missing, extra, changed or moved in the new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from documentation.drift import code, equivalent, prose, translated, translated_code
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import Words
from documentation.pages import shell
from documentation.pages.align import Alignment, align
from documentation.pages.block import Block, Kind, Page
from documentation.pages.outline import Outline, outlines

_TAKEN = 0.7  # the share of a step's words that shows that another one took it in
_SHOWN = 72  # letters of a block that are shown
_FEW = 4  # missing paragraphs of a section that are shown one by one


@dataclass(frozen=True)
class Lost:
    """A paragraph that only the old page has; `near` is the line of the new one that comes before it."""

    block: Block
    near: int


@dataclass(frozen=True)
class Comparison:
    """Two pages side by side, with the words to judge them by.

    `old` has the examples of `new`; `names` are those that became others. Commands that stand in several blocks on one
    page, and in one on the other, are one block on both; `apart` are the remarks about that.
    """

    old: Page
    new: Page
    old_words: Words
    new_words: Words
    alignment: Alignment
    names: dict[str, str]
    apart: tuple[Finding, ...]

    @classmethod
    def of(cls, old: Page, new: Page) -> Comparison:
        """Pair the blocks of two pages."""
        names = equivalent.renamed_examples(old, new, _aligned(old, new).counterparts)
        old = equivalent.with_examples(old, names)
        pairs = _aligned(old, new).pairs
        here = equivalent.parts(new, old, [(other, one) for one, other in pairs])
        there = equivalent.parts(old, new, pairs)
        old, new = equivalent.united(old, there), equivalent.united(new, here)
        words = Words.of(old.language), Words.of(new.language)
        alignment = _aligned(old, new)
        if old.language != new.language:
            alignment = replace(alignment, pairs=tuple(translated_code.rejoined(alignment.pairs)))
        return cls(old, new, *words, alignment, names, tuple(equivalent.taken_apart(here)))

    @property
    def translated(self) -> bool:
        """Whether the pages are in two languages."""
        return self.old.language != self.new.language

    @property
    def silent(self) -> list[str]:
        """The languages whose words are not known, so that modality and comments cannot be compared."""
        return sorted({words.language for words in (self.old_words, self.new_words) if not words.known})

    def findings(self) -> list[Finding]:
        """All differences that a reader would notice, in the order of the new page."""
        old = {block.id: block for block in self.old.blocks}
        new = {block.id: block for block in self.new.blocks}
        found = [*equivalent.another_example(self.new, self.names), *self.apart]
        lost: list[Lost] = []
        near = 1
        for one, other in self.alignment.pairs:
            if one and other:
                near = new[other.id].line
                found += self._changed(old[one.id], new[other.id])
            elif one and (taker := self._taker(one)):
                found += joined(old[one.id], new[taker.id])
            elif one and one.kind is Kind.PROSE and not one.step:
                lost.append(Lost(old[one.id], near))
            elif one and not (one.inline and self.new.witness):
                found += missing(old[one.id], near)
            elif other:
                near = new[other.id].line
                found += extra(new[other.id], revised=not self.translated)
        for one, other in self.alignment.moved:
            found += moved(old[one.id], new[other.id])
        if self.translated:
            found += translated.changed(list(self._paragraphs(old, new)), self.old_words, self.new_words)
        return sorted([*found, *_paragraphs(lost)], key=lambda finding: finding.line)

    def _paragraphs(self, old: dict[str, Block], new: dict[str, Block]) -> Iterator[tuple[Block, Block]]:
        for one, other in self.alignment.pairs:
            if one and other and not one.kind.code and not other.kind.code:
                yield old[one.id], new[other.id]

    def _taker(self, lost: Outline) -> Outline | None:
        """The block that took in the words of a step that is gone: most words that it gained are the step's."""
        for one, other in self.alignment.pairs if lost.step and not self.translated else ():
            if one and other and one.section == lost.section:
                words = lost.words - one.words
                if len(words & (other.words - one.words)) > _TAKEN * len(words):
                    return other
        return None

    def _changed(self, one: Block, other: Block) -> Iterator[Finding]:
        if one.kind != other.kind:
            yield from another_kind(one, other)
        if one.kind.code:
            yield from code.changed(one, other, self.old_words, self.new_words)
        else:
            yield from prose.changed(
                one, other, self.old_words, self.new_words, translated=self.translated, witness=self.new.witness
            )


def _aligned(old: Page, new: Page) -> Alignment:
    return align(outlines(old), outlines(new))


def _paragraphs(lost: list[Lost]) -> Iterator[Finding]:
    """Paragraphs that are missing; many of one section are one finding: a rewritten section is one thing to read."""
    sections: dict[str, list[Lost]] = {}
    for each in lost:
        sections.setdefault(each.block.section, []).append(each)
    for group in sections.values():
        if len(group) >= _FEW:
            yield from section_missing(group)
        else:
            for each in group:
                yield from missing(each.block, each.near)


@rule("kind", Weight.MISLEADS, Needs.OTHER_PAGE)
def another_kind(old: Block, new: Block) -> Iterator[Found]:
    """A caution that became a note, a command that became an output."""
    what = f"was {a(old.kind)} (line {old.line}), and is {a(new.kind)}"
    yield Found(new.line, new.id, what, f"make it {a(old.kind)} again")


@rule("missing", Weight.MISLEADS, Needs.OTHER_PAGE)
def missing(block: Block, near: int) -> Iterator[Found]:
    """What only the old page says, by itself: a remark where it is only words."""
    if block.step:
        what = f"step {block.steps[-1]} of line {block.line} is missing: {_shown(block)}"
        yield Found(near, block.id, what, f"add it near line {near}, or say where it went")
        return
    weight = None if block.kind.code or block.kind.admonition else Weight.REMARK
    what = f"{a(block.kind)} of line {block.line} is missing: {_shown(block)}"
    yield Found(near, block.id, what, f"add it near line {near}, or say why it went", weight=weight)


@rule("missing", Weight.REMARK, Needs.OTHER_PAGE)
def section_missing(lost: list[Lost]) -> Iterator[Found]:
    """Many paragraphs of one section."""
    lines = ", ".join(str(each.block.line) for each in lost)
    what = f"{len(lost)} paragraphs of this section are missing (lines {lines})"
    yield Found(lost[0].near, lost[0].block.id, what, "translate the section again")


@rule("extra", Weight.REMARK, Needs.OTHER_PAGE)
def extra(block: Block, *, revised: bool) -> Iterator[Found]:
    """What the new page says and the old one does not: `revised` where it is a later edition, not a translation."""
    typed = shell.parse(block.text).commands if block.kind is Kind.COMMAND else ()
    weight = code.added(typed, revised=revised) if block.kind.code else None
    what = f"{a(block.kind)} that the other page does not have: {_shown(block)}"
    fix = "check that it belongs here" if revised else "remove it, or bring it to the other page"
    yield Found(block.line, block.id, what, fix, weight=weight)


@rule("moved", Weight.REMARK, Needs.OTHER_PAGE)
def joined(old: Block, new: Block) -> Iterator[Found]:
    """A step whose words another block has taken in."""
    yield Found(new.line, new.id, f"step {old.steps[-1]} of line {old.line} is part of this one now: {_shown(old)}")


@rule("moved", Weight.REMARK, Needs.OTHER_PAGE)
def moved(old: Block, new: Block) -> Iterator[Found]:
    """The same block in another place, which misleads where the order matters."""
    name = f"step {old.steps[-1]}" if old.step else a(old.kind)
    what = f"{name} moved here from {old.id} (line {old.line}): {_shown(new)}"
    weight = Weight.MISLEADS if new.kind.code or old.step else None
    yield Found(new.line, new.id, what, "check that what it needs is still before it", weight=weight)


def _shown(block: Block) -> str:
    text = " ".join(block.bare.split())
    return f"`{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}`"


def a(kind: Kind) -> str:
    """A kind with its article."""
    return {Kind.OUTPUT: "an output", Kind.PROSE: "a paragraph", Kind.CONFIG: "a configuration"}.get(kind, f"a {kind}")
