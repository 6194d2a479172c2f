"""Which block of one page is which of another: editions or languages, compared by order and by what survives both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from documentation.pages.block import Kind
from documentation.pages.outline import Outline

T = TypeVar("T")
Pair = tuple[T | None, T | None]
_ANCHOR = 3.0  # what an equal anchor counts in finding a section: more than all likeness
_POSITION = 0.05  # blocks of a kind that share nothing still follow each other in the same order
_REFENCED = 1.4  # the same code as another kind of block: a little less sure than as the same kind
_LIKE = 0.3  # the least that two pieces of code must share to be the same one, changed
_KNOWN = 0.5  # the share of its words, or of at least _NAMES names, by which a note is known in another place
_NAMES = 3


def pair(old: Sequence[T], new: Sequence[T], score: Callable[[T, T], float]) -> list[Pair[T]]:
    """Pair two sequences in order so that the sum of scores is greatest; a score of 0 never pairs."""
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores = [[score(one, other) for other in new] for one in old]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            both = best[i + 1][j + 1] + scores[i][j] if scores[i][j] > 0 else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    found: list[Pair[T]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if scores[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            found.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((old[i], None))
            i += 1
        else:
            found.append((None, new[j]))
            j += 1
    return found + [(each, None) for each in old[i:]] + [(None, each) for each in new[j:]]


def _pair_ends(
    old: Sequence[T], new: Sequence[T], score: Callable[[T, T], float], same: Callable[[T, T], bool]
) -> list[Pair[T]]:
    """The same as `pair`, sooner: what both begin with, and what both end in, needs no search."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if not same(old[at], new[at])), shorter)
    rest = shorter - start
    stop = next((at for at in range(rest) if not same(old[-1 - at], new[-1 - at])), rest)
    middle = pair(old[start : len(old) - stop], new[start : len(new) - stop], score)
    head = zip(old[:start], new[:start], strict=True)
    tail = zip(old[len(old) - stop :], new[len(new) - stop :], strict=True)
    return [*head, *middle, *tail]


@dataclass(frozen=True)
class Alignment:
    """Two pages side by side. `pairs` are in the order of the old page; `moved` are pairs that changed their place."""

    pairs: tuple[Pair[Outline], ...]
    moved: tuple[tuple[Outline, Outline], ...]

    @property
    def counterparts(self) -> dict[str, str]:
        """Ids of the old page → ids of the new one, for the blocks that both have."""
        both = [*((one, other) for one, other in self.pairs if one and other), *self.moved]
        return {one.id: other.id for one, other in both}


def align(old: Sequence[Outline], new: Sequence[Outline]) -> Alignment:
    """Pair sections, then the blocks of paired sections, then what is the same elsewhere."""
    pairs: list[Pair[Outline]] = []
    twice = _given_twice(old) | _given_twice(new)

    def same(one: list[Outline], other: list[Outline]) -> bool:
        return one[0].section == other[0].section not in twice

    def alike(one: list[Outline], other: list[Outline]) -> float:
        return _ANCHOR if same(one, other) else _section_likeness(one, other)

    for section, counterpart in _pair_ends(_sections(old), _sections(new), alike, same):
        blocks: list[Pair[Outline]] = _pair_ends(section or [], counterpart or [], likeness, _same_block)
        pairs += blocks
    pairs = _parted(pairs)
    moved = _moved(pairs)
    gone, come = {one.id for one, _ in moved}, {other.id for _, other in moved}
    kept = [(one, other) for one, other in pairs if not (one and one.id in gone) and not (other and other.id in come)]
    return Alignment(tuple(kept), moved)


def _parted(pairs: Sequence[Pair[Outline]]) -> list[Pair[Outline]]:
    """The pairs without those of two notes that have only their order in common, where one of them stands elsewhere."""
    loose = [pair for pair in pairs if None in pair or _only_follow(*pair)]
    parted: list[Pair[Outline]] = []
    for one, other in pairs:
        elsewhere = _only_follow(one, other) and any(
            (one and there and _same(one, there)) or (other and here and _same(here, other)) for here, there in loose
        )
        parted += [(one, None), (None, other)] if elsewhere else [(one, other)]
    return parted


def _only_follow(one: Outline | None, other: Outline | None) -> bool:
    """Whether two notes were paired though they say nothing alike."""
    return bool(one and other and one.kind.admonition and likeness(one, other) < _LIKE)


def _moved(pairs: Sequence[Pair[Outline]]) -> tuple[tuple[Outline, Outline], ...]:
    """What has no counterpart where it was, and the same somewhere else; a note also where it has other words there."""
    found = [other for one, other in pairs if other and not one]
    lost = [one for one, other in pairs if one and not other]
    moved: dict[str, Outline] = {}
    for known in (_same, _same_note):
        for one in lost:
            there = next((each for each in found if one.id not in moved and known(one, each)), None)
            if there:
                found.remove(there)
                moved[one.id] = there
    return tuple((one, moved[one.id]) for one in lost if one.id in moved)


def _same_note(one: Outline, other: Outline) -> bool:
    """Whether it is one note, caution or warning in other words, or in another language."""
    if not (one.kind.admonition and other.kind.admonition):
        return False
    named = len(one.tokens & other.tokens) >= _NAMES and _jaccard(one.tokens, other.tokens) >= _KNOWN
    return named or _jaccard(one.words, other.words) >= _KNOWN


def likeness(one: Outline, other: Outline) -> float:
    """How sure it is that two blocks are the same one: 0 not at all, 1 and more very."""
    if _group(one.kind) != _group(other.kind) or one.inline != other.inline:
        return _REFENCED if _same_code(one, other) else 0.0
    if one.hash == other.hash:
        return 1.5
    shared = max(_jaccard(one.tokens, other.tokens), _jaccard(one.words, other.words))
    if one.kind.code:
        return shared if shared >= _LIKE else 0.0
    # The longer block may have been split or shortened, so that blocks without names follow by position.
    return shared + _POSITION * (1 + (one.kind == other.kind) + (one.step and other.step))


def _same_code(one: Outline, other: Outline) -> bool:
    """Whether it is the same code, which its fence calls otherwise."""
    return one.kind.code and other.kind.code and one.hash == other.hash and not one.inline and not other.inline


def _sections(blocks: Sequence[Outline]) -> list[list[Outline]]:
    sections: list[list[Outline]] = []
    for block in blocks:
        if not sections or sections[-1][0].section != block.section:
            sections.append([])
        sections[-1].append(block)
    return sections


def _same_block(one: Outline, other: Outline) -> bool:
    return (one.kind, one.inline, one.hash, one.comment_hash) == (
        other.kind,
        other.inline,
        other.hash,
        other.comment_hash,
    )


def _given_twice(blocks: Sequence[Outline]) -> set[str]:
    """Anchors that two sections have, the second with a number: which section is which they do not say."""
    sections = {block.section for block in blocks}
    return {each for each in sections if f"{each}-1" in sections}


def _section_likeness(one: list[Outline], other: list[Outline]) -> float:
    shared = _jaccard(_all_tokens(one), _all_tokens(other))
    return shared + (_POSITION if one[0].level == other[0].level else 0.0)


def _all_tokens(section: list[Outline]) -> frozenset[str]:
    return frozenset(token for block in section for token in block.tokens)


def _same(one: Outline, other: Outline) -> bool:
    return one.hash == other.hash and one.kind == other.kind and bool(one.tokens or one.words)


def _group(kind: Kind) -> str:
    return "admonition" if kind.admonition else str(kind)


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
