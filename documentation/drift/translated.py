"""A paragraph and its translation: sentences, numbers, names and code spans that are not the original's.

Nothing here needs the words of a language, but for the two rules that say so.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from documentation.drift import sentences
from documentation.drift.sentences import Bead
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language import learned
from documentation.language.words import Words
from documentation.pages.block import Block, Kind
from documentation.pages.code import looks_like_command

BlockPair = tuple[Block, Block]
Sentence = tuple[Bead, Block, Block]

# The original's own words are known: what negates it, what does so in part, and what other languages negate.
_NOT = re.compile(r"\b(?:not|cannot|never)\b|n['’]t\b", re.I)
_HALF_A_NO = re.compile(r"\b(?:not (?:only|always|just|yet|necessarily)|whether|unless|if not|but|until)\b|\?", re.I)
_LIKE_A_NO = re.compile(
    r"\b(?:no|none?|neither|nor|without|only|until|unless|but|except|fail|refus|lack|miss|avoid|prevent|mistake|disable"
    r"|instead|otherwise|rather|too|ignor|skip|in\w|un\w|dis\w|less|exclud|remov|drop|reject|forb)",
    re.I,
)

_FLAG = re.compile(r"--\w[\w-]*")
_INTEGER = re.compile(r"(?<![\w.,:/-])\d+(?![.,:/-]?\d)")
_CODE = re.compile(r"`[^`]*`")
_IDENTIFIER = re.compile(r"[A-Z]{2,}|[a-z][A-Z]|^kube[a-z]|^etcd$")
_SLIP = 0.72  # the share of its letters by which one code span is another one, mistyped
_SURE = 25  # letters of a sentence that is missed: a shorter one may well be part of another one
_EVEN = 1.8  # standard deviations within which a sentence is as long as expected
_SHORT = -2.2  # and below which two are not in one
_HALF = -2.6  # below which a paragraph lacks about half of what its original says
_LONG = 80  # letters of a paragraph whose length says something


def changed(pairs: Sequence[BlockPair], old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between the paragraphs of a page and their translations."""
    texts = [(old.text, new.text) for old, new in pairs if old.kind is not Kind.HEADING]
    by = sentences.factor(texts)
    read: list[Sentence] = []
    for old, new in pairs:
        yield from mentions(old, new)
        if old.kind is Kind.HEADING:
            continue
        beads = sentences.align(sentences.split(old.text), sentences.split(new.text), by)
        yield from sentence(old, new, beads, by)
        read += [(bead, old, new) for bead in beads if bead.old and bead.new]
        for bead in beads:
            yield from number(bead, old, new, old_words, new_words)
            yield from name(bead, old, new)
            yield from modality(bead, old, new, old_words, new_words)
    yield from negations(read)
    yield from opposites(read)


@rule("meaning", Weight.REMARK, Needs.OTHER_PAGE)
def opposites(read: Sequence[Sentence]) -> Iterator[Found]:
    """A sentence that says after for before, or may for must, by words that are learned from the page."""
    texts = [(" ".join(bead.old), " ".join(bead.new)) for bead, _, _ in read]
    for each in learned.swapped(texts):
        bead, old, new = read[each.number]
        what = f"may say {each.says} where line {old.line} of the other page says {each.wanted}"
        yield Found(_line(new, bead.new[0]), new.id, f"{what}: `{_shown(texts[each.number][1])}`", f"say {each.wanted}")


@rule("negation", Weight.REMARK, Needs.OTHER_PAGE)
def negations(read: Sequence[Sentence]) -> Iterator[Found]:
    """A sentence that lacks, or has, what negates in this translation, by words that are learned from the page."""
    sure = [(bead, old, new, bool(_NOT.search(" ".join(bead.old)))) for bead, old, new in read]
    judged = learned.judged([(" ".join(bead.new), negates) for bead, _, _, negates in sure])
    for (bead, old, new, negates), has in zip(sure, judged, strict=True):
        original, here = " ".join(bead.old), " ".join(bead.new)
        if negates and has is False and len(_NOT.findall(original)) == 1 and not _HALF_A_NO.search(original):
            what = f"may lack the negation of line {old.line} of the other page: `{_shown(here)}`"
        elif has and not negates and not _LIKE_A_NO.search(original):
            what = f"may say no where line {old.line} of the other page does not: `{_shown(here)}`"
        else:
            continue
        yield Found(_line(new, bead.new[0]), new.id, what, f"the original is `{_shown(original)}`")


