"""Histories with one answer, or one request, that cannot be true beside the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from resilience.histories.records import Answered, Held, Invoked, Kind, Record, Watched
from resilience.histories.verdict import Broken
from tests.planted import Plant, Planted
from tests.true_history import TrueHistory


def _stale_read(true: TrueHistory) -> Planted | None:
    for read in true.reads():
        for key, held in true.shuffled([*read.objects.items()]):
            older = true.before(key, held.revision)
            if older and older.value and true.known_by(read, key, held.revision):
                objects = read.objects | {key: Held(older.value, older.revision)}
                kinds = frozenset({Broken.STALE_READ, Broken.LOST_WRITE, Broken.TORN_LIST})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _false_absence(true: TrueHistory) -> Planted | None:
    for read in true.reads():
        for key, held in true.shuffled([*read.objects.items()]):
            if true.known_by(read, key, held.revision) and not true.perhaps_deleted(key, held.revision, read.at):
                objects = {name: each for name, each in read.objects.items() if name != key}
                kinds = frozenset({Broken.FALSE_ABSENCE, Broken.LOST_WRITE, Broken.TORN_LIST})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _wrong_value(true: TrueHistory) -> Planted | None:
    values = [each.value for each in true.log if each.value]
    for read in true.reads(Kind.GET):
        for key, held in read.objects.items():
            others = [each for each in values if each != held.value]
            if held.revision in true.acknowledged and others:
                objects = {key: Held(true.chance.choice(others), held.revision)}
                answer = true.with_answer(replace(read, objects=objects))
                return Planted(answer, frozenset({Broken.WRONG_VALUE}), frozenset({read.id}))
    return None


def _value_from_nowhere(true: TrueHistory) -> Planted | None:
    for read in true.reads(Kind.GET):
        for key, held in read.objects.items():
            if held.revision > min((*true.acknowledged, held.revision)):
                objects = {key: Held("never sent", held.revision)}
                kinds = frozenset({Broken.FROM_NOWHERE, Broken.WRONG_VALUE})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _seen_early(true: TrueHistory) -> Planted | None:
    for read in true.reads(Kind.GET):
        key = true.invoked[read.id].key
        for each in true.log:
            answer = true.acknowledged.get(each.revision)
            if each.key == key and each.value and answer and true.invoked[answer.id].at > read.at:
                shown = replace(read, objects={key: Held(each.value, each.revision)}, revision=each.revision)
                return Planted(true.with_answer(shown), frozenset({Broken.SEEN_EARLY}), frozenset({answer.id}))
    return None


def _swapped_revisions(true: TrueHistory) -> Planted | None:
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


def _duplicate_revision(true: TrueHistory) -> Planted | None:
    answers = true.shuffled([*true.acknowledged.values()])[:2]
    if len(answers) < 2:
        return None
    kinds = frozenset({Broken.DUPLICATE_REVISION})
    ids = frozenset(each.id for each in answers)
    return Planted(true.with_answer(replace(answers[0], revision=answers[1].revision)), kinds, ids)


def _precondition(true: TrueHistory) -> Planted | None:
    """An update that was acknowledged names an older revision than the one before it."""
    for answer in true.shuffled([*true.acknowledged.values()]):
        request = true.invoked[answer.id]
        older = true.before(request.key, request.expected) if request.expected else None
        if older:
            other = replace(request, expected=older.revision)
            records = [other if each is request else each for each in true.records]
            return Planted(records, frozenset({Broken.PRECONDITION}), frozenset({request.id}))
    return None


def _torn_list(true: TrueHistory) -> Planted | None:
    """A list has one object as it was before a write that it is too late for."""
    for read in true.reads(Kind.LIST):
        for key, held in true.shuffled([*read.objects.items()]):
            older = true.before(key, held.revision)
            if older and older.value and held.revision in true.acknowledged:
                objects = read.objects | {key: Held(older.value, older.revision)}
                kinds = frozenset({Broken.TORN_LIST, Broken.LOST_WRITE})
                return Planted(true.with_answer(replace(read, objects=objects)), kinds, frozenset({read.id}))
    return None


def _old_list(true: TrueHistory) -> Planted | None:
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


ANSWERS: Mapping[str, Plant] = MappingProxyType(
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
    }
)
"""What cannot be true, and what plants it."""
