"""A paragraph in two editions or languages: what it names, where it points, how much it asks for, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doccheck.drift import sentences
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.words import Words
from doccheck.pages.block import Block, Kind
from doccheck.pages.outline import target

_FLAG = re.compile(r"--\w[\w-]*")


def changed(
    old: Block, new: Block, old_words: Words, new_words: Words, *, translated: bool, witness: bool
) -> Iterator[Finding]:
    """What differs between a block and its counterpart; sentences of one language are compared word by word.

    A witness has neither code spans nor links, and may have lost what stood between them.
    """
    yield from _run_together(old, new) if witness else (*_mentions(old, new), *_links(old, new))
    if translated:
        yield from _modality(old, new, old_words.modality(old.text), new_words.modality(new.text))
        yield from _amounts(old, new, old_words, new_words)
    elif _visible(old) != _visible(new):
        what = f"reads otherwise than line {old.line} of the other page"
        yield from list(_sentences(old, new, new_words)) or [Finding(Weight.REMARK, "prose", new.line, new.id, what)]
    if not translated and old.kind is Kind.HEADING and old.section != new.section:
        what = f"the section's anchor was #{old.section}, and is #{new.section}: links from elsewhere no longer find it"
        yield Finding(Weight.MISLEADS, "anchor", new.line, new.id, what, f"add {{#{old.section}}} to the heading")


def _sentences(old: Block, new: Block, words: Words) -> Iterator[Finding]:
    pairs, rest = sentences.changed(old.text, new.text)
    for before, after in pairs:
        if not sentences.turned(before, after, words):
            yield from _modality(old, new, words.modality(before), words.modality(after))
        elif sentences.alone(before, after, words):
            what = f"says the opposite of line {old.line} of the other page: `{after}`"
            yield Finding(Weight.MISLEADS, "negation", new.line, new.id, what, f"it was `{before}`")
        else:
            what = f"a negation came or went, with other words: `{after}`"
            yield Finding(Weight.REMARK, "negation", new.line, new.id, what, f"it was `{before}`")
        for lost, come, plain in sentences.numbers(before, after, words):
            weight = Weight.MISLEADS if plain else Weight.REMARK
            what = f"{lost} (line {old.line}) became {come}: `{after}`"
            yield Finding(weight, "number", new.line, new.id, what, f"see whether {come} is right")
    yield from _modality(old, new, *map(words.modality, rest))


def _modality(old: Block, new: Block, asked: str, asks: str) -> Iterator[Finding]:
    if asked and asks and asked != asks:
        what = f"asks for more or less than line {old.line} of the other page: {asked} became {asks}"
        yield Finding(Weight.MISLEADS, "modality", new.line, new.id, what, f"say {asked}")


def _amounts(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """One number in a paragraph, and another one in its translation. Of several nobody knows which is which."""
    before, after = sentences.amounts(old.text, old_words), sentences.amounts(new.text, new_words)
    if len(before) == len(after) == 1 and before != after:
        sure = {*old.mentions} & {*new.mentions}  # that it is the same sentence
        what = f"says {min(after)}, and line {old.line} of the other page says {min(before)}"
        weight = Weight.MISLEADS if sure else Weight.REMARK
        yield Finding(weight, "number", new.line, new.id, what, f"say {min(before)}")


def _run_together(old: Block, new: Block) -> Iterator[Finding]:
    """Code spans between which a copy has lost what stood there; plain text has no other mark of them."""
    for one, other in zip(old.mentions, old.mentions[1:], strict=False):
        if one + other in new.text and one + other not in old.text:
            what = f"`{one}{other}` is `{one}` and `{other}` on the other page: what stood between them is lost"
            yield Finding(Weight.MISLEADS, "run-together", new.line, new.id, what, "take the Markdown source")


def _visible(block: Block) -> str:
    """What a reader sees of a sentence, without marks and blanks."""
    return re.sub(r"[`*_\s]", "", sentences.visible(block.text))


def _mentions(old: Block, new: Block) -> Iterator[Finding]:
    extra = [mention for mention in dict.fromkeys(new.mentions) if mention not in old.text]
    for mention in dict.fromkeys(old.mentions):
        if mention in new.text:
            continue
        weight = Weight.MISLEADS if _FLAG.match(mention) else Weight.REMARK
        near = next((each for each in new.mentions if each.lstrip("-") == mention.lstrip("-")), "")
        what = (
            f"`{near}` is written for `{mention}`" if near else f"`{mention}` (line {old.line}) is not mentioned here"
        )
        yield Finding(weight, "mention", new.line, new.id, what, f"{'write' if near else 'mention'} `{mention}`")
    for mention in extra:
        what = f"`{mention}` is mentioned here and not on the other page (line {old.line})"
        yield Finding(Weight.REMARK, "mention", new.line, new.id, what)


def _links(old: Block, new: Block) -> Iterator[Finding]:
    before, after = {target(link) for link in old.links}, {target(link) for link in new.links}
    for link in sorted(before - after):
        others = ", ".join(sorted(after - before)) or "nothing"
        yield Finding(
            Weight.REMARK, "link", new.line, new.id, f"links to {others} instead of {link}", f"link to {link}"
        )
