"""What a history's check ends with: data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from resilience.histories.operations import Operation, Stream
from resilience.histories.records import Change, Member, Watched


class Broken(StrEnum):
    """A promise that was not kept. The names stay: reports and stores have them."""

    DUPLICATE_REVISION = "duplicate-revision"
    OUT_OF_ORDER = "revision-out-of-order"
    PRECONDITION = "precondition-not-before"
    STALE_READ = "stale-read"
    FALSE_ABSENCE = "false-absence"
    WRONG_VALUE = "wrong-value"
    LOST_WRITE = "lost-write"
    WRITTEN_TWICE = "written-twice"
    REFUSED_SEEN = "refused-write-seen"
    FROM_NOWHERE = "from-nowhere"
    SEEN_EARLY = "seen-before-written"
    TORN_LIST = "list-not-one-state"
    WATCH_ORDERED = "watch-not-ordered"
    WATCH_UNIQUE = "watch-not-unique"
    WATCH_ATOMIC = "watch-not-atomic"
    WATCH_RELIABLE = "watch-not-reliable"
    WATCH_RESUMABLE = "watch-not-resumable"
    WATCH_BOOKMARKABLE = "watch-not-bookmarkable"
    SPLIT_HASH = "members-differ"


@dataclass(frozen=True)
class Place:
    """A record that a violation is about. `id` is an operation's, `stream` a watch's; 0 for what has none.

    `begun` and `ended` are seconds of the history's clock; `ended` is None for a request that was never answered.
    """

    what: str
    client: str
    id: int = 0
    stream: int = 0
    begun: float = 0
    ended: float | None = None
    revision: int = 0

    def __str__(self) -> str:
        if not self.client:
            return self.what
        name = f"operation {self.id}" if self.id else f"stream {self.stream}"
        if self.id:
            times = f"{self.begun:.6f} to " + ("no answer" if self.ended is None else f"{self.ended:.6f}")
        else:
            times = f"{self.begun:.6f}"
        revision = f", revision {self.revision}" if self.revision else ""
        return f"{name} of {self.client}: {self.what}{revision}, {times}"


Witness = Operation | Watched | Stream | Member
"""What a place is made of."""


@dataclass(frozen=True)
class Violation:
    """One promise that was not kept: which, in a sentence, and the records that show it."""

    kind: Broken
    sentence: str
    places: tuple[Place, ...]

    @property
    def ids(self) -> frozenset[int]:
        """The operations that it names."""
        return frozenset(place.id for place in self.places if place.id)


@dataclass(frozen=True)
class Verdict:
    """All of a check's answer. `undecided` are sentences: what this history cannot show, either way."""

    violations: tuple[Violation, ...] = ()
    operations: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: int = 0
    appeared: int = 0
    unseen: int = 0
    undecided: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[Broken]:
        """The kinds of its violations."""
        return frozenset(each.kind for each in self.violations)


def violation(kind: Broken, sentence: str, *witnesses: Witness | None) -> Violation:
    """A violation that names each of its witnesses once."""
    return Violation(kind, sentence, tuple(map(place, _different(witnesses))))


def _different(witnesses: Iterable[Witness | None]) -> list[Witness]:
    return list({id(each): each for each in witnesses if each is not None}.values())


def place(witness: Witness) -> Place:
    """Where a record is found."""
    match witness:
        case Operation():
            what = f"{witness.kind} of {witness.key}" if witness.key else str(witness.kind)
            ended = None if witness.answered == math.inf else witness.answered
            return Place(
                f"{what} ({witness.outcome})", witness.client, witness.id, 0, witness.invoked, ended, witness.revision
            )
        case Watched():
            what = f"{witness.change} {witness.key}".strip()
            return Place(what, witness.client, 0, witness.stream, witness.at, None, witness.revision)
        case Stream():
            return Place("the watch", witness.client, 0, witness.number, witness.at, None, witness.after)
    return Place(f"member {witness.name}, hash {witness.hash} at revision {witness.revision}", "")


def seen_by(witness: Witness) -> str:
    """A record in a few words, for a sentence."""
    match witness:
        case Operation():
            return f"operation {witness.id} of {witness.client}"
        case Watched():
            return f"the {witness.change} event {witness.revision} of {witness.client}'s stream {witness.stream}"
        case Stream():
            return f"stream {witness.number} of {witness.client}"
    return f"member {witness.name}"


STARTS_ANYWHERE = 0
"""The revision of a watch that names none: it begins with what there is, in no order."""

SHOWN = (Change.ADDED, Change.MODIFIED)
"""Events that show an object that exists."""
