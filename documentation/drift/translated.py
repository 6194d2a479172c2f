"""A paragraph and its translation: sentences, numbers, names and code spans that are not the original's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from documentation.drift import sentences, translated_meaning
from documentation.drift.sentences import Bead
from documentation.drift.translated_meaning import Sentence
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import Words
from documentation.pages.block import Block, Kind
from documentation.pages.code import looks_like_command

BlockPair = tuple[Block, Block]

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


def changed(
    pairs: Sequence[BlockPair], alone: Sequence[Block], old_words: Words, new_words: Words
) -> Iterator[Finding]:
    """What differs between the paragraphs of a page and their translations; `alone` are those that have none."""
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
            if not any(_fits(each, new, by) for each in alone):
                yield from name(bead, old, new)
    yield from translated_meaning.changed(read, old_words, new_words)


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
                sentences.line_of(new, near),
                new.id,
                f"`{near}` is written for `{mention}`",
                f"write `{mention}`",
                weight=Weight.REMARK if _is_the_other_number(mention, near, known) else Weight.MISLEADS,
            )
        else:
            what = f"`{mention}` (line {old.line}) is not mentioned here"
            weight = Weight.MISLEADS if _FLAG.match(mention) else None
            yield Found(new.line, new.id, what, f"mention `{mention}`", weight=weight)
    for mention in come:
        what = f"`{mention}` is mentioned here and not on the other page (line {old.line})"
        yield Found(sentences.line_of(new, mention), new.id, what)


@rule("sentence", Weight.MISLEADS, Needs.OTHER_PAGE)
def sentence(old: Block, new: Block, beads: Sequence[Bead], by: float) -> Iterator[Found]:
    """A sentence that the paragraph's translation does not have; less sure, a paragraph that is much shorter."""
    alone = [number for number, bead in enumerate(beads) if not bead.new]
    if len(alone) == 1 and _is_lost(alone[0], beads, new, by):
        counts = f"has {len(beads) - 1} sentences where line {old.line} of the other page has {len(beads)}"
        likely = f"by its length and names `{sentences.shown(beads[alone[0]].old[0])}` may be missing"
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
        yield Found(sentences.line_of(new, min(come)), new.id, text, f"say {min(lost)}")


@rule("name", Weight.MISLEADS, Needs.OTHER_PAGE)
def name(bead: Bead, old: Block, new: Block) -> Iterator[Found]:
    """A sentence with one name that its original has not, and without one that it has."""
    bare = [_CODE.sub(" ", " ".join(each)) for each in (bead.old, bead.new)]
    before, after = (_named(each) for each in bare)
    lost = [each for each in before if each.lower() not in " ".join(bead.new).lower()]
    come = [each for each in after if each.lower() not in old.text.lower()]
    if len(lost) == len(come) == 1 and _alike(lost[0], come[0]):
        what = f"has {come[0]} where line {old.line} of the other page has {lost[0]}"
        yield Found(sentences.line_of(new, come[0]), new.id, what, f"write {lost[0]}")


def _fits(old: Block, new: Block, by: float) -> bool:
    """Whether a paragraph may be the other's translation: all its names are the other's, and it is as long."""
    same = sentences.names(old.text) == sentences.names(new.text)
    return same and abs(sentences.surprise(old.text, new.text, by)) < _EVEN


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


def _is_the_other_number(mention: str, written: str, known: frozenset[str]) -> bool:
    """Whether one is the plural of the other, and the original has both: which of them is a slip it does not say."""
    return written in known and mention.removesuffix("s") == written.removesuffix("s")


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
