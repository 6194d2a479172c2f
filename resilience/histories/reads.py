"""What reads show of each object, in the order of time: nothing older than what was known before they began.

An object goes through positions: `2 * revision` is a write, and one more is whatever comes behind the deletion that
follows it. Positions only grow. What a record shows raises the lowest position that a later read may show; a read that
finds nothing is true where the object can have been deleted, or not created yet, at a moment between its two times.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from resilience.histories.known import Known, Write
from resilience.histories.lives import Ending, Object
from resilience.histories.operations import FINAL, History, Operation
from resilience.histories.records import Kind, Watched
from resilience.histories.verdict import Broken, Violation, seen_by, violation

_BEGIN, _SHOW, _DELETED, _KNOWN, _FITS = range(5)
_Event = tuple[float, bool, int, int, Operation | Write | Ending]


@dataclass(slots=True)
class _Floor:
    position: int = 0
    by: Operation | Watched | None = None


class _Reader:
    """Goes through all that happened with one object."""

    def __init__(self, each: Object, skipped: set[tuple[int, str]]) -> None:
        self._object, self._skipped = each, skipped
        self._places = {write.revision: place for place, write in enumerate(each.writes)}
        self._begun = list(accumulate((_begun(write) for write in each.writes), max))
        self._next = _next_endings(each)
        self._floor = _Floor()
        self._before: dict[int, _Floor] = {}
        self.violations: list[Violation] = []

    def follow(self, reads: list[Operation], deletes: list[Operation]) -> list[Violation]:
        """Everything in the order of time; what begins at the moment at which something is shown is beside it."""
        for _, _, _, what, item in sorted(self._events(reads, deletes), key=lambda event: event[:3]):
            if isinstance(item, Write):
                self._raise(2 * item.revision, item.witness)
            elif isinstance(item, Ending):
                self._check_deletion(item.cause)
            elif what == _BEGIN:
                self._before[item.id] = _Floor(self._floor.position, self._floor.by)
            elif what == _DELETED:
                self._delete(item)
            else:
                self._show(item)
        return self.violations

    def _events(self, reads: list[Operation], deletes: list[Operation]) -> Iterator[_Event]:
        number = 0
        for write in self._object.writes:
            yield -math.inf if write.initial else write.seen, True, (number := number + 1), _KNOWN, write
        for what, operations in ((_SHOW, reads), (_DELETED, deletes)):
            for each in operations:
                yield each.invoked, False, (number := number + 1), _BEGIN, each
                yield each.answered, True, (number := number + 1), what, each
        for place, ending in enumerate(self._object.endings):
            needed = place + 1 < len(self._object.writes)
            if ending and ending.cause and not ending.shown and ending.certain and needed and ending.cause.perhaps:
                yield ending.begun, False, (number := number + 1), _FITS, ending

    def _raise(self, position: int, by: Operation | Watched | None) -> None:
        if position > self._floor.position:
            self._floor = _Floor(position, by)

    def _delete(self, delete: Operation) -> None:
        """An acknowledged DELETE was done between its times, so the object was absent then."""
        floor = self._before.pop(delete.id)
        if not delete.expected:
            self._absent(delete, floor)
        elif floor.position > 2 * delete.expected:
            text = f"{seen_by(delete)} deleted {delete.key} and needed revision {delete.expected}"
            text += ", which was known to be over before it began"
            self.violations.append(violation(Broken.PRECONDITION, text, delete, floor.by))
        else:
            self._raise(2 * delete.expected + 1, delete)

    def _check_deletion(self, cause: Operation | None) -> None:
        """The unknown DELETE that has to explain a deletion has to have begun before what comes behind it was known."""
        if cause and cause.expected and self._floor.position > 2 * cause.expected:
            text = f"{cause.key} of revision {cause.expected} was over before {seen_by(cause)} began"
            text += ", and no other request can have deleted it"
            self.violations.append(violation(Broken.PRECONDITION, text, cause, self._floor.by))

    def _show(self, read: Operation) -> None:
        key, floor = self._object.key, self._before.pop(read.id)
        if (read.id, key) in self._skipped:
            return
        held = read.objects.get(key)
        if held is None:
            self._absent(read, floor)
        elif 2 * held.revision < floor.position:
            text = f"{seen_by(read)} shows {key} = {held.value} of revision {held.revision}, "
            text += f"and {self._named(floor)} before it began"
            self._lost(Broken.STALE_READ, text, read, floor)

    def _absent(self, read: Operation, floor: _Floor) -> None:
        """The object was absent at a moment between this operation's times; behind it, it is past its deletion."""
        here = None if floor.position % 2 else self._places.get(floor.position // 2)
        if here is None or self._object.writes[here].deleted:
            return
        place = self._next[here]
        ending = self._object.endings[place] if place is not None else None
        if place is None or ending is None or max(ending.begun, self._begun[place]) > read.answered:
            text = f"{seen_by(read)} finds no {self._object.key}, and {self._named(floor)} before it began, "
            text += "and nothing can have deleted it since"
            self._lost(Broken.FALSE_ABSENCE, text, read, floor)
        else:
            self._raise(2 * self._object.writes[place].revision + 1, read)

    def _named(self, floor: _Floor) -> str:
        """What a floor says, as a clause."""
        if floor.position % 2:
            return (
                f"{seen_by(floor.by) if floor.by else 'a record'} had shown the end of revision {floor.position // 2}"
            )
        write = self._object.writes[self._places[floor.position // 2]]
        return f"{write} was {'acknowledged' if floor.by is write.writer else 'known'}"

    def _lost(self, kind: Broken, text: str, read: Operation, floor: _Floor) -> None:
        """A write that nothing but its own answer ever shows is lost, and so is what the final reads do not show."""
        write = None if floor.position % 2 else self._object.writes[self._places[floor.position // 2]]
        alone = write is not None and write.writer is not None and write.writer is floor.by and not write.confirmed
        kind = Broken.LOST_WRITE if alone or read.client == FINAL else kind
        self.violations.append(violation(kind, text, read, write.writer if write else None, floor.by))


def _begun(write: Write) -> float:
    return write.writer.invoked if write.writer else -math.inf


def _next_endings(each: Object) -> list[int | None]:
    """For each write, the first place from there on behind which a deletion is possible."""
    found: list[int | None] = [None] * len(each.writes)
    following = None
    for place in range(len(each.writes) - 1, -1, -1):
        following = place if each.endings[place] else following
        found[place] = following
    return found


def read(history: History, known: Known, objects: dict[str, Object], skipped: set[tuple[int, str]]) -> list[Violation]:
    """Every get, and every list object by object, but for what other checks have refuted already."""
    lists = [each for each in history.operations if each.kind is Kind.LIST and each.acknowledged]
    gets: dict[str, list[Operation]] = defaultdict(list)
    deletes: dict[str, list[Operation]] = defaultdict(list)
    for each in history.operations:
        if each.acknowledged and each.kind in (Kind.GET, Kind.DELETE):
            (gets if each.kind is Kind.GET else deletes)[each.key].append(each)
    passed_over = skipped | known.refuted
    found: list[Violation] = []
    for key in sorted({*objects, *gets}):
        reader = _Reader(objects.get(key) or Object(key, []), passed_over)
        found += reader.follow([*gets[key], *lists], deletes[key])
    return found
