"""A paragraph in two editions or languages: what it names, where it points, how much it asks for, and of what.

Of one language also its sentences: what says the opposite, or another number.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from documentation.drift import revision, succession, wording
from documentation.drift.revision import Change
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import Words
from documentation.pages.align import pair
from documentation.pages.block import Block, Kind
from documentation.pages.outline import target

_FLAG = re.compile(r"--\w[\w-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORTCODE = re.compile(r"‹[^›]*›")
_SLIP = 0.8  # two flags that are more alike than this are one, misspelled in one place
_STEM = 3  # letters by which two forms of a word are known
_WORDINGS = 4  # changes of a paragraph that are shown
_SLACK = 4  # letters without blanks around them in which a word changes its form

Pair = tuple[str, str]


def changed(
    old: Block, new: Block, old_words: Words, new_words: Words, *, translated: bool, witness: bool, page: str = ""
) -> Iterator[Finding]:
    """What differs between a block and its counterpart; sentences of one language are compared word by word.

    A witness has neither code spans nor links, and may have lost what stood between them. `page` is all text of the new
    page.
    """
    if witness:
        yield from run_together(old, new)
    else:
        if not translated:
            yield from mentions(old, new, page)
        yield from links(old, new, translated=translated)
    if translated:
        yield from amount_in_translation(old, new, old_words, new_words)
    elif _letters(old) != _letters(new):
        yield from list(_sentences(old, new, new_words)) or reads_otherwise(old, new)
    if not translated and old.kind is Kind.HEADING and old.section != new.section:
        yield from anchor_changed(old, new)


def _sentences(old: Block, new: Block, words: Words) -> Iterator[Finding]:
    pairs, rest = changed_sentences(old.text, new.text)
    for before, after in pairs:
        if turned(before, after, words):
            yield from negation(before, after, old, new, words)
        else:
            alone = nothing_else_changed(before, after, words)
            yield from modality(old, new, words.modality(before), words.modality(after), alone=alone)
        yield from number(before, after, old, new, words)
    yield from modality(old, new, *map(words.modality, rest), alone=False)


@rule("prose", Weight.REMARK, Needs.OTHER_PAGE)
def reads_otherwise(old: Block, new: Block) -> Iterator[Found]:
    """The words of a paragraph that became others, where no other rule says more about them."""
    line, changes = wording.changes(old.text, new.text)
    named = "; ".join(changes[:_WORDINGS])
    more = f" and {len(changes) - _WORDINGS} more" if len(changes) > _WORDINGS else ""
    what = f"reads otherwise than line {old.line} of the other page: {named}{more}"
    yield Found(new.line + line, new.id, what)


@rule("anchor", Weight.REMARK, Needs.OTHER_PAGE)
def anchor_changed(old: Block, new: Block) -> Iterator[Found]:
    """A heading whose anchor became another one; links of the page itself are another rule's."""
    what = f"the section's anchor was #{old.section}, and is #{new.section}: links from elsewhere no longer find it"
    yield Found(new.line, new.id, what, f"add {{#{old.section}}} to the heading")


@rule("negation", Weight.MISLEADS, Needs.OTHER_PAGE)
def negation(before: str, after: str, old: Block, new: Block, words: Words) -> Iterator[Found]:
    """A sentence that says the opposite; with other words changed, too, it is a remark."""
    if nothing_else_changed(before, after, words):
        what = f"says the opposite of line {old.line} of the other page: `{after}`"
        yield Found(new.line, new.id, what, f"it was `{before}`")
    else:
        what = f"a negation came or went, with other words: `{after}`"
        yield Found(new.line, new.id, what, f"it was `{before}`", weight=Weight.REMARK)


