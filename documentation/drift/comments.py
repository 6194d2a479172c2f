"""Comments beside code in two editions or languages: by the line that each is about, and by what it asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from documentation.drift import spellings, translated_comments
from documentation.findings.rules import Finding, Found, Needs, Weight, rule
from documentation.language.words import RUN, SKIP, Words
from documentation.pages.block import Block, Comment


def changed(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """What differs between the comments of a block and those of its counterpart."""
    if old_words.language != new_words.language:
        yield from _translated(old, new, old_words, new_words)
        return
    pairs, gone, come = _pairs(old.comments, new.comments)
    for before, comment in pairs:
        wanted, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
        if {wanted, asks} == {SKIP, RUN}:
            yield from comment_inverted(before, comment, wanted, asks, new)
        elif before.text != comment.text:
            yield from comment_changed(before, comment, new, old_words, new_words)
    for before in gone:
        wanted = old_words.polarity(before.text)
        if wanted or _is_about_a_line_of(new, before):
            yield from comment_missing(before, wanted, new)
    for comment in come:
        if _is_about_a_line_of(old, comment):
            yield from comment_added(comment, new_words.polarity(comment.text), new)


def _translated(old: Block, new: Block, old_words: Words, new_words: Words) -> Iterator[Finding]:
    """The same for a block and its translation, whose comments have other words."""
    pairs = translated_comments.paired(old.comments, new.comments)
    for before, after in pairs:
        if before and after:
            wanted = translated_comments.wanted(old, before, old_words)
            asks = translated_comments.wanted(new, after, new_words)
            if translated_comments.inverted(wanted, asks):
                yield from comment_inverted(before, after, wanted, asks, new)
            elif wanted and not asks and before.text != after.text:
                yield from comment_changed(before, after, new, old_words, new_words)
    for before in translated_comments.lost(pairs):
        if wanted := translated_comments.wanted(old, before, old_words):
            yield from comment_missing(before, wanted, new)


@rule("comment-inverted", Weight.BREAKS, Needs.OTHER_PAGE)
def comment_inverted(before: Comment, comment: Comment, wanted: str, asks: str, new: Block) -> Iterator[Found]:
    """A comment that has a command skipped on one page, and run on the other."""
    lines = f"line {before.line} of the other page has it {_does(wanted)}, this one has it {_does(asks)}"
    what = f"the comment on `{comment.about}` is inverted: {lines}"
    yield Found(comment.line, new.id, what, f"have it {_does(wanted)} again")


@rule("comment", Weight.REMARK, Needs.OTHER_PAGE)
def comment_changed(
    before: Comment, comment: Comment, new: Block, old_words: Words, new_words: Words
) -> Iterator[Found]:
    """A comment in other words; it misleads where they no longer say what to do with the command."""
    same_language = old_words.language == new_words.language
    wanted, asks = old_words.polarity(before.text), new_words.polarity(comment.text)
    if wanted and not asks:
        language = new_words.language
        why = "was not understood" if new_words.known else f"was not compared: no words of {language} are known"
        what = f"the other page has `{comment.about}` {_does(wanted)}; what the comment here says {why}"
        weight = Weight.MISLEADS if same_language else None
        yield Found(comment.line, new.id, what, "have it read by a person", weight=weight)
    elif same_language:
        what = f"the comment{_on(comment)} became `{comment.text}` (it was `{before.text}`)"
        yield Found(comment.line, new.id, what)


@rule("comment", Weight.REMARK, Needs.OTHER_PAGE)
def comment_missing(before: Comment, wanted: str, new: Block) -> Iterator[Found]:
    """A comment that the new page does not have; it misleads where it says what to do with the command."""
    what = f"the comment of line {before.line}{_on(before)} is missing"
    line = _line_of(before.about, new) or new.line
    if wanted:
        yield Found(line, new.id, f"{what}, which has it {_does(wanted)}", "add the comment", weight=Weight.MISLEADS)
    else:
        yield Found(line, new.id, f"{what}: `{before.text}`", "add it, if it is still true")


@rule("comment", Weight.REMARK, Needs.OTHER_PAGE)
def comment_added(comment: Comment, asks: str, new: Block) -> Iterator[Found]:
    """A comment on what both pages have; it misleads where it has a line skipped that every reader ran before."""
    if asks == SKIP:
        what = f"a comment that the other page does not have has `{comment.about}` skipped: `{comment.text}`"
        fix = "check who is to skip it, and that the others still run it"
        yield Found(comment.line, new.id, what, fix, weight=Weight.MISLEADS)
    else:
        what = f"a comment{_on(comment)} that the other page does not have: `{comment.text}`"
        yield Found(comment.line, new.id, what)


def _pairs(
    old: Iterable[Comment], new: Iterable[Comment]
) -> tuple[list[tuple[Comment, Comment]], list[Comment], list[Comment]]:
    """Comments that belong together, those that only the old page has, and those that only the new one has."""
    pairs, come = [], []
    gone = list(old)
    for comment in new:
        before = next((each for each in gone if _same_target(each, comment)), None) or _closest(comment, gone)
        if before is None:
            come.append(comment)
        else:
            gone.remove(before)
            pairs.append((before, comment))
    return pairs, gone, come


def _closest(comment: Comment, comments: Iterable[Comment]) -> Comment | None:
    """The comment with most of the same words, where nothing says what they are about."""
    alone = {each.text: each for each in comments if not each.about} if not comment.about else {}
    found = difflib.get_close_matches(comment.text, alone, n=1)
    return alone[found[0]] if found else None


def _is_about_a_line_of(block: Block, comment: Comment) -> bool:
    """Whether it is about a line that the block has, too: one about a line that came or went is reported with it."""
    return not comment.about or bool(_line_of(comment.about, block))


def _line_of(about: str, block: Block) -> int:
    """The line of the page on which a block has a line of code; 0 where it has not."""
    if not about:
        return 0
    wanted = spellings.of(about.split())
    lines = enumerate(block.bare.splitlines())
    if not any(spellings.of(text.split()) == wanted for _, text in lines):
        return 0
    numbered = enumerate(block.text.splitlines(), block.line)
    return next((number for number, text in numbered if text.strip().startswith(about)), block.line)


def _same_target(one: Comment, other: Comment) -> bool:
    same = spellings.of(one.about.split()) == spellings.of(other.about.split())
    return one.text == other.text or (bool(one.about) and same)


def _on(comment: Comment) -> str:
    return f" on `{comment.about}`" if comment.about else ""


def _does(polarity: str) -> str:
    return "skipped" if polarity == SKIP else "run"
