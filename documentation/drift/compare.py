"""Two editions or languages of a page against each other: what is missing, extra, changed or moved in the new one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from documentation.drift import code, equivalent, places, prose, revision, translated, translated_code
from documentation.drift.places import Lost
from documentation.drift.removed import Removed
from documentation.drift.revision import Editions
from documentation.findings.rules import Finding
from documentation.language.words import Words
from documentation.pages.align import Alignment, Pair, align
from documentation.pages.block import Block, Kind, Page
from documentation.pages.outline import Outline, outlines

_TAKEN = 0.7  # the share of a step's words that shows that another one took it in
_WORDS = 4  # that make a step known in another section: `Run the following` stands in many
_FEW = 4  # missing paragraphs of a section that are shown one by one


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
        aligned = _aligned(old, new)
        names = equivalent.renamed_examples(old, new, aligned.counterparts)
        if names:
            old = equivalent.with_examples(old, names)
            aligned = _aligned(old, new)
        here = equivalent.parts(new, old, [(other, one) for one, other in aligned.pairs])
        there = equivalent.parts(old, new, aligned.pairs)
        if here or there:
            old, new = equivalent.united(old, there), equivalent.united(new, here)
            aligned = _aligned(old, new)
        words = Words.of(old.language), Words.of(new.language)
        if old.language != new.language:
            aligned = replace(aligned, pairs=tuple(translated_code.rejoined(aligned.pairs)))
        return cls(old, new, *words, aligned, names, tuple(equivalent.taken_apart(here)))

    @property
    def translated(self) -> bool:
        """Whether the pages are in two languages."""
        return self.old.language != self.new.language

    @property
    def silent(self) -> list[str]:
        """The languages whose words are not known, so that modality and comments cannot be compared."""
        return sorted({words.language for words in (self.old_words, self.new_words) if not words.known})

    @cached_property
    def editions(self) -> Editions:
        """The two pages as editions, by the code that differs."""
        old = {block.id: block for block in self.old.blocks}
        new = {block.id: block for block in self.new.blocks}
        both = [(old[one.id], new[other.id]) for one, other in self.alignment.pairs if one and other]
        differing = [
            pair for one, other in both if one.kind.code and one.hash != other.hash for pair in _lines(one, other)
        ]
        differing += [pair for one, other in both if not one.kind.code for pair in self._placeholders(one, other)]
        editions = Editions.of(differing, (_code(self.old), _code(self.new)), revised=not self.translated)
        gone = frozenset(one.id for one, other in self.alignment.pairs if one and not other and not self._taker(one))
        come = frozenset(other.id for one, other in self.alignment.pairs if other and not one)
        explained = revision.variables(each for block in self.new.blocks for each in block.mentions)
        return replace(editions, removed=Removed(self.old, self.new, gone, come), explained=explained)

    def _placeholders(self, one: Block, other: Block) -> Iterator[tuple[str, str]]:
        """Placeholders of a paragraph that became others: it explains those of the code. The new page lacks the old."""
        for before, after in zip(one.mentions, other.mentions, strict=False):
            both = revision.is_placeholder(before) and revision.is_placeholder(after)
            if both and before != after and before not in self.new.source:
                yield before, after

    @cached_property
    def _text(self) -> str:
        """All text of the new page."""
        return "\n".join(block.text for block in self.new.blocks)

    def findings(self) -> list[Finding]:
        """All differences that a reader would notice, in the order of the new page."""
        old = {block.id: block for block in self.old.blocks}
        new = {block.id: block for block in self.new.blocks}
        found = [*equivalent.another_example(self.new, self.names, revised=not self.translated), *self.apart]
        found += [] if self.translated else places.another_title(self.old, self.new)
        paragraphs: list[Lost] = []
        near, anew = 1, False
        gone_alone = [one for one, other in self.alignment.pairs if one and not other]
        taken = {one.id: taker.id for one in gone_alone if (taker := self._taker(one))}
        for gap in _gaps(self.alignment.pairs):
            if gap.both:
                one, other = gap.both
                near, anew = new[other.id].line, not one.kind.code and one.hash != other.hash
                found += self._changed(old[one.id], new[other.id])
                continue
            gone = [old[each.id] for each in gap.gone]
            come = [new[each.id] for each in gap.come if each.id not in taken.values()]
            found += [each for one in gone if one.id in taken for each in places.joined(one, new[taken[one.id]])]
            lost = [Lost(each, near) for each in gone if each.id not in taken]
            anew = anew or any(not each.kind.code for each in (*gone, *come))
            found += self._came_and_went(lost, come, anew=anew)
            paragraphs += [each for each in lost if each.block.kind is Kind.PROSE and not each.block.step]
            near = come[-1].line if come else near
        found += self._moved(old, new)
        if self.translated:
            alone = [old[one.id] for one, other in self.alignment.pairs if one and not other and not one.kind.code]
            found += translated.changed(list(self._paragraphs(old, new)), alone, self.old_words, self.new_words)
        return sorted([*found, *_paragraphs(paragraphs, self.editions)], key=lambda finding: finding.line)

    def _moved(self, old: dict[str, Block], new: dict[str, Block]) -> Iterator[Finding]:
        """What stands in another place; the parts of one note are one finding, and what became other words is more."""
        pairs = self.alignment.moved
        sections = {one.section for one, _ in pairs if one.kind is Kind.HEADING}
        for group in _together(pairs, [*old], [*new]):
            one, other = group[0]
            elsewhere = self.editions.revised and (one.section != other.section or one.section in sections)
            lines = tuple(new[there.id].line for _, there in group[1:])
            yield from places.moved(old[one.id], new[other.id], elsewhere=elsewhere, lines=lines)
        for one, other in pairs:
            if (one.kind, one.hash) != (other.kind, other.hash):
                yield from self._changed(old[one.id], new[other.id])

    def _came_and_went(self, lost: list[Lost], come: list[Block], *, anew: bool) -> Iterator[Finding]:
        """What stands in one place of one page alone, but for paragraphs.

        What a later edition has something else for is replaced, if words beside it are new, too (`anew`).
        """
        instead = [each for each in come if each.kind in (Kind.COMMAND, Kind.CONFIG) and not each.inline]
        worded = [each for each in come if each.kind is Kind.PROSE]
        given_up = self.editions.given_up("\n".join(each.block.text for each in lost))
        used = set()
        for each in lost:
            block = each.block
            if (block.kind is Kind.PROSE and not block.step) or (block.inline and self.new.witness):
                continue
            found = worded if block.step else instead if block.kind.code and not block.inline else []
            if found and anew and self.editions.revised:
                by = next((one for one in found if one.id not in used), found[-1])
                used.add(by.id)
                yield from places.replaced(block, by)
            else:
                yield from places.missing(each, self.editions, given_up=given_up)
        for one in come:
            if one.id not in used or code.takes_away(code.commands_of(one), self.editions):
                yield from places.extra(one, self.editions)

    def _paragraphs(self, old: dict[str, Block], new: dict[str, Block]) -> Iterator[tuple[Block, Block]]:
        for one, other in (*self.alignment.pairs, *self.alignment.moved):
            if one and other and not one.kind.code and not other.kind.code:
                yield old[one.id], new[other.id]

    def _taker(self, lost: Outline) -> Outline | None:
        """The block that took in the words of a step or a note that is gone: most of these are new in it.

        A step may have become a section, or part of a new one, and a note a paragraph elsewhere.
        """
        worded = lost.step or lost.kind.admonition
        anywhere = (lost.step or lost.kind is Kind.NOTE) and len(lost.words) >= _WORDS
        for one, other in self.alignment.pairs if worded and not self.translated else ():
            if other and not other.kind.code and (anywhere or _in_one_section(lost, one, other)):
                had = one.words if one else frozenset()
                words = lost.words - had
                if words and len(words & (other.words - had)) > _TAKEN * len(words):
                    return other
        return None

    def _changed(self, one: Block, other: Block) -> Iterator[Finding]:
        if one.kind != other.kind:
            yield from places.another_kind(one, other)
        if one.kind.code:
            yield from code.changed(one, other, self.old_words, self.new_words, self.editions)
        else:
            yield from prose.changed(
                one, other, self.old_words, self.new_words,
                translated=self.translated, witness=self.new.witness, page=self._text,
            )  # fmt: skip


@dataclass(frozen=True)
class _Gap:
    """Two blocks that belong together; or all that only one of the pages has between two such pairs of a section."""

    both: tuple[Outline, Outline] | None
    gone: tuple[Outline, ...] = ()
    come: tuple[Outline, ...] = ()


def _gaps(pairs: Sequence[Pair[Outline]]) -> Iterator[_Gap]:
    for alone, group in groupby(pairs, lambda pair: None in pair):
        found = list(group)
        if alone:
            yield _Gap(None, tuple(one for one, _ in found if one), tuple(other for _, other in found if other))
        else:
            yield from (_Gap((one, other)) for one, other in found if one and other)


def _together(
    moved: Sequence[tuple[Outline, Outline]], old: Sequence[str], new: Sequence[str]
) -> Iterator[list[tuple[Outline, Outline]]]:
    """What moved, the blocks of notes that follow each other on both pages together; `old` and `new` are the ids."""
    group: list[tuple[Outline, Outline]] = []
    for pair in moved:
        last = group[-1] if group else None
        follows = last and all(
            each.kind.admonition and one.kind.admonition and ids.index(each.id) == ids.index(one.id) + 1
            for one, each, ids in zip(last, pair, (old, new), strict=True)
        )
        if group and not follows:
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _in_one_section(lost: Outline, one: Outline | None, other: Outline) -> bool:
    return lost.section == (one.section if one else other.section)


def _code(page: Page) -> str:
    return "\n".join(block.text for block in page.blocks if block.kind.code)


def _lines(one: Block, other: Block) -> Iterator[tuple[str, str]]:
    """The lines that differ between two blocks, each with what stands in its place."""
    before, after = one.bare.splitlines(), other.bare.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind == "replace":
            yield from zip(before[start:stop], after[first:last], strict=False)


def _aligned(old: Page, new: Page) -> Alignment:
    return align(outlines(old), outlines(new))


def _paragraphs(lost: list[Lost], editions: Editions) -> Iterator[Finding]:
    """Paragraphs that are missing; many of one section are one finding: a rewritten section is one thing to read."""
    sections: dict[str, list[Lost]] = {}
    for each in lost:
        sections.setdefault(each.block.section, []).append(each)
    for group in sections.values():
        if len(group) >= _FEW:
            yield from places.section_missing(group)
        else:
            for each in group:
                yield from places.missing(each, editions)
