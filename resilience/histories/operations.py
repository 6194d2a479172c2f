"""A history in order: each request with its answer, each watch's events, and what the members had at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from resilience.histories.files import BadHistory
from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Member, Outcome, Record, Watched

WRITES = (Kind.CREATE, Kind.UPDATE, Kind.DELETE)
FINAL = "final"
"""The client that reads every object when all others have ended."""


@dataclass(slots=True, eq=False)
class Operation:
    """A request and its answer. Without an answer it is unknown, and `answered` is infinite."""

    id: int
    client: str
    kind: Kind
    key: str
    value: str
    expected: int
    invoked: float
    answered: float = math.inf
    outcome: Outcome = Outcome.UNKNOWN
    revision: int = 0
    objects: dict[str, Held] = field(default_factory=dict)
    status: int = 0

    @property
    def acknowledged(self) -> bool:
        """Whether it was surely done before it was answered."""
        return self.outcome is Outcome.OK

    @property
    def perhaps(self) -> bool:
        """Whether it may have been done, or may be done yet: at any time after it was begun."""
        return self.outcome is Outcome.UNKNOWN


@dataclass(slots=True, eq=False)
class Stream:
    """One request of a watch: all events after a revision, as they came. `resumed` where its client had one before."""

    client: str
    number: int
    after: int
    at: float
    resumed: bool
    events: list[Watched] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """Everything that was recorded."""

    operations: tuple[Operation, ...]
    streams: tuple[Stream, ...]
    members: tuple[Member, ...]


def arranged(records: Iterable[Record]) -> History:
    """The history of records in the order of their file; raises BadHistory where they do not belong together."""
    operations: dict[int, Operation] = {}
    streams: dict[tuple[str, int], Stream] = {}
    members: list[Member] = []
    for record in records:
        match record:
            case Invoked():
                _begin(operations, record)
            case Answered():
                _end(operations, record)
            case Watched():
                _watch(streams, record)
            case Member():
                members.append(record)
    _refuse_values_twice(operations.values())
    return History(tuple(operations.values()), tuple(streams.values()), tuple(members))


def _begin(operations: dict[int, Operation], record: Invoked) -> None:
    if record.id in operations:
        raise BadHistory(f"two operations have the id {record.id}")
    operations[record.id] = Operation(
        record.id, record.client, record.kind, record.key, record.value, record.expected, record.at
    )


def _end(operations: dict[int, Operation], record: Answered) -> None:
    operation = operations.get(record.id)
    if operation is None or operation.answered < math.inf:
        what = "was not invoked" if operation is None else "has two answers"
        raise BadHistory(f"operation {record.id} {what}")
    if record.at < operation.invoked:
        raise BadHistory(f"operation {record.id} was answered before it was invoked: its times are not of one clock")
    operation.answered, operation.outcome, operation.status = record.at, record.outcome, record.status
    operation.revision, operation.objects = record.revision, record.objects


def _watch(streams: dict[tuple[str, int], Stream], record: Watched) -> None:
    which = (record.client, record.stream)
    if record.change is Change.STARTED:
        if which in streams:
            raise BadHistory(f"stream {record.stream} of {record.client} is started twice")
        resumed = any(client == record.client for client, _ in streams)
        streams[which] = Stream(record.client, record.stream, record.revision, record.at, resumed)
    elif which not in streams:
        raise BadHistory(f"stream {record.stream} of {record.client} has an event before it is started")
    elif record.change is not Change.ENDED:
        streams[which].events.append(record)


def _refuse_values_twice(operations: Iterable[Operation]) -> None:
    """A value is how a write is recognised."""
    writers: dict[str, Operation] = {}
    for operation in operations:
        if operation.kind in (Kind.CREATE, Kind.UPDATE):
            if not operation.value:
                raise BadHistory(f"operation {operation.id} is a write without a value")
            other = writers.setdefault(operation.value, operation)
            if other is not operation:
                raise BadHistory(f"operations {other.id} and {operation.id} write the same value '{operation.value}'")
