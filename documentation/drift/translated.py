"""A paragraph and its translation: sentences, numbers, names and code spans that are not the original's.

Nothing here needs the words of a language, but for the two rules that say so.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from documentation.drift import sentences
from documentation.drift.sentences import Bead
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language import learned
from documentation.language.words import MODALITIES, Words
from documentation.pages.align import Pair
from documentation.pages.block import Block, Kind
from documentation.pages.code import looks_like_command
from documentation.pages.outline import Outline

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
_SLIP = 3  # letters in which a mistyped code span differs at most; two letters turned are two
_SURE = 25  # letters of a sentence that is missed: a shorter one may well be part of another one
_REST = 2  # sentences that a paragraph still has: of one, it is not known whether it is that paragraph
_EVEN = 1.8  # standard deviations within which a sentence is as long as expected
_SHORT = -1.4  # below which a sentence is too short to say what two say
_HALF = -2.6  # below which a paragraph lacks about half of what its original says
_LONG = 80  # letters of a paragraph whose length says something


def changed(pairs: Sequence[BlockPair], old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between the paragraphs of a page and their translations."""
    texts = [(old.text, new.text) for old, new in pairs if old.kind is not Kind.HEADING]
    by = sentences.factor(texts)
    read: list[Sentence] = []
    known = frozenset(each for old, _ in pairs for each in old.mentions)
    for old, new in pairs:
        yield from mentions(old, new, known)
        if old.kind is Kind.HEADING:
            continue
        beads = sentences.align(sentences.split(old.text), sentences.split(new.text), by)
        yield from sentence(old, new, beads, by)
        read += [(bead, old, new) for bead in beads if bead.old and bead.new]
        for bead in beads:
            yield from number(bead, old, new, old_words, new_words)
            yield from name(bead, old, new)
    yield from modalities(read, old_words, new_words)
    yield from negations(read, new_words)
    yield from opposites(read)


@rule("meaning", Weight.REMARK, Needs.OTHER_PAGE)
def opposites(read: Sequence[Sentence]) -> Iterator[Found]:
    """A sentence that says after for before, or may for must, by words that are learned from the page."""
    texts = [(" ".join(bead.old), " ".join(bead.new)) for bead, _, _ in read]
    for each in learned.swapped(texts):
        bead, old, new = read[each.number]
        what = f"may say {each.says} where line {old.line} of the other page says {each.wanted}"
        yield Found(_line(new, bead.new[0]), new.id, f"{what}: `{_shown(texts[each.number][1])}`", f"say {each.wanted}")


def rejoined(pairs: Sequence[Pair[Outline]]) -> list[Pair[Outline]]:
    """Pairs of blocks, with code that shares no word but its place: what it prints, or a placeholder, is translated."""
    found: list[Pair[Outline]] = []
    gap: list[Pair[Outline]] = []
    for each in [*pairs, (None, None)]:
        if (each[0] is None) != (each[1] is None):
            gap.append(each)
            continue
        found += _joined(gap)
        found += [each] if each[0] else []
        gap = []
    return found


def _joined(gap: list[Pair[Outline]]) -> list[Pair[Outline]]:
    """The blocks between two pairs; one piece of code that is missing, and one of its kind that is new, are a pair."""
    lost, come = ([each for each in (pair[side] for pair in gap) if each and each.kind.code] for side in (0, 1))
    same = [(one, other) for one in lost for other in come if one.hash == other.hash]
    if same:  # a fence that names another language: the code is there
        return [each for each in gap if not any(set(each) & set(both) for both in same)]
    if len(lost) != 1 or len(come) != 1 or (lost[0].kind, lost[0].inline) != (come[0].kind, come[0].inline):
        return gap
    return [(lost[0], come[0]), *(pair for pair in gap if pair[0] != lost[0] and pair[1] != come[0])]


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
            what = f"may lack the negation of line {old.line} of the other page: `{_shown(here)}`"
        elif has and not negates and not _LIKE_A_NO.search(original):
            what = f"may say no where line {old.line} of the other page does not: `{_shown(here)}`"
        else:
            continue
        yield Found(_line(new, bead.new[0]), new.id, what, f"the original is `{_shown(original)}`")


