"""Each object's writes in their order: does every precondition name the one before, and who deleted what?

A DELETE answers without a revision. A watch may show it; otherwise it is bounded by its neighbours: its precondition
names the write before it, and the next one that is known comes after it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from resilience.histories.known import Known, Write
from resilience.histories.operations import History, Operation
from resilience.histories.reached import Reached
from resilience.histories.records import Kind, Outcome
from resilience.histories.verdict import Broken, Violation, Witness, seen_by, violation


@dataclass(frozen=True, slots=True)
class Ending:
    """A deletion that follows a write: by which request, and whether it is certain, or only possible.

    `shown` where a watch or an answer has its revision; else it is hidden between its neighbours.
    """

    cause: Operation | None
    certain: bool
    shown: bool

    @property
    def begun(self) -> float:
        """Before this it cannot have been done."""
        return self.cause.invoked if self.cause else -math.inf


@dataclass(slots=True)
class Object:
    """The writes of one object by revision, and what may have deleted it right after each of them."""

    key: str
    writes: list[Write]
    endings: list[Ending | None] = field(default_factory=list)
    deletes: list[Operation] = field(default_factory=list)  # acknowledged, with a precondition, by no known revision


@dataclass
class Lives:
    """All objects, the unknown requests that had an effect, and what cannot be."""

    objects: dict[str, Object] = field(default_factory=dict)
    appeared: set[int] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)


class _Chain:
    """Goes along the writes of one object."""

    def __init__(self, key: str, mine: list[Operation], known: Known, reached: Reached, lives: Lives) -> None:
        self._known, self._reached, self._lives = known, reached, lives
        self._writers = {write.writer.id for write in known.objects.get(key, ()) if write.writer}
        open_ = [each for each in mine if each.id not in self._writers]
        self._puts = [each for each in open_ if each.perhaps and each.kind is not Kind.DELETE]
        self._refused = [each for each in mine if each.kind is Kind.DELETE and each.outcome is Outcome.FAILED]
        deletes = [each for each in open_ if each.kind is Kind.DELETE and each.outcome is not Outcome.FAILED]
        self._deletes: dict[int, list[Operation]] = defaultdict(list)
        for each in deletes:
            self._deletes[each.expected].append(each)
        self._presume(key, [*(each for each in mine if each.id in self._writers), *deletes])
        self.object = Object(key, sorted(known.objects.get(key, ()), key=lambda each: each.revision))
        self.object.deletes = [each for each in deletes if each.acknowledged and each.expected]

    def _presume(self, key: str, effective: list[Operation]) -> None:
        """A precondition that held names a write, even where nothing else shows it."""
        written = {each.writer.id: each for each in self._known.objects.get(key, ()) if each.writer}
        for operation in effective:
            if not operation.expected or (operation.id not in written and not operation.acknowledged):
                continue
            before = self._known.writes.get(operation.expected)
            if before is None:
                own = written.get(operation.id)
                at, by = (own.seen, own.witness) if own else (operation.answered, operation)
                before = Write(operation.expected, key, None, False, at, by)
                self._known.writes[operation.expected] = before
                self._known.objects.setdefault(key, []).append(before)
            elif operation.id not in written and (before.key != key or before.deleted):
                text = f"{seen_by(operation)} needed revision {operation.expected} of {key}, which is {before}"
                self._report(Broken.PRECONDITION, text, operation, before.witness)

    def follow(self) -> Object:
        """Take the writes in their order, each with the one before it."""
        before: Write | None = None
        for write in self.object.writes:
            if write.value is None and not write.deleted:
                self._explain(write, before)
            if before and not before.deleted:
                self.object.endings.append(self._ending(before, write))
            elif before:
                self.object.endings.append(None)
            self._check(write, before)
            before = write
        if before:
            self.object.endings.append(None if before.deleted else self._last(before))
        return self.object

    def _explain(self, write: Write, before: Write | None) -> None:
        """Which request wrote a revision that only a precondition names: one whose answer was lost, or an older one."""
        fits = [each for each in self._puts if self._possible(each, write) and self._continues(each, write, before)]
        if fits:
            write.writer = min(fits, key=lambda each: each.invoked)
            write.value = write.writer.value
            self._puts.remove(write.writer)
        elif write.revision < self._known.first:
            write.initial = True
        else:
            by = write.witness
            text = f"{seen_by(by)} needed revision {write.revision} of {write.key}, but nothing can have written that"
            self._report(Broken.PRECONDITION, text, by)

    def _continues(self, put: Operation, write: Write, before: Write | None) -> bool:
        absent = before is None or before.deleted
        if put.kind is Kind.CREATE:
            return absent or (before is not None and self._hidden(before, write) is not None)
        return before is not None and not absent and put.expected in (0, before.revision)

    def _possible(self, operation: Operation, write: Write) -> bool:
        """Whether a request can have written this by its time."""
        return operation.invoked <= write.seen and self._reached.before(operation.invoked) < write.revision

    def _ending(self, before: Write, write: Write) -> Ending | None:
        """The deletion between two neighbours."""
        if write.deleted:
            return self._shown(before, write)
        hidden = self._hidden(before, write)
        writer = write.writer
        if writer is not None and writer.kind is Kind.UPDATE and writer.expected:
            self._refuse_both(before, writer, hidden)
            return None
        if writer is not None and writer.kind is Kind.CREATE and hidden:
            return Ending(hidden, True, False)
        certain = hidden is not None and hidden.acknowledged and hidden.expected != 0
        return Ending(hidden, certain, False) if hidden else None

    def _refuse_both(self, before: Write, writer: Operation, deleted: Operation | None) -> None:
        if deleted and deleted.acknowledged and deleted.expected:
            text = f"{seen_by(writer)} and {seen_by(deleted)} both needed revision {before.revision} of {before.key}"
            self._report(Broken.PRECONDITION, f"{text}, and both were done", writer, deleted)

    def _shown(self, before: Write, write: Write) -> Ending:
        if write.writer is None:
            write.writer = next(iter(self._deleting(before, write)), None)
        return Ending(write.writer, True, True)

    def _hidden(self, before: Write, write: Write) -> Operation | None:
        """A deletion that no record shows, and that fits between two neighbours: there has to be a revision for it."""
        if write.revision <= before.revision + 1:
            return None
        return next(iter(self._deleting(before, write)), None)

    def _last(self, before: Write) -> Ending | None:
        cause = next(iter(self._deleting(before, None)), None)
        return Ending(cause, cause.acknowledged and cause.expected != 0, False) if cause else None

    def _deleting(self, before: Write, write: Write | None) -> list[Operation]:
        """What can have deleted a write, before the next one: what surely did, or the earliest of all that may have."""
        named = self._deletes.get(before.revision, [])
        sure = [each for each in named if each.acknowledged]
        begun = before.writer.invoked if before.writer else -math.inf
        unnamed = [each for each in self._deletes.get(0, ()) if each.perhaps or each.answered >= begun]
        others = [each for each in (*named, *unnamed) if write is None or self._possible(each, write)]
        return sure or sorted(others, key=lambda each: each.invoked)

    def _check(self, write: Write, before: Write | None) -> None:
        """Whether a write may follow the one before it."""
        if write.initial:
            return
        if write.deleted:
            self._check_deletion(write, before)
        elif write.writer is not None and write.writer.kind is Kind.CREATE:
            if before and not before.deleted and self.object.endings[-1] is None:
                text = f"{seen_by(write.writer)} created {write}, while {before} was there"
                self._report(Broken.PRECONDITION, text, write.writer, before.writer, before.witness)
        elif write.writer is not None and write.writer.expected:
            self._check_update(write, write.writer, before)

    def _check_update(self, write: Write, writer: Operation, before: Write | None) -> None:
        if before is None or before.deleted or before.revision != writer.expected:
            what = f"{before} was the one before" if before else "there was none before"
            text = f"{seen_by(writer)} wrote {write} and needed revision {writer.expected}, but {what}"
            self._report(Broken.PRECONDITION, text, writer, *_of(before))

    def _check_deletion(self, write: Write, before: Write | None) -> None:
        if before is None or before.deleted:
            self._check_deletion_of_nothing(write, before)
            return
        writer = write.writer
        if writer is None:
            refused = [each for each in self._refused if each.expected in (0, before.revision)]
            refused = [each for each in refused if self._possible(each, write)]
            kind, why = (Broken.REFUSED_SEEN, "every request for it was refused") if refused else _UNASKED
            self._report(kind, f"{seen_by(write.witness)} has {write}, and {why}", write.witness, *refused)
        elif writer.expected not in (0, before.revision):
            text = (
                f"{seen_by(writer)} deleted {write.key} and needed revision {writer.expected}, but {before} was there"
            )
            self._report(Broken.PRECONDITION, text, writer, before.writer, before.witness)

    def _check_deletion_of_nothing(self, write: Write, before: Write | None) -> None:
        """What an unknown request created, or what was there before the history, may be seen only in its deletion."""
        if write.writer is not None or write.revision < self._known.first:
            return
        fits = [each for each in self._deletes.get(0, ()) if self._possible(each, write)]
        created = any(each.kind is Kind.CREATE for each in self._puts)
        if fits and (before is None or created):
            write.writer = fits[0]
        elif before:
            text = f"{seen_by(write.witness)} has {write}, and {before} was the one before"
            self._report(Broken.WRITTEN_TWICE, text, write.witness, before.witness)
        else:
            self._report(_UNASKED[0], f"{seen_by(write.witness)} has {write}, and {_UNASKED[1]}", write.witness)

    def _report(self, kind: Broken, sentence: str, *witnesses: Witness | None) -> None:
        self._lives.violations.append(violation(kind, sentence, *witnesses))


def _of(write: Write | None) -> tuple[Witness | None, ...]:
    """The request that wrote something, and what showed it first."""
    return (write.writer, write.witness) if write else ()


_UNASKED = (Broken.FROM_NOWHERE, "no client had requested it")


def lives(history: History, known: Known, reached: Reached) -> Lives:
    """Every object's writes; adds to what is known the revisions that only preconditions name."""
    found = Lives()
    writes: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        if operation.key:
            writes[operation.key].append(operation)
    for key in sorted({*writes, *known.objects}):
        mine = [each for each in writes[key] if each.kind is not Kind.GET]
        found.objects[key] = _Chain(key, mine, known, reached, found).follow()
        known.objects[key] = found.objects[key].writes
        found.violations += _deleted_twice(found.objects[key])
    found.violations += _out_of_order(known, reached)
    found.appeared = set(_appeared(found, known))
    return found


