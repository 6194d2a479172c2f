"""What a sentence asks for or denies, and its translation; no list of a language's words is needed but for modality."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from documentation.drift import sentences
from documentation.drift.sentences import Bead
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language import learned
from documentation.language.words import MODALITIES, Words
from documentation.pages.block import Block

Sentence = tuple[Bead, Block, Block]
"""A sentence and its translation, and the paragraphs that they stand in."""

# The original's own words are known: what negates it, what does so in part, and what other languages negate.
_NOT = re.compile(r"\b(?:not|cannot|never)\b|n['’]t\b", re.I)
_HALF_A_NO = re.compile(r"\b(?:not (?:only|always|just|yet|necessarily)|whether|unless|if not|but|until)\b|\?", re.I)
_LIKE_A_NO = re.compile(
    r"\b(?:no|none?|neither|nor|without|only|until|unless|but|except|fail|refus|lack|miss|avoid|prevent|mistake|disable"
    r"|instead|otherwise|rather|too|ignor|skip|in\w|un\w|dis\w|less|exclud|remov|drop|reject|forb)",
    re.I,
)


def changed(read: Sequence[Sentence], old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What the sentences of a page may ask for or say otherwise than their originals."""
    yield from modalities(read, old_words, new_words)
    yield from negations(read, new_words)
    yield from opposites(read)


@rule("modality", Weight.REMARK, Needs.OTHER_PAGE)
def modalities(read: Sequence[Sentence], old_words: Words, new_words: Words) -> Iterator[Found]:
    """Must that became should, or may, in one sentence; a remark, since languages have other ways to ask.

    What a page has twice is such a way, as must for should is in Japanese.
    """
    differing = []
    for bead, old, new in read:
        wanted, wants = _only(" ".join(bead.old), old_words), _only(" ".join(bead.new), new_words)
        if wanted and wants and wanted != wants:
            differing.append((bead, old, new, wanted, wants))
    ways = Counter((wanted, wants) for *_, wanted, wants in differing)
    for bead, old, new, wanted, wants in differing:
        if ways[wanted, wants] == 1:
            what = f"may ask for more or less than line {old.line} of the other page: {wanted} there, {wants} here"
            yield Found(
                sentences.line_of(new, bead.new[0]),
                new.id,
                f"{what}: `{sentences.shown(bead.new[0])}`",
                f"say {wanted}, if it is so",
            )


def _only(sentence: str, words: Words) -> str:
    """The modality of a sentence that has one, and no second."""
    found = [each for each in MODALITIES if words.has(each, sentence)]
    return found[0] if len(found) == 1 else ""


@rule("negation", Weight.REMARK, Needs.OTHER_PAGE)
def negations(read: Sequence[Sentence], words: Words) -> Iterator[Found]:
    """A sentence that lacks, or has, what negates in this translation, by words that are learned from the page."""
    sure = [(bead, old, new, bool(_NOT.search(" ".join(bead.old)))) for bead, old, new in read]
    judged = learned.judged([(" ".join(bead.new), negates) for bead, _, _, negates in sure])
    for (bead, old, new, negates), has in zip(sure, judged, strict=True):
        original, here = " ".join(bead.old), " ".join(bead.new)
        if words.negations(here) and negates:
            continue
        if negates and has is False and len(_NOT.findall(original)) == 1 and not _HALF_A_NO.search(original):
            what = f"may lack the negation of line {old.line} of the other page: `{sentences.shown(here)}`"
        elif has and not negates and not _LIKE_A_NO.search(original):
            what = f"may say no where line {old.line} of the other page does not: `{sentences.shown(here)}`"
        else:
            continue
        yield Found(sentences.line_of(new, bead.new[0]), new.id, what, f"the original is `{sentences.shown(original)}`")


@rule("meaning", Weight.REMARK, Needs.OTHER_PAGE)
def opposites(read: Sequence[Sentence]) -> Iterator[Found]:
    """A sentence that says after for before, or may for must, by words that are learned from the page."""
    texts = [(" ".join(bead.old), " ".join(bead.new)) for bead, _, _ in read]
    for each in learned.swapped(texts):
        bead, old, new = read[each.number]
        what = f"may say {each.says} where line {old.line} of the other page says {each.wanted}"
        yield Found(
            sentences.line_of(new, bead.new[0]),
            new.id,
            f"{what}: `{sentences.shown(texts[each.number][1])}`",
            f"say {each.wanted}",
        )