@rule("mention", Weight.REMARK, Needs.OTHER_PAGE)
def mentions(old: Block, new: Block) -> Iterator[Found]:
    """Code spans that are missing, new, or others; what stands between `<` and `>` may be translated."""
    lost = [each for each in dict.fromkeys(old.mentions) if not _stands(each, new)]
    come = [each for each in dict.fromkeys(new.mentions) if not _stands(each, old)]
    for mention in lost:
        near = _nearest(mention, come) or (
            come[0] if len(lost) == len(come) == 1 and _same_sort(mention, come[0]) else ""
        )
        if near:
            come.remove(near)
        if near and looks_like_command(near) and looks_like_command(mention):
            continue  # a command in a sentence is a block by itself, and compared as one
        if near:
            yield Found(
                _line(new, near),
                new.id,
                f"`{near}` is written for `{mention}`",
                f"write `{mention}`",
                weight=Weight.MISLEADS,
            )
        else:
            what = f"`{mention}` (line {old.line}) is not mentioned here"
            weight = Weight.MISLEADS if _FLAG.match(mention) else None
            yield Found(new.line, new.id, what, f"mention `{mention}`", weight=weight)
    for mention in come:
        what = f"`{mention}` is mentioned here and not on the other page (line {old.line})"
        yield Found(_line(new, mention), new.id, what)


@rule("sentence", Weight.MISLEADS, Needs.OTHER_PAGE)
def sentence(old: Block, new: Block, beads: Sequence[Bead], by: float) -> Iterator[Found]:
    """A sentence that the paragraph's translation does not have; less sure, a paragraph that is much shorter."""
    alone = [bead for bead in beads if not bead.new]
    rest = [bead for bead in beads if bead.new]
    for bead in alone:
        if len(alone) == 1 and _is_lost(bead.old[0], rest, new, by):
            what = f"a sentence of line {old.line} of the other page is missing: `{_shown(bead.old[0])}`"
            yield Found(new.line, new.id, what, "translate that sentence, too")
            return
    whole = sentences.surprise(old.text, new.text, by)
    if sentences.length(old.text) > _LONG and whole < _HALF:
        share = round(100 * sentences.length(new.text) / (sentences.length(old.text) * by))
        what = f"is {share} % as long as a translation of line {old.line} of the other page should be"
        yield Found(new.line, new.id, what, "check that nothing is missing", weight=Weight.REMARK)


@rule("number", Weight.MISLEADS, Needs.OTHER_PAGE)
def number(bead: Bead, old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Found]:
    """A sentence whose one number is another one than its original's; words for numbers count where they are known."""
    before, after = _numbers(bead.old, old_words), _numbers(bead.new, new_words)
    digits = _digits(bead.old), _digits(bead.new)
    lost, come = digits[0] - after, digits[1] - before
    if len(lost) == len(come) == 1 and bead.old and bead.new:
        text = f"says {min(come)}, and line {old.line} of the other page says {min(lost)}"
        yield Found(_line(new, min(come)), new.id, text, f"say {min(lost)}")


@rule("name", Weight.MISLEADS, Needs.OTHER_PAGE)
def name(bead: Bead, old: Block, new: Block) -> Iterator[Found]:
    """A sentence with one name that its original has not, and without one that it has."""
    bare = [_CODE.sub(" ", " ".join(each)) for each in (bead.old, bead.new)]
    before, after = (_named(each) for each in bare)
    lost = [each for each in before if each.lower() not in new.text.lower()]
    come = [each for each in after if each.lower() not in old.text.lower()]
    if len(lost) == len(come) == 1 and _alike(lost[0], come[0]):
        what = f"has {come[0]} where line {old.line} of the other page has {lost[0]}"
        yield Found(_line(new, come[0]), new.id, what, f"write {lost[0]}")


