"""Histories in which one thing cannot be true: what was planted, and the records that a checker has to name for it.

Some are what a faulty store answers (`FAULTS`), others are true histories with one record changed (`CHANGES`). Where a
history has no place for a change, or nothing in it can show the fault, there is none.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Member, Outcome, Record, Watched
from resilience.histories.verdict import Broken, Verdict
from tests.simulated_store import Logged, Plan, Simulated, simulated


@dataclass(frozen=True)
class Planted:
    """Records with one contradiction: what kinds it may be, and one of the operations or the stream to be named."""

    records: Sequence[Record]
    kinds: frozenset[Broken]
    ids: frozenset[int] = frozenset()
    stream: tuple[str, int] | None = None
    members: bool = False

    def is_found(self, verdict: Verdict) -> bool:
        """Whether a verdict has the violation, with the records that it is about."""
        return any(
            each.kind in self.kinds
            and (
                self.members
                or bool(self.ids & each.ids)
                or any((place.client, place.stream) == self.stream for place in each.places)
            )
            for each in verdict.violations
        )


Item = TypeVar("Item")


class _True:
    """A true history, with what is looked up in it."""

    def __init__(self, simulated: Simulated, chance: random.Random) -> None:
        self.records, self.log, self.chance = simulated.records, simulated.log, chance
        self.invoked = {each.id: each for each in self.records if isinstance(each, Invoked)}
        self.answers = {each.id: each for each in self.records if isinstance(each, Answered)}
        self.ok = [each for each in self.answers.values() if each.outcome is Outcome.OK]
        self.acknowledged = {each.revision: each for each in self.ok if self.invoked[each.id].value}

    def reads(self, *kinds: Kind) -> list[Answered]:
        return self.shuffled(
            [each for each in self.ok if self.invoked[each.id].kind in (kinds or (Kind.GET, Kind.LIST))]
        )

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self.chance.sample(items, len(items))

    def before(self, key: str, revision: int) -> Logged | None:
        """The write of an object before a revision."""
        return next((each for each in reversed(self.log) if each.key == key and each.revision < revision), None)

    def known_by(self, read: Answered, key: str, revision: int) -> bool:
        """Whether a write was acknowledged before a read began."""
        answer = self.acknowledged.get(revision)
        return answer is not None and answer.at < self.invoked[read.id].at and self.invoked[answer.id].key == key

    def perhaps_deleted(self, key: str, revision: int, at: float) -> bool:
        """Whether a delete may have been done by a time, of an object that was at a revision before."""
        deletes = [each for each in self.invoked.values() if each.kind is Kind.DELETE and each.key == key]
        late = [each for each in deletes if each.at <= at and (not each.expected or each.expected >= revision)]
        outcomes = [self.answers[each.id].outcome if each.id in self.answers else Outcome.UNKNOWN for each in late]
        return any(each is not Outcome.FAILED for each in outcomes)

    def with_answer(self, answer: Answered) -> list[Record]:
        return [answer if isinstance(each, Answered) and each.id == answer.id else each for each in self.records]

    def events(self) -> Iterator[tuple[int, Watched]]:
        """Events of objects, with their place."""
        for place, each in enumerate(self.records):
            if isinstance(each, Watched) and each.key:
                yield place, each

    def neighbours(self) -> Iterator[tuple[int, Watched, int, Watched]]:
        """Two records of a stream, one after the other."""
        last: dict[tuple[str, int], int] = {}
        for place, each in enumerate(self.records):
            if isinstance(each, Watched):
                before = last.get((each.client, each.stream))
                if before is not None:
                    other = self.records[before]
                    assert isinstance(other, Watched)
                    yield before, other, place, each
                last[each.client, each.stream] = place


Plant = Callable[[_True], Planted | None]


def _stale_read(true: _True) -> Planted | None:
    for read in true.reads():
        for key, held in true.shuffled([*read.objects.items()]):
            older = true.before(key, held.revision)
            if older and older.value and true.known_by(read, key, held.revision):
                objects = read.objects | {key: Held(older.value, older.revision)}
                kinds = frozenset({Broken.STALE_READ, Broken.LOST_WRITE, Broken.TORN_LIST})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _false_absence(true: _True) -> Planted | None:
    for read in true.reads():
        for key, held in true.shuffled([*read.objects.items()]):
            if true.known_by(read, key, held.revision) and not true.perhaps_deleted(key, held.revision, read.at):
                objects = {name: each for name, each in read.objects.items() if name != key}
                kinds = frozenset({Broken.FALSE_ABSENCE, Broken.LOST_WRITE, Broken.TORN_LIST})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _wrong_value(true: _True) -> Planted | None:
    values = [each.value for each in true.log if each.value]
    for read in true.reads(Kind.GET):
        for key, held in read.objects.items():
            others = [each for each in values if each != held.value]
            if held.revision in true.acknowledged and others:
                objects = {key: Held(true.chance.choice(others), held.revision)}
                answer = true.with_answer(replace(read, objects=objects))
                return Planted(answer, frozenset({Broken.WRONG_VALUE}), frozenset({read.id}))
    return None


def _value_from_nowhere(true: _True) -> Planted | None:
    for read in true.reads(Kind.GET):
        for key, held in read.objects.items():
            if held.revision > min((*true.acknowledged, held.revision)):
                objects = {key: Held("never sent", held.revision)}
                kinds = frozenset({Broken.FROM_NOWHERE, Broken.WRONG_VALUE})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _seen_early(true: _True) -> Planted | None:
    for read in true.reads(Kind.GET):
        key = true.invoked[read.id].key
        for each in true.log:
            answer = true.acknowledged.get(each.revision)
            if each.key == key and each.value and answer and true.invoked[answer.id].at > read.at:
                shown = replace(read, objects={key: Held(each.value, each.revision)}, revision=each.revision)
                return Planted(true.with_answer(shown), frozenset({Broken.SEEN_EARLY}), frozenset({answer.id}))
    return None


def _swapped_revisions(true: _True) -> Planted | None:
    """Two writes change places in all records: only time contradicts that, and the order of events."""
    for one in true.shuffled([*true.acknowledged.values()]):
        for other in true.acknowledged.values():
            keys = {true.invoked[each.id].key for each in (one, other)}
            if one.at < true.invoked[other.id].at and len(keys) == 2:
                records = [_swapped(each, one.revision, other.revision) for each in true.records]
                kinds = frozenset({Broken.OUT_OF_ORDER, Broken.SEEN_EARLY})
                return Planted(records, kinds, frozenset({other.id}))
    return None


def _swapped(record: Record, one: int, other: int) -> Record:
    def swap(revision: int) -> int:
        return {one: other, other: one}.get(revision, revision)

    match record:
        case Invoked():
            return replace(record, expected=swap(record.expected))
        case Answered():
            objects = {key: Held(each.value, swap(each.revision)) for key, each in record.objects.items()}
            return replace(record, revision=swap(record.revision), objects=objects)
        case Watched():
            return replace(record, revision=swap(record.revision)) if record.key else record
    return record


def _duplicate_revision(true: _True) -> Planted | None:
    answers = true.shuffled([*true.acknowledged.values()])[:2]
    if len(answers) < 2:
        return None
    kinds = frozenset({Broken.DUPLICATE_REVISION})
    ids = frozenset(each.id for each in answers)
    return Planted(true.with_answer(replace(answers[0], revision=answers[1].revision)), kinds, ids)


def _precondition(true: _True) -> Planted | None:
    """An update that was acknowledged names an older revision than the one before it."""
    for answer in true.shuffled([*true.acknowledged.values()]):
        request = true.invoked[answer.id]
        older = true.before(request.key, request.expected) if request.expected else None
        if older:
            other = replace(request, expected=older.revision)
            records = [other if each is request else each for each in true.records]
            return Planted(records, frozenset({Broken.PRECONDITION}), frozenset({request.id}))
    return None


def _torn_list(true: _True) -> Planted | None:
    """A list has one object as it was before a write that it is too late for."""
    for read in true.reads(Kind.LIST):
        for key, held in true.shuffled([*read.objects.items()]):
            older = true.before(key, held.revision)
            if older and older.value and held.revision in true.acknowledged:
                objects = read.objects | {key: Held(older.value, older.revision)}
                kinds = frozenset({Broken.TORN_LIST, Broken.LOST_WRITE})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _old_list(true: _True) -> Planted | None:
    """A list as of before a write that was acknowledged before it began."""
    for read in true.reads(Kind.LIST):
        earlier = [each for each in true.acknowledged.values() if each.at < true.invoked[read.id].at]
        if earlier:
            revision = max(each.revision for each in earlier) - 1
            state: dict[str, Held] = {}
            for each in (each for each in true.log if each.revision <= revision):
                state.pop(each.key, None)
                state |= {each.key: Held(each.value, each.revision)} if each.value else {}
            kinds = frozenset({Broken.STALE_READ, Broken.LOST_WRITE})
            answer = replace(read, revision=revision, objects=state)
            return Planted(true.with_answer(answer), kinds, frozenset({read.id}))
    return None


def _missing_event(true: _True) -> Planted | None:
    """An event is left out between two others, or before a bookmark."""
    later: dict[tuple[str, int], int] = {}
    for each in true.records:
        if isinstance(each, Watched) and each.change not in (Change.STARTED, Change.ENDED):
            later[each.client, each.stream] = max(each.revision, later.get((each.client, each.stream), 0))
    for place, event in true.shuffled([*true.events()]):
        stream = event.client, event.stream
        if event.revision in true.acknowledged and later[stream] > event.revision:
            kinds = frozenset({Broken.WATCH_RELIABLE, Broken.WATCH_RESUMABLE, Broken.WATCH_BOOKMARKABLE})
            return Planted([*true.records[:place], *true.records[place + 1 :]], kinds, stream=stream)
    return None


def _first_event_missing(true: _True) -> Planted | None:
    """A watch that was resumed does not go on where the last one ended."""
    for _, started, place, event in true.shuffled([*true.neighbours()]):
        resumed = started.change is Change.STARTED and started.stream > 1
        if resumed and event.key and event.revision in true.acknowledged:
            rest = [each for each in true.records[place + 1 :] if isinstance(each, Watched) and each.key]
            if any((each.client, each.stream) == (event.client, event.stream) for each in rest):
                kinds = frozenset({Broken.WATCH_RESUMABLE})
                records = [*true.records[:place], *true.records[place + 1 :]]
                return Planted(records, kinds, stream=(event.client, event.stream))
    return None


def _exchanged(true: _True, fits: Callable[[Watched, Watched], bool], kind: Broken) -> Planted | None:
    """Two neighbours of a stream change places, and keep the times at which something came."""
    for one, first, other, second in true.shuffled([*true.neighbours()]):
        if fits(first, second):
            records = list(true.records)
            records[one], records[other] = replace(second, at=first.at), replace(first, at=second.at)
            return Planted(records, frozenset({kind}), stream=(first.client, first.stream))
    return None


def _events_out_of_order(true: _True) -> Planted | None:
    return _exchanged(true, lambda first, second: bool(first.key and second.key), Broken.WATCH_ORDERED)


def _bookmark_early(true: _True) -> Planted | None:
    return _exchanged(
        true, lambda first, second: bool(first.key) and second.change is Change.BOOKMARK, Broken.WATCH_BOOKMARKABLE
    )


def _event_twice(true: _True) -> Planted | None:
    for place, event in true.shuffled([*true.events()]):
        records = [*true.records[: place + 1], event, *true.records[place + 1 :]]
        return Planted(records, frozenset({Broken.WATCH_UNIQUE}), stream=(event.client, event.stream))
    return None


def _torn_event(true: _True) -> Planted | None:
    for place, event in true.shuffled([*true.events()]):
        other = replace(event, key=f"{event.key}-other", value="other")
        records = [*true.records[: place + 1], other, *true.records[place + 1 :]]
        return Planted(records, frozenset({Broken.WATCH_ATOMIC}), stream=(event.client, event.stream))
    return None


def _split_hash(true: _True) -> Planted | None:
    members = [each for each in true.records if isinstance(each, Member)]
    other = replace(true.chance.choice(members), hash=8)
    records = [other if isinstance(each, Member) and each.name == other.name else each for each in true.records]
    return Planted(records, frozenset({Broken.SPLIT_HASH}), members=True)


CHANGES: Mapping[str, Plant] = MappingProxyType(
    {
        "stale read": _stale_read,
        "false absence": _false_absence,
        "value at a wrong revision": _wrong_value,
        "value from nowhere": _value_from_nowhere,
        "value seen before it was written": _seen_early,
        "revision out of real-time order": _swapped_revisions,
        "duplicate revision": _duplicate_revision,
        "precondition that was not the revision before": _precondition,
        "list that is not one revision's state": _torn_list,
        "list of an old revision": _old_list,
        "watch event missing": _missing_event,
        "first event missing after a restart": _first_event_missing,
        "watch events out of order": _events_out_of_order,
        "bookmark before its events": _bookmark_early,
        "watch event twice": _event_twice,
        "two events of a revision": _torn_event,
        "split hash": _split_hash,
    }
)
"""True histories with one record changed."""

_LOST = frozenset({Broken.LOST_WRITE, Broken.STALE_READ, Broken.PRECONDITION, Broken.FALSE_ABSENCE, Broken.TORN_LIST})

FAULTS: Mapping[str, frozenset[Broken]] = MappingProxyType(
    {
        "write lost": _LOST | {Broken.WATCH_RELIABLE, Broken.WATCH_BOOKMARKABLE, Broken.WATCH_RESUMABLE},
        "delete lost": _LOST,
        "written twice": frozenset({Broken.WRITTEN_TWICE}),
        "refused and done": frozenset({Broken.REFUSED_SEEN}),
        "precondition ignored": frozenset({Broken.PRECONDITION, Broken.WATCH_RELIABLE}),  # a deletion that is missing
        "restored": frozenset(Broken),
    }
)
"""What a faulty store does, and the kinds that it may be found as."""


def of_fault(fault: str, chance: random.Random) -> Planted | None:
    """A history of a store with a fault: None where it had no opportunity, or nothing has shown it."""
    plan = Plan(clients=4, operations=20, keys=2, lost=0.05, fault=fault, moment=chance.randint(0, 4))
    made = simulated(plan, chance)
    values = {each.id: each.value for each in made.records if isinstance(each, Invoked)}
    if not made.faulty or (fault in ("written twice", "refused and done") and not _shown(made, values[made.faulty])):
        return None
    ids = frozenset(values) if fault == "restored" else frozenset({made.faulty})
    return Planted(made.records, FAULTS[fault], ids)


def _shown(made: Simulated, value: str) -> bool:
    """Whether every revision at which a value was written is in a record."""
    if not value:
        return False
    written = {each.revision for each in made.log if each.value == value}
    shown: set[int] = set()
    for each in made.records:
        if isinstance(each, Watched) and each.value == value and each.change is not Change.DELETED:
            shown.add(each.revision)
        elif isinstance(each, Answered):
            shown |= {held.revision for held in each.objects.values() if held.value == value}
    return bool(written) and written <= shown


def of_change(change: str, chance: random.Random) -> Planted | None:
    """A true history with one thing changed; None where it has no place for that."""
    return changed(change, simulated(Plan(clients=4, operations=20, keys=2, lost=0.1), chance), chance)


def changed(change: str, made: Simulated, chance: random.Random) -> Planted | None:
    """The same of a history that exists."""
    return CHANGES[change](_True(made, chance))
