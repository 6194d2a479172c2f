"""Histories with one watch that is not ordered, unique, atomic, reliable or resumable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from resilience.histories.records import Change, Watched
from resilience.histories.verdict import Broken
from tests.planted import Plant, Planted
from tests.true_history import TrueHistory


def _missing_event(true: TrueHistory) -> Planted | None:
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


def _first_event_missing(true: TrueHistory) -> Planted | None:
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


def _exchanged(true: TrueHistory, fits: Callable[[Watched, Watched], bool], kind: Broken) -> Planted | None:
    """Two neighbours of a stream change places, and keep the times at which something came."""
    for one, first, other, second in true.shuffled([*true.neighbours()]):
        if fits(first, second):
            records = list(true.records)
            records[one], records[other] = replace(second, at=first.at), replace(first, at=second.at)
            return Planted(records, frozenset({kind}), stream=(first.client, first.stream))
    return None


def _events_out_of_order(true: TrueHistory) -> Planted | None:
    return _exchanged(true, lambda first, second: bool(first.key and second.key), Broken.WATCH_ORDERED)


def _bookmark_early(true: TrueHistory) -> Planted | None:
    return _exchanged(
        true, lambda first, second: bool(first.key) and second.change is Change.BOOKMARK, Broken.WATCH_BOOKMARKABLE
    )


def _event_twice(true: TrueHistory) -> Planted | None:
    for place, event in true.shuffled([*true.events()]):
        records = [*true.records[: place + 1], event, *true.records[place + 1 :]]
        return Planted(records, frozenset({Broken.WATCH_UNIQUE}), stream=(event.client, event.stream))
    return None


def _torn_event(true: TrueHistory) -> Planted | None:
    for place, event in true.shuffled([*true.events()]):
        other = replace(event, key=f"{event.key}-other", value="other")
        records = [*true.records[: place + 1], other, *true.records[place + 1 :]]
        return Planted(records, frozenset({Broken.WATCH_ATOMIC}), stream=(event.client, event.stream))
    return None


EVENTS: Mapping[str, Plant] = MappingProxyType(
    {
        "watch event missing": _missing_event,
        "first event missing after a restart": _first_event_missing,
        "watch events out of order": _events_out_of_order,
        "bookmark before its events": _bookmark_early,
        "watch event twice": _event_twice,
        "two events of a revision": _torn_event,
    }
)
"""What cannot be true of a watch, and what plants it."""
