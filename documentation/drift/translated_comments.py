"""Comments in code, in two languages: which is which by their places, since their words are others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documentation.drift import spellings
from documentation.language.words import RUN, SKIP, Words
from documentation.pages.align import Pair, pair
from documentation.pages.block import Block, Comment, Kind

_SAME_LINE = 1.0  # what it is worth that two comments are about the same line of code
_SAME_ORDER = 0.2  # comments follow each other in the same order, also where the line is another one


def paired(old: Sequence[Comment], new: Sequence[Comment]) -> list[Pair[Comment]]:
    """The comments of a block and of its translation, in order."""
    return pair(old, new, _likeness)


def wanted(block: Block, comment: Comment, words: Words) -> str:
    """What a comment asks the reader to do with a command: SKIP, RUN, or nothing; a configuration is not run."""
    return words.polarity(comment.text) if block.kind is Kind.COMMAND and comment.about else ""


def inverted(wanted: str, asks: str) -> bool:
    """Whether one of two comments has a command skipped, and the other has it run."""
    return {wanted, asks} == {SKIP, RUN}


def lost(pairs: Sequence[Pair[Comment]]) -> Iterator[Comment]:
    """The comments that a translation has none for."""
    return (before for before, after in pairs if before and not after)


def _likeness(one: Comment, other: Comment) -> float:
    same = spellings.of(one.about.split()) == spellings.of(other.about.split())
    return _SAME_LINE + _SAME_ORDER if same and one.about else _SAME_ORDER * (2 if same else 1)
