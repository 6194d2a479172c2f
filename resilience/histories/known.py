"""What was written at which revision, as far as answers and events show it: the whole store has one counter."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from resilience.histories.operations import History, Operation
from resilience.histories.records import Change, Kind, Outcome, Watched
from resilience.histories.verdict import Broken, Violation, seen_by, violation


@dataclass(slots=True, eq=False)
class Write:
    """What is known of one revision: of which object, and its value, or that it was deleted.

    `value` is None where only a precondition names the revision. `writer` is the request that did it, where that is
    known. `seen` is when it was first shown, by `witness`; `confirmed` whether anything but its own answer shows it.
    `initial` is what was there before the history began.
    """

    revision: int
    key: str
    value: str | None
    deleted: bool
    seen: float
    witness: Operation | Watched
    writer: Operation | None = None
    confirmed: bool = False
    initial: bool = False

    def __str__(self) -> str:
        what = f"the deletion of {self.key}" if self.deleted else f"{self.key} = {self.value or 'unknown'}"
        return f"{what} at revision {self.revision}"


@dataclass
class Known:
    """All revisions that are known, and for each object its own, in their order.

    `refuted` are the reads, by id and object, that show what another record contradicts: they prove nothing more.
    """

    writes: dict[int, Write] = field(default_factory=dict)
    objects: dict[str, list[Write]] = field(default_factory=dict)
    refuted: set[tuple[int, str]] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)
    first: float = math.inf  # the lowest revision that a request of the history wrote


class _Collector:
    """Takes one claim after another. Writes' own answers come first: what others show is held against them."""

    def __init__(self, history: History) -> None:
        self.known = Known()
        self._values: dict[str, Write] = {}
        self._writers = {each.value: each for each in history.operations if each.value}

    def claim(self, revision: int, key: str, value: str | None, at: float, by: Operation | Watched) -> None:
        """Take what a record shows: `value` was written at `revision`, or for None, the object was deleted."""
        write = self.known.writes.get(revision)
        if write is None:
            self._add(Write(revision, key, value, value is None, at, by))
        elif write.key != key or write.value != value:
            self._contradict(write, f"{key} = {value}" if value is not None else f"{key} deleted", key, by)
        else:
            write.confirmed = True
            if at < write.seen:
                write.seen, write.witness = at, by

    def _contradict(self, write: Write, shown: str, key: str, by: Operation | Watched) -> None:
        both_acknowledged = by is not write.witness and _answers(write.witness) and _answers(by)
        kind = Broken.DUPLICATE_REVISION if both_acknowledged else Broken.WRONG_VALUE
        self._report(
            kind, f"{seen_by(by)} has {shown} at revision {write.revision}, and {seen_by(write.witness)} has {write}",
            by, write.writer, write.witness,
        )  # fmt: skip
        if isinstance(by, Operation):
            self.known.refuted.add((by.id, key))

    def _add(self, write: Write) -> None:
        self.known.writes[write.revision] = write
        if write.value is None:
            write.writer = write.witness if isinstance(write.witness, Operation) else None
            return
        write.writer = self._writers.get(write.value)
        self._examine(write, self._values.setdefault(write.value, write))

    def _examine(self, write: Write, first: Write) -> None:
        """Report what is wrong with a value that is seen at a revision. It stays what was written there."""
        writer, by = write.writer, write.witness
        if by is not writer:
            write.confirmed = True
        if first is not write:
            text = f"the value '{write.value}' was written at revision {first.revision}, and {seen_by(by)} has {write}"
            self._report(Broken.WRITTEN_TWICE, text, by, writer, first.witness)
        elif writer and writer.key != write.key:
            text = f"{seen_by(by)} has {write}, which {seen_by(writer)} wrote to {writer.key}"
            self._report(Broken.WRONG_VALUE, text, by, writer)
        elif writer and writer.outcome is Outcome.FAILED:
            text = f"{seen_by(writer)} was refused with {writer.status}, and {seen_by(by)} has {write}"
            self._report(Broken.REFUSED_SEEN, text, writer, by)
        else:
            return
        write.writer = None

    def _report(self, kind: Broken, sentence: str, *witnesses: Operation | Watched | None) -> None:
        self.known.violations.append(violation(kind, sentence, *witnesses))

    def finish(self) -> Known:
        """Sort, and tell apart what was there before from what comes from nowhere."""
        known = self.known
        known.first = min((each.revision for each in known.writes.values() if each.writer), default=math.inf)
        objects: dict[str, list[Write]] = defaultdict(list)
        for revision in sorted(known.writes):
            write = known.writes[revision]
            objects[write.key].append(write)
            if write.value is not None and write.value not in self._writers:
                write.initial = revision < known.first
                if not write.initial:
                    text = f"{seen_by(write.witness)} has {write}, and no client ever sent that value"
                    self._report(Broken.FROM_NOWHERE, text, write.witness)
        known.objects = dict(objects)
        return known


def _answers(by: Operation | Watched) -> bool:
    """Whether a record is the answer of a write."""
    return isinstance(by, Operation) and by.kind not in (Kind.GET, Kind.LIST)


def known(history: History) -> Known:
    """What a history shows of each revision."""
    collector = _Collector(history)
    for operation in history.operations:
        if operation.acknowledged and operation.revision and _answers(operation):
            value = None if operation.kind is Kind.DELETE else operation.value
            collector.claim(operation.revision, operation.key, value, operation.answered, operation)
    for operation in history.operations:
        if operation.acknowledged and not _answers(operation):
            for key, held in operation.objects.items():
                collector.claim(held.revision, key, held.value, operation.answered, operation)
    for event in _events(history):
        value = None if event.change is Change.DELETED else event.value
        collector.claim(event.revision, event.key, value, event.at, event)
    return collector.finish()


def _events(history: History) -> Iterator[Watched]:
    for stream in history.streams:
        yield from (event for event in stream.events if event.change is not Change.BOOKMARK)