@rule("modality", Weight.REMARK, Needs.OTHER_PAGE)
def modality(bead: Bead, old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Found]:
    """Must that became should, or may, in one sentence; a remark, since languages say so in different ways."""
    if len(bead.old) == len(bead.new) == 1:
        wanted, wants = old_words.modality(bead.old[0]), new_words.modality(bead.new[0])
        if wanted and wants and wanted != wants:
            what = f"may ask for more or less than line {old.line} of the other page: {wanted} there, {wants} here"
            yield Found(
                _line(new, bead.new[0]), new.id, f"{what}: `{_shown(bead.new[0])}`", f"say {wanted}, if it is so"
            )


def _is_lost(text: str, rest: Sequence[Bead], new: Block, by: float) -> bool:
    """Whether a sentence is in none of the paragraph's others: all of them are one to one, and as long as expected."""
    if len(text) < _SURE or not rest or any(len(bead.old) != 1 or len(bead.new) != 1 for bead in rest):
        return False
    there = sentences.names(text)
    others = frozenset(found for bead in rest for found in sentences.names(bead.old[0]))
    if any(each in new.text for each in there - others):
        return False
    lengths = [sentences.surprise(bead.old[0], bead.new[0], by) for bead in rest]
    merged = [sentences.surprise(f"{bead.old[0]} {text}", bead.new[0], by) for bead in rest]
    return (
        max(map(abs, lengths)) < _EVEN
        and sum(lengths) / len(lengths) < 1
        and max(merged) < max(lengths) + _SHORT / 2
        and min(merged) < _SHORT
    )


def _stands(mention: str, block: Block) -> bool:
    wanted = _plain(mention)
    if any(_plain(each) == wanted for each in block.mentions):
        return True
    return bool(re.search(rf"(?<![\w/.<-]){re.escape(mention)}(?![\w/>-])", " ".join(block.text.split())))


def _plain(mention: str) -> str:
    """A code span without what a translation may write otherwise: placeholders, quotes, blanks, a stop at its end."""
    bare = re.sub(r"<[^<>]*>|\{[^{}]*\}|\[[^\]]*[^\x00-\x7f][^\]]*\]", "<>", mention)
    return re.sub(r"[\s\"'“”]+", "", bare).rstrip(".,:;…")


def _nearest(mention: str, others: Sequence[str]) -> str:
    """The code span that this one was mistyped as; other letters than ASCII are a translation."""
    found = [each for each in others if each.isascii() and _plain(each) != _plain(mention)]
    ratios = {each: difflib.SequenceMatcher(None, mention, each, autojunk=False).ratio() for each in found}
    best = max(found, key=lambda each: ratios[each], default="")
    return best if best and ratios[best] >= _SLIP else ""


def _same_sort(one: str, other: str) -> bool:
    """Whether one code span may stand for another: both are one word, as of a program, or both paths or flags."""
    return (
        other.isascii() and " " not in one + other and ("/" in one, one[:1] == "-") == ("/" in other, other[:1] == "-")
    )


def _named(text: str) -> list[str]:
    """The names of programs, objects and protocols; words with a hyphen may be any language's."""
    return [each for each in sentences.names(text) if _IDENTIFIER.search(each) and "_" not in (each[0], each[-1])]


def _alike(one: str, other: str) -> bool:
    """Whether two names are of one sort, and none is the other one's in longer words."""
    if one.lower().rstrip("s") in other.lower() or other.lower().rstrip("s") in one.lower():
        return False
    return (one.isupper(), any(map(str.isdigit, one))) == (other.isupper(), any(map(str.isdigit, other)))


def _digits(texts: Sequence[str]) -> set[str]:
    return set(_INTEGER.findall(_CODE.sub(" ", " ".join(texts))))


def _numbers(texts: Sequence[str], words: Words) -> set[str]:
    found = {words.number(word) for word in re.findall(r"[^\W_]+(?:-\w+)?", " ".join(texts))}
    return {str(each) for each in found if each is not None} | _digits(texts)


def _line(block: Block, text: str) -> int:
    """The line of the page on which a text begins; the block's first one where it goes over lines."""
    first = text.split()[0] if text.split() else ""
    at = block.text.find(text)
    at = at if at >= 0 else block.text.find(first)
    return block.line + block.text[: max(at, 0)].count("\n")


def _shown(text: str) -> str:
    return f"{text[:97]}…" if len(text) > 100 else text
