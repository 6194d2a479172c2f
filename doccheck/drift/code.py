"""A piece of code in two editions: commands and their flags, configuration by keys, comments by what they ask for."""

from __future__ import annotations

from collections.abc import Iterator

from doccheck.drift import commands, spelled, texts
from doccheck.drift.finding import Finding, Weight
from doccheck.drift.words import RUN, SKIP, Words
from doccheck.pages.block import Block, Comment, Kind


def changed(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between a block and its counterpart."""
    yield from _comments(old, new, old_words, new_words)
    if old.hash == new.hash:
        return
    if Kind.COMMAND is old.kind is new.kind:
        found = list(commands.changed(old, new, revised=old_words.language == new_words.language))
        yield from found or [texts.spelling(new, new.line)]
    elif Kind.CONFIG is old.kind is new.kind and (found := list(texts.configuration(old.bare, new.bare, new))):
        yield from found
    else:
        yield from texts.lines(old.bare.splitlines(), new.bare.splitlines(), new, new.line)


def _comments(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    remaining = list(old.comments)
    for comment in new.comments:
        before = next((each for each in remaining if _same_target(each, comment)), None)
        if before is None:
            continue
        remaining.remove(before)
        asked, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
        if {asked, asks} == {SKIP, RUN}:
            inverted = f"line {before.line} of the other page has it {_does(asked)}, this one has it {_does(asks)}"
            what = f"the comment on `{comment.about}` is inverted: {inverted}"
            mend = f"have it {_does(asked)} again"
            yield Finding(Weight.BREAKS, "comment-inverted", comment.line, new.id, what, mend)
        elif before.text == comment.text:
            continue
        elif asked and not asks:
            why = (
                "was not understood"
                if new_words.known
                else f"was not compared: no words of {new_words.language} are known"
            )
            what = f"the other page has `{comment.about}` {_does(asked)}; what the comment here says {why}"
            weight = Weight.MISLEADS if old_words.language == new_words.language else Weight.REMARK
            yield Finding(weight, "comment", comment.line, new.id, what, "have it read by a person")
        elif old_words.language == new_words.language:
            what = f"the comment on `{comment.about}` became `{comment.text}` (it was `{before.text}`)"
            yield Finding(Weight.REMARK, "comment", comment.line, new.id, what)
    for before in remaining:
        if old_words.polarity(before.text):
            asked = _does(old_words.polarity(before.text))
            what = f"the comment of line {before.line} on `{before.about}` is missing, which has it {asked}"
            yield Finding(Weight.MISLEADS, "comment", new.line, new.id, what, "add the comment")


def _same_target(one: Comment, other: Comment) -> bool:
    same = spelled.of(one.about.split()) == spelled.of(other.about.split())
    return one.text == other.text or (bool(one.about) and same)


def _does(polarity: str) -> str:
    return "skipped" if polarity == SKIP else "run"
