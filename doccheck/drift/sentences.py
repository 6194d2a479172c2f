"""Sentences of two editions in one language: what says the opposite, or another number, or asks for more or less."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from doccheck.drift.words import Words
from doccheck.pages.align import pair

_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
# Kana and Chinese characters stand for themselves: nothing tells where a word of them ends.
_LETTER = "\u3040-\u30ff\u3400-\u9fff々"
_WORD = re.compile(rf"[{_LETTER}]|(?:(?![{_LETTER}])[\w'’./:%-])+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STEM = 3  # letters by which two forms of a word are known
_LIKE = 0.3  # the share of its words by which a sentence is known again
_SLACK = 4  # letters without blanks around them in which a word changes its form

Pair = tuple[str, str]


def changed(old: str, new: str) -> tuple[list[Pair], Pair]:
    """The sentences of two texts that differ, each with its counterpart, and all those together that have none."""
    before, after = Counter(_split(old)), Counter(_split(new))
    pairs = pair([*(before - after).elements()], [*(after - before).elements()], _likeness)
    lost = " ".join(one for one, other in pairs if one and not other)
    come = " ".join(other for one, other in pairs if other and not one)
    return [(one, other) for one, other in pairs if one and other], (lost, come)


def turned(old: str, new: str, words: Words) -> bool:
    """Whether a sentence lost or gained a negation, so that one of the two says no."""
    return words.negations(old) % 2 != words.negations(new) % 2


def alone(old: str, new: str, words: Words) -> bool:
    """Whether that is all that changed: nothing but forms of words, and what comes and goes with a negation."""
    before, after = (_words(words.weighed(each)) for each in (old, new))
    letters = 0
    for one, other in _replaced(before, after):
        if any(len(word) > 1 or word.isascii() for word in (*one, *other)):
            if len(one) != len(other) or any(_stem(a) != _stem(b) for a, b in zip(one, other, strict=True)):
                return False
        else:
            letters += len(one) + len(other)
    return letters <= _SLACK


def numbers(old: str, new: str, words: Words) -> Iterator[tuple[str, str, bool]]:
    """Numbers that became others, and whether no word beside them did, as in 120 minutes for two hours."""
    for one, other in _replaced(_words(old), _words(new)):
        before, after = ([word for word in each if _number(word, words) is not None] for each in (one, other))
        for lost, come in zip(before, after, strict=False):
            if _number(lost, words) != _number(come, words):
                yield lost, come, (len(before), len(after)) == (len(one), len(other))


def amounts(text: str, words: Words) -> set[int]:
    """The numbers of a text, outside of code spans; without 1, which in many languages is often an article."""
    bare = re.sub(r"`[^`]*`", " ", visible(text))
    found = {_number(word, words) for word in _words(bare)}
    return {number for number in found if number is not None and number != 1}


def visible(text: str) -> str:
    """What a reader sees of a sentence: links without where they lead."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def _split(text: str) -> list[str]:
    return [each.strip() for each in _END.split(" ".join(visible(text).split())) if each.strip()]


def _words(sentence: str) -> list[str]:
    found = (word.strip(".:'’-/") for word in _WORD.findall(sentence))
    return [word.lower() for word in found if word]


def _replaced(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind != "equal":
            yield before[start:stop], after[first:last]


def _number(word: str, words: Words) -> int | None:
    """No years, which change as time goes by, and no versions or addresses, which are no numbers."""
    return None if _YEAR.fullmatch(word) else words.number(word)


def _likeness(one: str, other: str) -> float:
    shared = difflib.SequenceMatcher(None, _words(one), _words(other), autojunk=False).ratio()
    return shared if shared >= _LIKE else 0.0


def _stem(word: str) -> str:
    return word[:_STEM]
