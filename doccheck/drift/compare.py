"""Two editions or languages of a page against each other: what is missing, extra, changed or moved in the new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from doccheck.drift import code, examples, parts, prose, unpaired
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.words import Words
from doccheck.pages.align import Alignment, align
from doccheck.pages.block import Block, Page
from doccheck.pages.outline import Outline, outlines

_TAKEN = 0.7  # the share of a step's words that tells that another one took it in


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
        names = examples.renamed(old, new, _aligned(old, new).counterparts)
        old = examples.page(old, names)
        pairs = _aligned(old, new).pairs
        here, there = parts.of(new, old, [(other, one) for one, other in pairs]), parts.of(old, new, pairs)
        old, new = parts.united(old, there), parts.united(new, here)
        words = Words.of(old.language), Words.of(new.language)
        return cls(old, new, *words, _aligned(old, new), names, tuple(parts.told(here)))

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
        found = [*examples.told(self.new, self.names), *self.apart]
        near = 1
        for one, other in self.alignment.pairs:
            if one and other:
                near = new[other.id].line
                found += self._changed(old[one.id], new[other.id])
            elif one and (taker := self._taker(one)):
                found.append(unpaired.joined(old[one.id], new[taker.id]))
            elif one and not (one.inline and self.new.witness):
                found.append(unpaired.missing(old[one.id], near))
            elif other:
                near = new[other.id].line
                found.append(unpaired.extra(new[other.id], revised=not self.translated))
        found += [unpaired.moved(old[one.id], new[other.id]) for one, other in self.alignment.moved]
        return sorted(unpaired.gathered(found), key=lambda finding: finding.line)

    def _taker(self, lost: Outline) -> Outline | None:
        """The block that took in what a step said that is gone: most words that it gained are the step's."""
        for one, other in self.alignment.pairs if lost.step and not self.translated else ():
            if one and other and one.section == lost.section:
                said = lost.words - one.words
                if len(said & (other.words - one.words)) > _TAKEN * len(said):
                    return other
        return None

    def _changed(self, one: Block, other: Block) -> Iterator[Finding]:
        if one.kind != other.kind:
            what = f"was {unpaired.a(one.kind)} (line {one.line}), and is {unpaired.a(other.kind)}"
            yield Finding(Weight.MISLEADS, "kind", other.line, other.id, what, f"make it {unpaired.a(one.kind)} again")
        if one.kind.code:
            yield from code.changed(one, other, self.old_words, self.new_words)
        else:
            yield from prose.changed(
                one, other, self.old_words, self.new_words, translated=self.translated, witness=self.new.witness
            )


def _aligned(old: Page, new: Page) -> Alignment:
    return align(outlines(old), outlines(new))
