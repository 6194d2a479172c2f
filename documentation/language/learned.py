"""How a language says what its original says, learned from sentences and their translations: no list of its words.

A word of the translation that stands in most sentences whose originals negate, and in few others, is taken for one that
negates; the same holds for must, before, external and others, which are known by the original's words. It is learned
from all sentences but the one that is judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Words of English that are often taken for each other; a translation that has the wrong one says something else.
OPPOSITES = (
    {"must": r"\bmust\b|\bha(?:ve|s) to\b|\bneeds? to\b", "may": r"\b(?:can|may|could)\b", "should": r"\bshould\b"},
    {"before": r"\bbefore\b", "after": r"\bafter\b"},
    {"stacked": r"\bstacked\b", "external": r"\bexternal\b", "internal": r"\binternal\b"},
    {"one": r"\bone\b", "two": r"\btwo\b", "three": r"\bthree\b", "four": r"\bfour\b", "five": r"\bfive\b"},
    {"first": r"\bfirst\b", "second": r"\bsecond\b", "last": r"\blast\b"},
    {"control plane": r"\bcontrol[- ]plane\b", "worker": r"\bworkers?\b"},
    {"all": r"\ball\b", "each": r"\beach\b", "some": r"\bsome\b"},
    {"minutes": r"\bminutes?\b", "hours": r"\bhours?\b", "days": r"\bdays?\b"},
    {"more": r"\bmore\b", "less": r"\b(?:less|fewer)\b"},
    {"enable": r"\benabl\w+", "disable": r"\bdisabl\w+"},
    {"add": r"\badd(?:s|ed|ing)?\b", "remove": r"\bremov\w+"},
    {"start": r"\bstart\w*", "stop": r"\bstop\w*"},
    {"client": r"\bclients?\b", "server": r"\bservers?\b"},
    {"public": r"\bpublic\b", "private": r"\bprivate\b"},
)
_LETTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_LETTER}]+|(?:(?![{_LETTER}])[^\W\d_])+")
_LONGEST = 3  # letters of a word where no blanks part them
_OFTEN = 3  # sentences in which a word says it: fewer may be chance
_MORE = 2  # sentences that have a further word, and none of the words before it
_SURE = 0.8  # the share of a word's sentences whose originals say it
_KNOWN = (
    0.7  # the share of the originals that say it whose translations have one of the words: else nothing was learned
)


@dataclass(frozen=True)
class Swapped:
    """A sentence, by its number, that says `says` where its original says `wanted`."""

    number: int
    wanted: str
    says: str


@dataclass(frozen=True)
class Learned:
    """In how many sentences each word stands, and in which of those whose originals say what is learned."""

    in_all: Counter[str]
    in_those: dict[str, frozenset[int]]

    @classmethod
    def of(cls, read: Sequence[frozenset[str]], in_all: Counter[str], says: Sequence[bool]) -> Learned:
        """Learn from the words of translations, from how many have each, and from which originals say it."""
        those: dict[str, set[int]] = {}
        for number, here in enumerate(read):
            for word in here if says[number] else ():
                those.setdefault(word, set()).add(number)
        return cls(in_all, {word: frozenset(found) for word, found in those.items() if len(found) >= _OFTEN})

    def known(self, number: int, here: frozenset[str]) -> frozenset[str]:
        """The words that say it, as learned from all sentences but this one.

        Those that stand in most sentences come first. Others count where these are not: what only stands beside them,
        as `cluster` beside `external`, says nothing of it.
        """
        rests = {
            word: rest
            for word, found in self.in_those.items()
            if len(rest := found - {number}) >= max(_OFTEN, _SURE * (self.in_all[word] - (word in here)))
        }
        known, covered = set[str](), set[int]()
        for often in sorted({len(rest) for rest in rests.values()}, reverse=True):
            more = {each for each, rest in rests.items() if len(rest) == often and len(rest - covered) >= _MORE}
            known |= more
            covered |= {number for word in more for number in rests[word]}
        return frozenset(known)


def judged(pairs: Sequence[tuple[str, bool]]) -> list[bool | None]:
    """For each translation whether it says what its original may say; none where too little was learned."""
    here = [words(text) for text, _ in pairs]
    return _judged(here, _counted(here), [says for _, says in pairs])


def swapped(pairs: Sequence[tuple[str, str]]) -> Iterator[Swapped]:
    """Translations that say the opposite of their originals, by words that are learned for both."""
    here = [words(translation) for _, translation in pairs]
    in_all = _counted(here)
    for group in OPPOSITES:
        originals = {name: [bool(re.search(pattern, one, re.I)) for one, _ in pairs] for name, pattern in group.items()}
        has = {name: _judged(here, in_all, originals[name]) for name in group}
        for number in range(len(pairs)):
            wanted = [name for name in group if originals[name][number]]
            says = [name for name in group if has[name][number]]
            if len(wanted) == len(says) == 1 and wanted != says and has[wanted[0]][number] is False:
                yield Swapped(number, wanted[0], says[0])


def words(text: str) -> frozenset[str]:
    """The words of a text and what two of them make; where no blanks part them, all rows of a few letters."""
    plain = [*_WORD.findall(re.sub(r"`[^`]*`", " . ", text.lower()))]
    found = {f"{one} {other}" for one, other in pairwise(plain)}
    for word in plain:
        if re.match(f"[{_LETTER}]", word):
            found |= {word[at : at + size] for size in range(1, _LONGEST + 1) for at in range(len(word) - size + 1)}
        else:
            found.add(word)
    return frozenset(found)


def _counted(read: Sequence[frozenset[str]]) -> Counter[str]:
    return Counter(word for here in read for word in here)


def _judged(read: Sequence[frozenset[str]], in_all: Counter[str], says: Sequence[bool]) -> list[bool | None]:
    learned = Learned.of(read, in_all, says)
    found = []
    for number, here in enumerate(read):
        known = learned.known(number, here)
        found.append(bool(known & here) if known else None)
    those = [has for has, wanted in zip(found, says, strict=True) if wanted]
    return found if those and sum(map(bool, those)) >= _KNOWN * len(those) else [None] * len(read)
