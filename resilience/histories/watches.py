"""Watches, by the guarantees of etcd: https://etcd.io/docs/latest/learning/api_guarantees/#watch-apis

Ordered: events come by revision. Unique: none comes twice. Atomic: a revision comes whole; ours change one object each,
so a second event of a revision contradicts it. Reliable: between two events none is missing. Resumable: a new watch
goes on right after the revision that it names. Bookmarkable: a bookmark comes behind all events up to its revision.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from resilience.histories.known import Known, Write
from resilience.histories.lists import Listed
from resilience.histories.lives import Object
from resilience.histories.operations import History, Stream
from resilience.histories.reached import Reached
from resilience.histories.records import Change, Kind, Watched
from resilience.histories.verdict import STARTS_ANYWHERE, Broken, Violation, seen_by, violation


class _Watch:
    """Goes through the events of one stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.seen: dict[int, Watched] = {}
        self.order: list[int] = []
        self.first = self.last = stream.after
        self.bookmark: Watched | None = None
        self._latest: Watched | None = None

    @property
    def covered(self) -> int:
        """The revision up to which everything had to come."""
        return max(self.last, self.bookmark.revision if self.bookmark else 0)

    def follow(self) -> Iterator[Violation]:
        """What is wrong with the order of the events alone."""
        for event in self._stream.events:
            if event.change is Change.BOOKMARK:
                self.bookmark = max(self.bookmark or event, event, key=lambda each: each.revision)
                continue
            yield from self._event(event)
            self.first = self.first if self.seen else event.revision
            self.seen.setdefault(event.revision, event)
            if event.revision > self.last:
                self.last, self._latest = event.revision, event
        self.order = sorted(self.seen)

    def _event(self, event: Watched) -> Iterator[Violation]:
        before = self.seen.get(event.revision)
        if before and (before.key, before.value, before.change) != (event.key, event.value, event.change):
            yield violation(Broken.WATCH_ATOMIC, f"{seen_by(event)} came with another of its revision", event, before)
        elif before:
            yield violation(Broken.WATCH_UNIQUE, f"{seen_by(event)} came twice", event, before)
        elif event.revision <= self._stream.after:
            text = f"{seen_by(event)} came, though only what comes after {self._stream.after} was requested"
            yield violation(Broken.WATCH_RESUMABLE, text, event, self._stream)
        elif event.revision < self.last:
            text = f"{seen_by(event)} came after revision {self.last}"
            yield violation(Broken.WATCH_ORDERED, text, event, self._latest)
        elif self.bookmark and event.revision <= self.bookmark.revision:
            text = f"{seen_by(event)} came after the bookmark {self.bookmark.revision}"
            yield violation(Broken.WATCH_BOOKMARKABLE, text, event, self.bookmark)


def watched(
    history: History, known: Known, objects: dict[str, Object], reached: Reached, listed: Listed
) -> list[Violation]:
    """Every stream that names where it starts, held against all that is known to have been written."""
    found: list[Violation] = []
    revisions = sorted(known.writes)
    hidden = list(_hidden(objects, reached, listed))
    for stream in history.streams:
        if stream.after != STARTS_ANYWHERE:
            watch = _Watch(stream)
            found += watch.follow()
            between = revisions[bisect_right(revisions, stream.after) : bisect_right(revisions, watch.covered)]
            found += [
                _missing(stream, watch, known.writes[revision]) for revision in between if revision not in watch.seen
            ]
            found += _missing_deletions(stream, watch, hidden)
            found += _of_what_was_there(watch, known)
    return found


def _of_what_was_there(watch: _Watch, known: Known) -> Iterator[Violation]:
    """Events by which an object was changed whose writer created it: it was there, and the create had to fail."""
    for event in watch.seen.values():
        write = known.writes.get(event.revision)
        if event.change is Change.MODIFIED and write and write.writer and write.writer.kind is Kind.CREATE:
            text = f"{seen_by(event)} changes what {seen_by(write.writer)} wanted not to be there"
            yield violation(Broken.PRECONDITION, text, event, write.writer)


def _missing(stream: Stream, watch: _Watch, write: Write) -> Violation:
    text = f"{seen_by(stream)} has no event for {write}, and goes from {stream.after} to {watch.covered}"
    kind = Broken.WATCH_RELIABLE
    if write.revision > watch.last:
        kind = Broken.WATCH_BOOKMARKABLE
    elif write.revision < watch.first and stream.resumed:
        kind = Broken.WATCH_RESUMABLE
    place = bisect_right(watch.order, write.revision)
    neighbour = watch.seen[watch.order[place - 1]] if place else None
    bookmark = watch.bookmark if kind is Broken.WATCH_BOOKMARKABLE else None
    return violation(kind, text, stream, write.writer, write.witness, neighbour, bookmark)


def _missing_deletions(
    stream: Stream, watch: _Watch, hidden: list[tuple[Write, Object, int, int]]
) -> Iterator[Violation]:
    for write, each, low, high in hidden:
        if stream.after <= low and high <= watch.covered:
            place = each.writes.index(write)
            ending = each.endings[place]
            text = f"{seen_by(stream)} has no event for the deletion of {write}, which is after {low} and up to {high}"
            after = each.writes[place + 1].writer if place + 1 < len(each.writes) else None
            yield violation(Broken.WATCH_RELIABLE, text, stream, ending.cause if ending else None, write.witness, after)


def _hidden(objects: dict[str, Object], reached: Reached, listed: Listed) -> Iterator[tuple[Write, Object, int, int]]:
    """Deletions that are certain and that no record shows: the write, and between which revisions (from, to]."""
    for each in objects.values():
        for place, (write, ending) in enumerate(zip(each.writes, each.endings, strict=True)):
            if not ending or ending.shown or not ending.certain:
                continue
            absent = listed.absent.get(write.revision)
            ends = [absent.revision] if absent else []
            ends += [each.writes[place + 1].revision - 1] if place + 1 < len(each.writes) else []
            if ends:
                acknowledged = ending.cause is not None and ending.cause.acknowledged
                low = reached.before(ending.cause.invoked) if acknowledged and ending.cause else 0
                yield write, each, max(write.revision, low), min(ends)