@rule("mention", Weight.REMARK, Needs.OTHER_PAGE)
def mentions(old: Block, new: Block, known: frozenset[str]) -> Iterator[Found]:
    """Code spans that are missing, new, or others; what stands between `<` and `>` may be translated.

    `known` are the original's code spans: any other word that stands for one of them may be its translation.
    """
    lost = [each for each in dict.fromkeys(old.mentions) if not _stands(each, new)]
    come = [each for each in dict.fromkeys(new.mentions) if not _stands(each, old)]
    alone = come[0] if len(lost) == len(come) == 1 and _same_sort(lost[0], come[0]) and come[0] in known else ""
    for mention in lost:
        near = _nearest(mention, come) or alone
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
    alone = [number for number, bead in enumerate(beads) if not bead.new]
    if len(alone) == 1 and _is_lost(alone[0], beads, new, by):
        counts = f"has {len(beads) - 1} sentences where line {old.line} of the other page has {len(beads)}"
        likely = f"by its length and names `{_shown(beads[alone[0]].old[0])}` may be missing"
        yield Found(new.line, new.id, f"{counts}; {likely}", "translate the sentence that is missing")
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
    lost = [each for each in before if each.lower() not in " ".join(bead.new).lower()]
    come = [each for each in after if each.lower() not in old.text.lower()]
    if len(lost) == len(come) == 1 and _alike(lost[0], come[0]):
        what = f"has {come[0]} where line {old.line} of the other page has {lost[0]}"
        yield Found(_line(new, come[0]), new.id, what, f"write {lost[0]}")


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
                _line(new, bead.new[0]), new.id, f"{what}: `{_shown(bead.new[0])}`", f"say {wanted}, if it is so"
            )


def _only(sentence: str, words: Words) -> str:
    """The modality of a sentence that has one, and no second."""
    found = [each for each in MODALITIES if words.has(each, sentence)]
    return found[0] if len(found) == 1 else ""


def _is_lost(number: int, beads: Sequence[Bead], new: Block, by: float) -> bool:
    """Whether a sentence is in none of the others: all are one to one, as long as expected, and too short for two."""
    [text], rest = beads[number].old, [bead for bead in beads if bead.new]
    if len(text) < _SURE or len(rest) < _REST or any(len(bead.old) != 1 or len(bead.new) != 1 for bead in rest):
        return False
    others = frozenset(found for bead in rest for found in sentences.names(bead.old[0]))
    if any(each in new.text for each in sentences.names(text) - others):
        return False
    beside = [bead for bead in (*beads[max(number - 1, 0) : number], *beads[number + 1 : number + 2]) if bead.new]
    alone = [abs(sentences.surprise(bead.old[0], bead.new[0], by)) for bead in rest]
    both = [sentences.surprise(f"{bead.old[0]} {text}", bead.new[0], by) for bead in beside]
    return max(alone) < _EVEN and max(both) < _SHORT


def _stands(mention: str, block: Block) -> bool:
    mention = re.sub(r"^(--?[\w-]+) [a-z]+$", r"\1", mention)  # `--flag flag`: that it is one may be translated
    wanted = _plain(mention)
    if any(_plain(each) == wanted for each in block.mentions):
        return True
    return bool(re.search(rf"(?<![\w/.<-]){re.escape(mention)}(?![\w/>-])", " ".join(block.text.split())))


def _plain(mention: str) -> str:
    """A code span without what a translation may write otherwise: placeholders, quotes, blanks, a stop at its end."""
    bare = re.sub(r"<[^<>]*>|\{[^{}]*\}|\[[^\]]*[^\x00-\x7f][^\]]*\]", "<>", mention)
    return re.sub(r"[\s\"'“”]+", "", bare).rstrip("/.,:;…")


def _nearest(mention: str, others: Sequence[str]) -> str:
    """The code span that this one was mistyped as; other letters than ASCII are a translation."""
    slips = {each: _slips(mention, each) for each in others if each.isascii() and mention.isascii()}
    best = min(slips, key=lambda each: slips[each], default="")
    return best if best and slips[best] <= min(_SLIP, len(mention) // 3) else ""


def _slips(one: str, other: str) -> int:
    codes = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return sum(max(end - start, last - first) for kind, start, end, first, last in codes if kind != "equal")


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
