"""The records of a history, and their lines in its file.

A client does one thing at a time. It writes down that it begins something, and later what it was answered; what has
no answer is unknown, and never dropped. All times are seconds of one monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a client asks the API for. A get and a list name no resourceVersion: the answer is a quorum's."""

    CREATE = "create"
    UPDATE = "update"  # by resourceVersion
    DELETE = "delete"  # with a precondition, or without one
    GET = "get"
    LIST = "list"


class Outcome(StrEnum):
    """What a client knows of its request afterwards."""

    OK = "ok"
    FAILED = "failed"  # surely without effect: refused by the API, or never sent
    UNKNOWN = "unknown"  # sent, and not answered, or answered in a way that leaves it open


class Loss(StrEnum):
    """How a request was lost on its way to an answer that says something about objects."""

    NONE = ""
    NAME = "name not resolved"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    RESET = "reset"  # or closed, before the answer was complete
    TIMEOUT = "timeout"
    TLS = "TLS"
    SERVER = "5xx"
    THROTTLED = "429"
    UNAUTHORIZED = "401 or 403"
    OTHER = "other"


class Change(StrEnum):
    """What a watch sends, and two words of ours for where a stream of it begins and ends."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    STARTED = "STARTED"  # its revision is the one after which events were requested
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Held:
    """An object as a read shows it: its value, and the revision at which that was written (`resourceVersion`)."""

    value: str
    revision: int


@dataclass(frozen=True, slots=True)
class Invoked:
    """A request that is about to be sent.

    `expected` is the revision that the object must have for the request to be done, 0 for none. `value` is what is
    written, unique in its history; "" for what writes nothing. `key` is the object's name, "" for a list.
    """

    id: int
    client: str
    kind: Kind
    at: float
    key: str = ""
    value: str = ""
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for the request of the same id.

    `revision` is the object's after a write and at a read, or the list's; 0 where the answer has none, as that of a
    DELETE. `objects` is what a get or a list shows, by the object's name: empty for a get that was answered with 404.
    `status` is the HTTP status, 0 where there was none, and `error` is why, in one line. A refusal of the API that is
    about objects, as 409 is, is an answer, and not lost.
    """

    id: int
    outcome: Outcome
    at: float
    revision: int = 0
    objects: dict[str, Held] = field(default_factory=dict)
    status: int = 0
    error: str = ""
    loss: Loss = Loss.NONE


@dataclass(frozen=True, slots=True)
class Watched:
    """One event of a watch. `stream` counts a watcher's requests: each begins with STARTED and ends with ENDED."""

    client: str
    stream: int
    change: Change
    at: float
    revision: int = 0
    key: str = ""
    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """What an etcd member has at the end: the hash of all that it holds (HashKV) at one revision.

    `compacted` is the revision from which on it holds anything, which the same answer names (`compact_revision`).
    """

    name: str
    revision: int
    hash: int
    compacted: int = 0


Record = Invoked | Answered | Watched | Member