@rule("number", Weight.MISLEADS, Needs.OTHER_PAGE)
def number(before: str, after: str, old: Block, new: Block, words: Words) -> Iterator[Found]:
    """A number that became another one; with a word beside it changed, too, as of a unit, it is a remark."""
    for lost, come, plain in _numbers(before, after, words):
        what = f"{lost} (line {old.line}) became {come}: `{after}`"
        weight = None if plain else Weight.REMARK
        yield Found(new.line, new.id, what, f"check whether {come} is right", weight=weight)


@rule("number", Weight.MISLEADS, Needs.OTHER_PAGE)
def amount_in_translation(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Found]:
    """One number in a paragraph, and another one in its translation. Of several it is unknown which is which."""
    before, after = amounts(old.text, old_words), amounts(new.text, new_words)
    if len(before) == len(after) == 1 and before != after:
        sure = {*old.mentions} & {*new.mentions}  # that it is the same sentence
        what = f"says {min(after)}, and line {old.line} of the other page says {min(before)}"
        yield Found(new.line, new.id, what, f"say {min(before)}", weight=None if sure else Weight.REMARK)


@rule("modality", Weight.MISLEADS, Needs.OTHER_PAGE)
def modality(old: Block, new: Block, wanted: str, wants: str, *, alone: bool = True) -> Iterator[Found]:
    """Must that became should, or may; empty where no word says. With other words changed, too, it is a remark."""
    if wanted and wants and wanted != wants:
        what = f"asks for more or less than line {old.line} of the other page: {wanted} became {wants}"
        yield Found(new.line, new.id, what, f"say {wanted}", weight=None if alone else Weight.REMARK)


@rule("run-together", Weight.MISLEADS, Needs.OTHER_PAGE)
def run_together(old: Block, new: Block) -> Iterator[Found]:
    """Code spans between which a copy has lost what stood there; plain text has no other mark of them."""
    for one, other in zip(old.mentions, old.mentions[1:], strict=False):
        if one + other in new.text and one + other not in old.text:
            what = f"`{one}{other}` is `{one}` and `{other}` on the other page: what stood between them is lost"
            yield Found(new.line, new.id, what, "take the Markdown source")


@rule("mention", Weight.REMARK, Needs.OTHER_PAGE)
def mentions(old: Block, new: Block, page: str) -> Iterator[Found]:
    """Code spans that are missing, which misleads where they are flags, or new.

    A flag that went with its sentence, or whose sentence was written anew, is a remark, and so is one that the page has
    another flag for everywhere.
    """
    before, after = (" ".join(each.text.split()) for each in (old, new))
    for mention in dict.fromkeys(old.mentions):
        if _is_named(mention, after):
            continue
        sure = _FLAG.match(mention) and _is_lost(mention, before, new, page)
        weight = Weight.MISLEADS if sure else None
        near = next((each for each in new.mentions if each.lstrip("-") == mention.lstrip("-")), "")
        if near:
            what, fix = f"`{near}` is written for `{mention}`", f"write `{mention}`"
        else:
            what, fix = f"`{mention}` (line {old.line}) is not mentioned here", f"mention `{mention}`"
        yield Found(new.line, new.id, what, fix, weight=weight)
    for mention in dict.fromkeys(new.mentions):
        if not _is_named(mention, before):
            what = f"`{mention}` is mentioned here and not on the other page (line {old.line})"
            yield Found(new.line, new.id, what)


@rule("link", Weight.REMARK, Needs.OTHER_PAGE)
def links(old: Block, new: Block, *, translated: bool) -> Iterator[Found]:
    """Links that lead to other pages, or in one language to another section of a page."""
    before, after = ({target(link) + _section(link, translated) for link in each.links} for each in (old, new))
    for link in sorted(before - after):
        others = ", ".join(sorted(after - before)) or "nothing"
        yield Found(new.line, new.id, f"links to {others} instead of {link}", f"link to {link}")


def _is_named(name: str, text: str) -> bool:
    """Whether a text names something; a flag only as a word of its own."""
    return bool(succession.word(name).search(text)) if _FLAG.match(name) else name in text


