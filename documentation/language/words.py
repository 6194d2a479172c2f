"""Modality, negation and numbers of sentences, by the words of the languages in languages.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

MODALITIES = ("must", "should", "may")
"""From the strongest to the weakest."""

SKIP, RUN = "skip", "run"
"""What a comment asks the reader to do with the command beside it."""


@dataclass(frozen=True)
class Words:
    """The words of one language; none where it is not known."""

    language: str
    patterns: dict[str, list[str]]
    numbers: dict[str, int]

    @classmethod
    def of(cls, language: str) -> Words:
        """The words of a language code; `zh` finds `zh-cn`, and `pt-br` what there is of `pt`."""
        known = _listed()
        found = next((each for each in (language, *known) if each in known and _akin(each, language)), "")
        patterns = dict(known.get(found, {}))
        return cls(language, patterns, patterns.pop("numbers", {}))

    @property
    def known(self) -> bool:
        """Whether sentences of this language can be judged."""
        return bool(self.patterns)

    def modality(self, text: str) -> str:
        """The strongest modality that a text has; empty where no word decides."""
        return next((each for each in MODALITIES if self.has(each, text)), "")

    def polarity(self, comment: str) -> str:
        """SKIP or RUN, for readers with the exception (external etcd); empty where no word decides.

        A negation has it skipped, and outweighs what it negates. Words such as unless turn it round, each once.
        """
        asks = next((each for each in (SKIP, RUN) if self.has(each, comment)), "")
        turns = sum(bool(re.search(pattern, comment, re.I)) for pattern in self.patterns.get("turned", ()))
        return {SKIP: RUN, RUN: SKIP}.get(asks, "") if turns % 2 else asks

    def negations(self, sentence: str) -> int:
        """How many words of a sentence negate."""
        patterns = self.patterns.get("not")
        return len(re.findall("|".join(patterns), sentence, re.I)) if patterns else 0

    def weighed(self, sentence: str) -> str:
        """A sentence without its negations, its modality, and what comes and goes with them."""
        for kinds in (("not",), (*MODALITIES, "light")):  # what a negation stands in the middle of is found without it
            dropped = [pattern for kind in kinds for pattern in self.patterns.get(kind, ())]
            if dropped:
                sentence = re.sub(r"\s+", " ", re.sub("|".join(dropped), " ", sentence, flags=re.I))
        return sentence

    def number(self, word: str) -> int | None:
        """The number that a word says, in digits or in letters; none for any other word."""
        digits = re.fullmatch(r"(\d+)[A-Za-z%]{0,3}", word)
        return int(digits[1]) if digits else self.numbers.get(word.lower())

    def has(self, kind: str, text: str) -> bool:
        """Whether a text has words of a kind: a modality, SKIP, RUN, or `joining`, `at_once`, `one_by_one`."""
        return any(re.search(pattern, text, re.I) for pattern in self.patterns.get(kind, ()))


@cache
def _listed() -> dict[str, Any]:
    """The file, read once."""
    return tomllib.loads(files("documentation.language").joinpath("languages.toml").read_text("utf-8"))


def _akin(one: str, other: str) -> bool:
    return one.split("-")[0] == other.split("-")[0]
