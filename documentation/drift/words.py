"""Modality and polarity of sentences, by the words of the languages in languages.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

MODALITIES = ("must", "should", "may")
"""From the strongest to the weakest."""

SKIP, RUN = "skip", "run"
"""What a comment asks the reader to do with the command beside it."""


@dataclass(frozen=True)
class Words:
    """The words of one language; none where it is not known."""

    language: str
    patterns: dict[str, list[str]]

    @classmethod
    def of(cls, language: str) -> Words:
        """The words of a language code; `zh` finds `zh-cn`, and `pt-br` what there is of `pt`."""
        known = tomllib.loads(files("documentation.drift").joinpath("languages.toml").read_text("utf-8"))
        found = next((each for each in (language, *known) if each in known and _akin(each, language)), "")
        return cls(language, known.get(found, {}))

    @property
    def known(self) -> bool:
        """Whether sentences of this language can be judged."""
        return bool(self.patterns)

    def modality(self, text: str) -> str:
        """The strongest modality that a text has; empty where no word tells."""
        return next((each for each in MODALITIES if self._has(each, text)), "")

    def polarity(self, comment: str) -> str:
        """SKIP or RUN, for who has the exception (external etcd); empty where no word tells.

        To skip is said by a negation, which outweighs what it negates. Words such as unless turn it round, each once.
        """
        asked = next((each for each in (SKIP, RUN) if self._has(each, comment)), "")
        turns = sum(bool(re.search(pattern, comment, re.I)) for pattern in self.patterns.get("turned", ()))
        return {SKIP: RUN, RUN: SKIP}.get(asked, "") if turns % 2 else asked

    def says(self, what: str, text: str) -> bool:
        """Whether a text has words of `joining`, `at_once` or `one_by_one`."""
        return self._has(what, text)

    def _has(self, kind: str, text: str) -> bool:
        return any(re.search(pattern, text, re.I) for pattern in self.patterns.get(kind, ()))


def _akin(one: str, other: str) -> bool:
    return one.split("-")[0] == other.split("-")[0]
