"""Histories in which one thing cannot be true: what was planted, and the records that a checker has to name for it.

Some are what a faulty store answers (`FAULTS`), others are true histories with one record changed (`CHANGES`). Where a
history has no place for a change, or nothing in it can show the fault, there is none.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from resilience.histories.records import Answered, Change, Invoked, Member, Watched
from resilience.histories.verdict import Broken
from tests.planted import Plant, Planted
from tests.planted_answers import ANSWERS
from tests.planted_events import EVENTS
from tests.simulated_histories import Simulated, simulated
from tests.simulated_store import Plan
from tests.true_history import TrueHistory


def _split_hash(true: TrueHistory) -> Planted | None:
    members = [each for each in true.records if isinstance(each, Member)]
    other = replace(true.chance.choice(members), hash=8)
    records = [other if isinstance(each, Member) and each.name == other.name else each for each in true.records]
    return Planted(records, frozenset({Broken.SPLIT_HASH}), members=True)


CHANGES: Mapping[str, Plant] = MappingProxyType({**ANSWERS, **EVENTS, "split hash": _split_hash})
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
    if fault == "delete lost" and not _outlived(made):
        return None
    ids = frozenset(values) if fault == "restored" else frozenset({made.faulty})
    return Planted(made.records, FAULTS[fault], ids)


def _outlived(made: Simulated) -> bool:
    """Whether a read that began after a lost deletion was acknowledged shows an object of before it.

    Otherwise another deletion may be what everything shows, with nothing to tell the two apart.
    """
    deleted = next(each for each in made.records if isinstance(each, Invoked) and each.id == made.faulty)
    ended = next(each.at for each in made.records if isinstance(each, Answered) and each.id == made.faulty)
    later = {each.id for each in made.records if isinstance(each, Invoked) and each.at > ended}
    written = {each.value for each in made.records if isinstance(each, Invoked) and each.at < deleted.at}
    return any(
        each.objects[deleted.key].value in written
        for each in made.records
        if isinstance(each, Answered) and each.id in later and deleted.key in each.objects
    )


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
    return CHANGES[change](TrueHistory(made, chance))
