"""Sentences and words of two texts: which became others, and which sentences are the same one, revised."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
# Kana and Chinese characters stand for themselves: nothing shows where a word of them ends.
_LETTER = "\u3040-\u30ff\u3400-\u9fff々"
_WORD = re.compile(rf"[{_LETTER}]|(?:(?![{_LETTER}])[\w'’./:%-])+")
_LIKE = 0.3  # the share of its words by which a sentence is known again
_OTHERS = 3  # words beside code spans by which a sentence may differ, and still is not written anew
_SHOWN = 5  # words of a change that are shown


def sentences(text: str) -> list[str]:
    """A text's sentences, as a reader sees them."""
    return [each.strip() for each in _END.split(" ".join(visible(text).split())) if each.strip()]


def words(sentence: str) -> list[str]:
    """The words of a sentence, in small letters."""
    found = (word.strip(".:'’-/") for word in _WORD.findall(sentence))
    return [word.lower() for word in found if word]


def replaced(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """What became what; one of the two is empty where words came or went."""
    for start, stop, first, last in _differing(before, after):
        yield before[start:stop], after[first:last]


def likeness(one: str, other: str) -> float:
    """How sure it is that two sentences are the same one, revised: 0 not at all, 1 very."""
    shared = _shared(one, other)
    return shared if shared >= _LIKE else 0.0


def stays(mention: str, old: str, new: str) -> bool:
    """Whether the new text still has the sentence in which the old one mentions something, but for a few words."""
    mentioning = [each for each in sentences(old) if mention in each]
    return any(_other_words(one, other) <= _OTHERS for one in mentioning for other in sentences(new))


def visible(text: str) -> str:
    """What a reader sees of a sentence: links without where they lead."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def changes(old: str, new: str) -> tuple[int, list[str]]:
    """The words that became others, came or went, and the line of the first one in the new text, from 0."""
    before, after = visible(old).split(), [(word, at) for at, line in enumerate(_lines(new)) for word in line.split()]
    spans = list(_differing(before, [word for word, _ in after]))
    line = min((after[min(first, len(after) - 1)][1] for *_, first, _ in spans), default=0) if after else 0
    return line, [
        _change(before[start:stop], [word for word, _ in after[first:last]]) for start, stop, first, last in spans
    ]


def _lines(text: str) -> list[str]:
    """A text's lines as a reader sees them; a link that goes over a line's end belongs to the first of its lines."""
    return re.sub(r"\[[^\]]*\]\([^)]*\)", lambda match: visible(match[0]) + "\n" * match[0].count("\n"), text).split(
        "\n"
    )


def _change(gone: list[str], come: list[str]) -> str:
    if not gone:
        return f"`{_shown(come)}` is new"
    return f"`{_shown(gone)}` became `{_shown(come)}`" if come else f"`{_shown(gone)}` is gone"


def _shown(found: list[str]) -> str:
    return " ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")


def _shared(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, words(one), words(other), autojunk=False).ratio()


def _other_words(one: str, other: str) -> int:
    """How many words differ, code spans aside."""
    before, after = (words(re.sub(r"`[^`]*`", " ", each)) for each in (one, other))
    return sum(max(stop - start, last - first) for start, stop, first, last in _differing(before, after))


def _differing(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind != "equal":
            yield start, stop, first, last