def _deleted_twice(each: Object) -> Iterator[Violation]:
    """Two deletes that were done, and needed the same revision."""
    first: dict[int, Operation] = {write.writer.expected: write.writer for write in each.writes
                                   if write.deleted and write.writer and write.writer.expected}  # fmt: skip
    for delete in each.deletes:
        other = first.setdefault(delete.expected, delete)
        if other is not delete:
            text = (
                f"{seen_by(other)} and {seen_by(delete)} both deleted {each.key} and needed revision {delete.expected}"
            )
            yield violation(Broken.PRECONDITION, text, other, delete)


def _out_of_order(known: Known, reached: Reached) -> Iterator[Violation]:
    """What was begun after a revision had been shown is written above that."""
    for write in known.writes.values():
        writer = write.writer
        if writer is None or reached.before(writer.invoked) < write.revision:
            continue
        if write.seen < writer.invoked:
            text = f"{seen_by(write.witness)} has {write} before {seen_by(writer)} began to write it"
            yield violation(Broken.SEEN_EARLY, text, writer, write.witness)
        else:
            by = reached.first_above(write.revision)
            text = f"{seen_by(writer)} wrote {write}, but began after that or a later revision had been shown"
            yield violation(Broken.OUT_OF_ORDER, text, writer, by)


def _appeared(lives: Lives, known: Known) -> Iterator[int]:
    yield from (each.writer.id for each in known.writes.values() if each.writer and each.writer.perhaps)
    for each in lives.objects.values():
        endings = (ending for ending in each.endings if ending and ending.certain and ending.cause)
        yield from (ending.cause.id for ending in endings if ending.cause and ending.cause.perhaps)
