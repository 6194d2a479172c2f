"""Two editions or languages of a page against each other: what is missing, extra, changed or moved in the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from documentation.drift import code, prose
from documentation.drift.finding import Finding, Weight
from documentation.drift.words import Words
from documentation.pages.align import Alignment, align
from documentation.pages.block import Block, Kind, Page
from documentation.pages.outline import Outline, outlines

_SHOWN = 72  # letters of a block that are shown
_TAKEN = 0.7  # the share of a step's words that tells that another one took it in
_FEW = 4  # missing paragraphs of a section that are told one by one


@dataclass(frozen=True)
class Comparison:
    """Two pages side by side, with the words to judge them by."""

    old: Page
    new: Page
    old_words: Words
    new_words: Words
    alignment: Alignment

    @classmethod
    def of(cls, old: Page, new: Page) -> Comparison:
        """Pair the blocks of two pages."""
        alignment = align(outlines(old), outlines(new))
        return cls(old, new, Words.of(old.language), Words.of(new.language), alignment)

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
        found: list[Finding] = []
        near = 1
        for one, other in self.alignment.pairs:
            if one and other:
                near = new[other.id].line
                found += self._changed(old[one.id], new[other.id])
            elif one and (taker := self._taker(one)):
                found.append(_joined(old[one.id], new[taker.id]))
            elif one and not (one.inline and self.new.witness):
                found.append(_missing(old[one.id], near))
            elif other:
                near = new[other.id].line
                found.append(_extra(new[other.id]))
        found += [_moved(old[one.id], new[other.id]) for one, other in self.alignment.moved]
        return sorted(_gathered(found), key=lambda finding: finding.line)

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
            yield Finding(
                Weight.MISLEADS, "kind", other.line, other.id,
                f"was {_a(one.kind)} (line {one.line}), and is {_a(other.kind)}", f"make it {_a(one.kind)} again",
            )  # fmt: skip
        if one.kind.code:
            yield from code.changed(one, other, self.old_words, self.new_words)
        else:
            yield from prose.changed(
                one, other, self.old_words, self.new_words, translated=self.translated, witness=self.new.witness
            )


def _missing(block: Block, near: int) -> Finding:
    if block.step:
        what = f"step {block.steps[-1]} of line {block.line} is missing: {_shown(block)}"
        return Finding(Weight.MISLEADS, "missing", near, block.id, what, f"add it near line {near}, or say where it went")
    weight = Weight.MISLEADS if block.kind.code or block.kind.admonition else Weight.REMARK
    what = f"{_a(block.kind)} of line {block.line} is missing: {_shown(block)}"
    return Finding(weight, "missing", near, block.id, what, f"add it near line {near}, or say why it went")


def _joined(old: Block, new: Block) -> Finding:
    what = f"step {old.steps[-1]} of line {old.line} is part of this one now: {_shown(old)}"
    return Finding(Weight.REMARK, "moved", new.line, new.id, what)


def _extra(block: Block) -> Finding:
    weight = Weight.MISLEADS if block.kind.code else Weight.REMARK
    what = f"{_a(block.kind)} that the other page does not have: {_shown(block)}"
    return Finding(weight, "extra", block.line, block.id, what, "remove it, or bring it to the other page")


def _gathered(findings: list[Finding]) -> list[Finding]:
    """Paragraphs of one section that are missing become one finding: a rewritten section is one thing to look at."""
    gathered: list[Finding] = []
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        paragraph = finding.check == "missing" and finding.weight is Weight.REMARK and "/prose-" in finding.block
        groups.setdefault(finding.block.split("/")[0] if paragraph else "", []).append(finding)
    for section, group in groups.items():
        if not section or len(group) < _FEW:
            gathered += group
            continue
        lines = ", ".join(re.findall(r"line (\d+)", each.what)[0] for each in group)
        what = f"{len(group)} paragraphs of this section are missing (lines {lines})"
        gathered.append(replace(group[0], what=what, mend="translate the section again"))
    return gathered


def _moved(old: Block, new: Block) -> Finding:
    name = f"step {old.steps[-1]}" if old.step else _a(old.kind)
    what = f"{name} moved here from {old.id} (line {old.line}): {_shown(new)}"
    weight = Weight.MISLEADS if new.kind.code or old.step else Weight.REMARK
    return Finding(weight, "moved", new.line, new.id, what, "see that what it needs is still before it")


def _shown(block: Block) -> str:
    text = " ".join(block.bare.split())
    return f"`{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}`"


def _a(kind: Kind) -> str:
    return {Kind.OUTPUT: "an output", Kind.PROSE: "a paragraph", Kind.CONFIG: "a configuration"}.get(kind, f"a {kind}")
