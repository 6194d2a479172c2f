"""Which revision of its original a translation follows: the one that it has most in common with.

What is compared survives translation: lines of code, code spans, where links lead, and the English that a translation
keeps in comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from documentation.pages.outline import target
from documentation.translations.history import Revision

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FENCE = re.compile(r"^ *(```|~~~)[^\n]*\n(.*?)^ *\1 *$", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)")
_SENTENCE = re.compile(r"(?<=[.:!?])\s+|\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)")
_LEAST = 20  # letters of a kept sentence: what is shorter stands on many pages


@dataclass(frozen=True)
class Followed:
    """The revision that a translation follows, and those since, newest first; none where it follows the newest."""

    revision: Revision
    since: tuple[Revision, ...]
    all: tuple[Revision, ...]

    @property
    def newest(self) -> Revision:
        """Today's original."""
        return self.all[0]

    @property
    def named(self) -> str:
        """The revision, for people."""
        return f"{self.revision.day} ({self.revision.commit})"


def follow(translation: str, revisions: Sequence[Revision], last_day: str = "") -> Followed | None:
    """The revision that fits best, of equal ones the newest, and none that is younger than the translation's change."""
    known = [each for each in revisions if not last_day or each.day <= last_day] or [*revisions[-1:]]
    if not known:
        return None
    kept = any(len(each) >= _LEAST for each in _kept(translation))
    ours = _features(_COMMENT.sub("", translation)) + (Counter(_kept(translation)) if kept else Counter())
    best = max(known, key=lambda each: _shared(ours, _original(each.text, kept)))
    return Followed(best, tuple(revisions[: revisions.index(best)]), tuple(revisions))


@lru_cache(maxsize=1024)  # revisions, which are the same for all translations of a page
def _original(text: str, kept: bool) -> Counter[str]:
    shown = _COMMENT.sub("", text)
    return _features(shown) + (Counter(_sentences(_FENCE.sub("", shown))) if kept else Counter())


def _features(text: str) -> Counter[str]:
    """What of a page survives translation."""
    code = "\n".join(match[2] for match in _FENCE.finditer(text))
    lines = [" ".join(re.sub(r"(?:^|\s)#.*", "", line).split()) for line in code.splitlines()]
    prose = _FENCE.sub("", text)
    spans = [f"`{' '.join(span.split())}`" for span in _SPAN.findall(prose)]
    links = [f"link {target(link)}" for link in _LINK.findall(prose)]
    return Counter([*filter(None, lines), *spans, *links])


def _kept(text: str) -> list[str]:
    """The sentences of the English that a translation keeps in comments."""
    comments = "\n\n".join(comment[4:-3] for comment in _COMMENT.findall(_FENCE.sub("", text)))
    return list(_sentences(comments))


def _sentences(text: str) -> Iterator[str]:
    for each in _SENTENCE.split(text):
        sentence = " ".join(each.split())
        if len(sentence) >= _LEAST:
            yield sentence


def _shared(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)
