"""Lists: each has a revision, and shows the state of all objects at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from resilience.histories.known import Known, Write
from resilience.histories.lives import Object
from resilience.histories.operations import FINAL, History, Operation
from resilience.histories.reached import Reached
from resilience.histories.records import Held, Kind
from resilience.histories.verdict import Broken, Violation, Witness, seen_by, violation


@dataclass
class Listed:
    """What is wrong with lists, which of their objects are refuted, and by which list a write was absent first."""

    violations: list[Violation] = field(default_factory=list)
    refuted: set[tuple[int, str]] = field(default_factory=set)
    absent: dict[int, Operation] = field(default_factory=dict)  # by revision of the write before


class _Lists:
    def __init__(self, known: Known, objects: dict[str, Object], reached: Reached) -> None:
        self._known, self._objects, self._reached = known, objects, reached
        self._revisions = {key: [write.revision for write in each.writes] for key, each in objects.items()}
        self._shown: dict[int, Operation] = {}
        self.found = Listed()

    def check(self, one: Operation) -> None:
        """One list: is it fresh, and is each object as it was at its revision?"""
        if one.revision < self._reached.before(one.invoked):
            by = self._reached.first_above(one.revision + 1)
            text = f"{seen_by(one)} is of revision {one.revision}, and a later one had been shown before it began"
            self._report(Broken.LOST_WRITE if one.client == FINAL else Broken.STALE_READ, text, one, by)
            self.found.refuted.update((one.id, key) for key in self._objects)
        for key, each in self._objects.items():
            if (one.id, key) not in self._known.refuted:
                self._check_object(one, each)

    def _check_object(self, one: Operation, each: Object) -> None:
        place = bisect_right(self._revisions[each.key], one.revision) - 1
        latest = each.writes[place] if place >= 0 else None
        held = one.objects.get(each.key)
        if held is None:
            self._absent(one, each, place)
        elif latest is None or latest.revision != held.revision:
            self._differs(one, each.key, held, latest)
        else:
            before = self._shown.get(held.revision)
            if before is None or before.revision < one.revision:
                self._shown[held.revision] = one

    def _absent(self, one: Operation, each: Object, place: int) -> None:
        if place < 0 or each.writes[place].deleted:
            return
        latest, ending = each.writes[place], each.endings[place]
        cause = ending.cause if ending and not ending.shown else None
        late = cause is None or cause.invoked > one.answered or self._reached.before(cause.invoked) >= one.revision
        if late or one.revision <= latest.revision:
            self._differs(one, each.key, None, latest)
            return
        first = self.found.absent.get(latest.revision)
        if first is None or one.revision < first.revision:
            self.found.absent[latest.revision] = one

    def _differs(self, one: Operation, key: str, held: Held | None, latest: Write | None) -> None:
        shown = f"shows {key} = {held.value} of revision {held.revision}" if held else f"shows no {key}"
        text = f"{seen_by(one)} of revision {one.revision} {shown}, where {latest or 'nothing'} was the last one"
        lost = one.client == FINAL and latest is not None and (held is None or held.revision < latest.revision)
        kind = Broken.LOST_WRITE if lost else Broken.TORN_LIST
        self._report(kind, text, one, *_of(latest))
        self.found.refuted.add((one.id, key))

    def compare(self) -> None:
        """What one list did not show any more, no list of a later revision shows."""
        for revision, absent in self.found.absent.items():
            shown = self._shown.get(revision)
            if shown and shown.revision >= absent.revision:
                key = self._known.writes[revision].key
                text = f"{seen_by(shown)} of revision {shown.revision} shows {key} of revision {revision}, which "
                text += f"{seen_by(absent)} of revision {absent.revision} does not"
                self._report(Broken.TORN_LIST, text, shown, absent)

    def _report(self, kind: Broken, sentence: str, *witnesses: Witness | None) -> None:
        self.found.violations.append(violation(kind, sentence, *witnesses))


def _of(write: Write | None) -> tuple[Witness | None, ...]:
    """The request that wrote something, and what showed it first."""
    return (write.writer, write.witness) if write else ()


def _lists(history: History) -> Iterator[Operation]:
    return (each for each in history.operations if each.kind is Kind.LIST and each.acknowledged)


def listed(history: History, known: Known, objects: dict[str, Object], reached: Reached) -> Listed:
    """Every list of a history."""
    checks = _Lists(known, objects, reached)
    for each in _lists(history):
        checks.check(each)
    checks.compare()
    return checks.found
