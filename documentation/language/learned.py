"""How a language negates, learned from sentences and their translations: no list of its words is needed.

A word of the translation that stands in most sentences whose original negates, and in few others, is taken for one that
negates. It is learned from all sentences but the one that is judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LETTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_LETTER}]+|(?:(?![{_LETTER}])[^\W\d_])+")
_LONGEST = 3  # letters of a word where no blanks part them
_OFTEN = 3  # sentences in which a word negates: fewer may be chance
_SURE = 0.8  # the share of a word's sentences whose originals negate
_KNOWN = 0.7  # the share of the negating originals whose translations have one of the words: else nothing was learned


@dataclass(frozen=True)
class Negating:
    """The words that negate, and the sentences that they were learned from, each with what it has of them."""

    in_all: Counter[str]
    in_negated: Counter[str]
    negated: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, bool]]) -> Negating:
        """Learn from translations, each with whether its original negates."""
        in_all, in_negated = Counter[str](), Counter[str]()
        count = 0
        for text, negates in pairs:
            found = words(text)
            in_all.update(found)
            in_negated.update(found if negates else ())
            count += negates
        return cls(in_all, in_negated, count)

    def known(self, text: str, *, negates: bool) -> frozenset[str]:
        """The words that negate, as learned from all sentences but this one."""
        here = words(text)
        return frozenset(
            word
            for word, often in self.in_negated.items()
            if (rest := often - (negates and word in here)) >= _OFTEN
            and rest >= _SURE * (self.in_all[word] - (word in here))
        )


def words(text: str) -> frozenset[str]:
    """The words of a text; where no blanks part them, all rows of a few letters."""
    found: set[str] = set()
    for word in _WORD.findall(re.sub(r"`[^`]*`", " ", text.lower())):
        if re.match(f"[{_LETTER}]", word):
            found |= {word[at : at + size] for size in range(1, _LONGEST + 1) for at in range(len(word) - size + 1)}
        else:
            found.add(word)
    return frozenset(found)


def judged(pairs: Sequence[tuple[str, bool]]) -> list[bool | None]:
    """For each translation whether it negates, by words learned from the others; none where too little was learned."""
    learned = Negating.of(pairs)
    found = []
    for text, negates in pairs:
        known = learned.known(text, negates=negates)
        found.append(bool(known & words(text)) if known else None)
    hits = sum(bool(each) for each, (_, negates) in zip(found, pairs, strict=True) if negates)
    return found if learned.negated and hits >= _KNOWN * learned.negated else [None] * len(pairs)