def _is_lost(flag: str, before: str, new: Block, page: str) -> bool:
    """Whether a sentence that is still there has lost a flag, and neither has it another value nor another name."""
    after, name = " ".join(new.text.split()), flag.partition("=")[0]
    others = [each for each in new.mentions if _FLAG.match(each) and not _is_named(each, before)]
    newer = any(revision.change(flag, each) is Change.NEWER for each in others)
    another = others and not _is_named(name, page)
    slip = not _is_named(name, page) and any(_is_spelled_so(name, each, before) for each in new.mentions)
    return wording.stays(flag, before, after) and not (_is_named(name, after) or newer or another or slip)


def _is_spelled_so(flag: str, other: str, before: str) -> bool:
    """Whether a flag is spelled almost as another one that the old paragraph has, too: then one of them was a slip."""
    alike = difflib.SequenceMatcher(None, flag, other, autojunk=False).ratio() > _SLIP
    return alike and flag != other and _is_named(other, before)


def _section(link: str, translated: bool) -> str:
    """The anchor of a link to another page, which a translation may translate."""
    page, mark, anchor = link.partition("#")
    return mark + anchor if page and not translated else ""


def changed_sentences(old: str, new: str) -> tuple[list[Pair], Pair]:
    """The sentences of two texts that differ, each with its counterpart, and all those together that have none."""
    before, after = Counter(wording.sentences(old)), Counter(wording.sentences(new))
    pairs = pair([*(before - after).elements()], [*(after - before).elements()], wording.likeness)
    lost = " ".join(one for one, other in pairs if one and not other)
    come = " ".join(other for one, other in pairs if other and not one)
    return [(one, other) for one, other in pairs if one and other], (lost, come)


def turned(old: str, new: str, words: Words) -> bool:
    """Whether a sentence lost or gained a negation, so that one of the two says no."""
    return words.negations(old) % 2 != words.negations(new) % 2


def nothing_else_changed(old: str, new: str, words: Words) -> bool:
    """Whether a negation is all that changed: nothing but forms of words, and what comes and goes with a negation."""
    before, after = (wording.words(words.weighed(each)) for each in (old, new))
    letters = 0
    for one, other in wording.replaced(before, after):
        if any(len(word) > 1 or word.isascii() for word in (*one, *other)):
            if len(one) != len(other) or any(_stem(a) != _stem(b) for a, b in zip(one, other, strict=True)):
                return False
        else:
            letters += len(one) + len(other)
    return letters <= _SLACK


def _numbers(old: str, new: str, words: Words) -> Iterator[tuple[str, str, bool]]:
    """Numbers that became others, and whether no word beside them did, as in 120 minutes for two hours."""
    old, new = (_SHORTCODE.sub(" ", each) for each in (old, new))  # a number there is none of the sentence
    for one, other in wording.replaced(wording.words(old), wording.words(new)):
        before, after = ([word for word in each if _number(word, words) is not None] for each in (one, other))
        for lost, come in zip(before, after, strict=False):
            if _number(lost, words) != _number(come, words):
                yield lost, come, (len(before), len(after)) == (len(one), len(other))


def amounts(text: str, words: Words) -> set[int]:
    """The numbers of a text, outside of code spans; without 1, which in many languages is often an article."""
    bare = re.sub(r"`[^`]*`", " ", wording.visible(text))
    found = {_number(word, words) for word in wording.words(bare)}
    return {number for number in found if number is not None and number != 1}


def _letters(block: Block) -> str:
    """What a reader sees of a sentence, without marks and blanks."""
    return re.sub(r"[`*_\s]", "", wording.visible(block.text))


def _number(word: str, words: Words) -> int | None:
    """The number that a word says. Years change as time goes by, and versions and addresses are names: none of them."""
    return None if _YEAR.fullmatch(word) else words.number(word)


def _stem(word: str) -> str:
    return word[:_STEM]
