"""Sentences of a paragraph and of its translation, paired by their lengths and by what both name.

A language's words are not needed: a translation is longer or shorter than its original by about the same factor all
over a page, and names, numbers and code spans stay (Gale and Church, 1993: A Program for Aligning Sentences).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from documentation.pages.block import Block

_END = re.compile(r"(?<=[.!?])[\"”»)*_]*\s+|(?<=[。！？।])[\"”»)*_]*\s*")
_SHORT = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|z\.B|p\.ej|p\.ex|ex|v\.v)\.|^\W*\d+\.)$", re.I)
_CODE = re.compile(r"`[^`]*`")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WEIGHT = 2.5  # letters of Latin script that say as much as one of Chinese, Japanese or Korean, about
_NAME = re.compile(r"[A-Za-z0-9_]+(?:[-./:@=_][A-Za-z0-9_]+)*")
_KEPT = re.compile(r"[A-Z]{2,}|[a-z][A-Z]|\d|[-./:@=_]|^kube|^etcd$")

_SPREAD = 0.22  # standard deviation of the logarithm of a sentence's length by its original's, over many languages
_ALONE = 3.2  # what it costs that a sentence has no counterpart; two that became one cost less
_MERGED = 1.8
_NAMED = 1.5  # what a name that both have is worth


@dataclass(frozen=True)
class Bead:
    """Sentences that are each other's translation; one side may be empty."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def split(text: str) -> list[str]:
    """The sentences of a paragraph, without the targets of its links."""
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.split()))
    found: list[str] = []
    start = 0
    for match in _END.finditer(_CODE.sub(lambda code: "x" * len(code[0]), shown)):
        after = shown[match.end() : match.end() + 1]
        if after.islower() or _SHORT.search(shown[start : match.start()].rstrip()):
            continue
        found.append(shown[start : match.end()].strip())
        start = match.end()
    found.append(shown[start:].strip())
    return [each for each in found if re.search(r"\w", each)]


def length(text: str) -> float:
    """How much a text says, in letters; code spans and names count as they are in any language."""
    return len(re.sub(r"\s", "", text)) + (_WEIGHT - 1) * len(_WIDE.findall(text))


def factor(pairs: Sequence[tuple[str, str]]) -> float:
    """By how much a page's translation is longer than its original: the median of its paragraphs."""
    found = [length(new) / length(old) for old, new in pairs if length(old) > _LONG and new]
    return median(found) if found else 1.0


_LONG = 40  # letters from which on the lengths of two paragraphs can be compared


@lru_cache(maxsize=8192)  # sentences of pages that are judged at the same time, each of which is often compared
def names(text: str) -> frozenset[str]:
    """What of a sentence no translation changes."""
    plain = re.sub(r"\]\([^)]*\)", "]", text)
    return frozenset(name for name in _NAME.findall(plain) if _KEPT.search(name))


def align(old: Sequence[str], new: Sequence[str], by: float) -> list[Bead]:
    """Pair sentences in order, one to one, two to one, one to two, or alone, so that all together costs least."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            if (i, j) == (0, 0):
                continue
            steps = [(1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (3, 1), (1, 3)]
            best[i, j] = min(
                (best[i - a, j - b][0] + _cost(old[i - a : i], new[j - b : j], by), (a, b))
                for a, b in steps
                if i >= a and j >= b
            )
    beads = []
    i, j = len(old), len(new)
    while (i, j) != (0, 0):
        a, b = best[i, j][1]
        beads.append(Bead(tuple(old[i - a : i]), tuple(new[j - b : j])))
        i, j = i - a, j - b
    return beads[::-1]


def surprise(old: str, new: str, by: float) -> float:
    """By how many standard deviations a translation is longer (or, negative, shorter) than expected."""
    spread = _SPREAD * (1 + _LONG / (_LONG + length(old)))  # lengths of short sentences say less
    return math.log((length(new) + 1) / (length(old) * by + 1)) / spread


def line_of(block: Block, text: str) -> int:
    """The line of the page on which a text begins; the block's first one where it goes over lines."""
    first = text.split()[0] if text.split() else ""
    at = block.text.find(text)
    at = at if at >= 0 else block.text.find(first)
    return block.line + block.text[: max(at, 0)].count("\n")


def shown(text: str) -> str:
    """The beginning of a sentence, as findings quote it."""
    return f"{text[:97]}…" if len(text) > 100 else text


def _cost(old: Sequence[str], new: Sequence[str], by: float) -> float:
    if not old or not new:
        return _ALONE
    before, after = " ".join(old), " ".join(new)
    one, other = names(before), names(after)
    named = _NAMED * (len(one & other) - len(one ^ other) / 2)
    return surprise(before, after, by) ** 2 / 2 - named + _MERGED * (len(old) + len(new) - 2)
