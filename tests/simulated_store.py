"""A store with one counter and its clients, simulated: histories that are true, and some that a fault makes false.

Nothing here knows the checker. Each event has a time of its own. A request is done between its two times; one whose
answer is lost may be done after its client gave up, or never. Other writers raise the counter in between.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from resilience.histories.records import (
    Answered,
    Change,
    Held,
    Invoked,
    Kind,
    Member,
    Outcome,
    Record,
    Watched,
)

MEMBERS = ("cp1", "cp2", "cp3")


@dataclass(frozen=True)
class Plan:
    """What is simulated. `lost` is the share of requests without an answer, `unnamed` that of deletes without a
    precondition; `fault` is what the store does wrong, from its `moment`-th opportunity on, once.
    """

    clients: int = 4
    operations: int = 12  # of each client
    keys: int = 2
    watchers: int = 2
    lost: float = 0.15
    unnamed: float = 0.0
    fault: str = ""
    moment: int = 0


@dataclass(frozen=True)
class Logged:
    """What the store really did at a revision; `value` is None for a deletion."""

    revision: int
    key: str
    value: str | None
    change: Change
    last: str = ""


@dataclass
class Simulated:
    """The records, what was really done, and by which operation the fault was done: 0 where it was not."""

    records: list[Record]
    log: list[Logged]
    faulty: int = 0


@dataclass
class _Client:
    name: str
    left: int
    revisions: dict[str, int] = field(default_factory=dict)  # the last that it was shown; 0 where there was nothing


@dataclass
class _Stream:
    client: str
    number: int
    after: int
    sent: int  # the place in the log up to which events were sent


class Simulation:
    """One run of the store."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self._plan, self._chance = plan, chance
        self._keys = [f"k{number}" for number in range(plan.keys)]
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._now, self._scheduled, self._number = 0, 0, 0
        self._objects: dict[str, Held] = {}
        self._revision = 100
        self._log: list[Logged] = []
        self._records: list[Record] = []
        self._running = plan.clients
        self._opportunities = 0
        self._faulty, self._heard = 0, True
        self._saved: tuple[int, dict[str, Held], int] | None = None

    def run(self) -> Simulated:
        """Everything to its end, the final reads and the members' hashes included."""
        for number in range(self._plan.clients):
            client = _Client(f"c{number}", self._plan.operations)
            self._later(0, lambda client=client: self._begin(client))  # type: ignore[misc]
        for number in range(self._plan.watchers):
            self._later(0, lambda number=number: self._start(f"w{number}", 1, None))  # type: ignore[misc]
        self._until_quiet()
        final = _Client("final", len(self._keys) + 1)
        self._running = 1
        self._later(0, lambda: self._read_finally(final))
        self._until_quiet()
        self._records += [Member(name, self._revision, 7) for name in MEMBERS]
        return Simulated(self._records, self._log, self._faulty)

    # Time

    def _later(self, start: float, what: Callable[[], None]) -> None:
        self._scheduled += 1
        at = self._now + start + self._chance.random() * 8
        heapq.heappush(self._queue, (at, self._scheduled, what))

    def _until_quiet(self) -> None:
        while self._queue:
            at, _, what = heapq.heappop(self._queue)
            self._now = max(self._now + 1, int(at))
            if self._chance.random() < 0.2:
                self._revision += 1  # another writer of the store
            what()

    # Clients

    def _begin(self, client: _Client) -> None:
        if not client.left:
            self._running -= 1
            return
        client.left -= 1
        self._send(client, *self._chosen(client))

    def _read_finally(self, client: _Client) -> None:
        """Every object, and a list of all."""
        if client.left:
            client.left -= 1
            kind, key = (Kind.GET, self._keys[client.left - 1]) if client.left else (Kind.LIST, "")
            self._send(client, kind, key, 0, lost=False)
        else:
            self._running -= 1

    def _chosen(self, client: _Client) -> tuple[Kind, str, int]:
        key = self._chance.choice(self._keys)
        shown = client.revisions.get(key)
        number = self._chance.random()
        if number < 0.25 or (shown is None and number < 0.6):
            return Kind.GET, key, 0
        if number < 0.4:
            return Kind.LIST, "", 0
        if not shown:
            return Kind.CREATE, key, 0
        if number < 0.8:
            return Kind.UPDATE, key, shown
        return Kind.DELETE, key, 0 if self._chance.random() < self._plan.unnamed else shown

    def _send(self, client: _Client, kind: Kind, key: str, expected: int, *, lost: bool | None = None) -> None:
        self._number += 1
        value = f"{key}-{self._number}" if kind in (Kind.CREATE, Kind.UPDATE) else ""
        request = Invoked(self._number, client.name, kind, self._now, key, value, expected)
        self._records.append(request)
        if lost or (lost is None and self._chance.random() < self._plan.lost):
            self._lose(client, request)
        else:
            self._later(0, lambda: self._answer(client, request))

    def _lose(self, client: _Client, request: Invoked) -> None:
        """No answer: done soon, late or never; the client gives up, or its end is not even written down."""
        if self._chance.random() < 0.6:
            self._later(self._chance.choice((0, 30, 90)), lambda: void(self._done(request, heard=False)))
        self._later(4, lambda: self._give_up(client, request))

    def _give_up(self, client: _Client, request: Invoked) -> None:
        client.revisions.pop(request.key, None)
        if self._chance.random() < 0.7:
            self._records.append(Answered(request.id, Outcome.UNKNOWN, self._now, error="timed out"))
        self._next(client)

    def _answer(self, client: _Client, request: Invoked) -> None:
        answer = self._done(request)
        self._later(0, lambda: self._receive(client, request, answer))

    def _receive(self, client: _Client, request: Invoked, answer: Answered) -> None:
        self._records.append(
            Answered(request.id, answer.outcome, self._now, answer.revision, answer.objects, answer.status)
        )
        if request.kind is Kind.LIST:
            client.revisions = dict.fromkeys(self._keys, 0)
            client.revisions |= {key: held.revision for key, held in answer.objects.items()}
        elif answer.outcome is Outcome.OK:
            client.revisions[request.key] = answer.revision
        else:
            client.revisions.pop(request.key, None)
        self._next(client)

    def _next(self, client: _Client) -> None:
        self._later(0, lambda: self._read_finally(client) if client.name == "final" else self._begin(client))

    # The store

    def _done(self, request: Invoked, *, heard: bool = True) -> Answered:
        """Do a request, now, and what the store answers. A lie is only where its answer is heard."""
        self._heard = heard
        there = self._objects.get(request.key)
        match request.kind:
            case Kind.GET:
                shown = {request.key: there} if there else {}
                return self._ok(request, there.revision if there else 0, shown, 200 if there else 404)
            case Kind.LIST:
                return self._ok(request, self._revision, dict(self._objects))
        refused = self._refusal(request, there)
        if refused and self._fault(request, "precondition ignored" if there else ""):
            refused = 0
        if refused:
            if (request.value or there) and self._fault(request, "refused and done"):
                self._write(request)
            return Answered(request.id, Outcome.FAILED, self._now, status=refused)
        lie = "delete lost" if request.kind is Kind.DELETE else "write lost"
        if self._fault(request, lie):
            self._revision += 1
            return self._ok(request, 0 if request.kind is Kind.DELETE else self._revision)
        self._roll_back(request)
        revision = self._write(request)
        if request.value and self._fault(request, "written twice"):
            self._later(5, lambda: void(self._write(request)))
        return self._ok(request, 0 if request.kind is Kind.DELETE else revision)

    def _refusal(self, request: Invoked, there: Held | None) -> int:
        if request.kind is Kind.CREATE:
            return 409 if there else 0
        if there is None:
            return 404
        return 409 if request.expected not in (0, there.revision) else 0

    def _write(self, request: Invoked) -> int:
        self._revision += 1
        last = self._objects.pop(request.key, None)
        if request.kind is not Kind.DELETE:
            self._objects[request.key] = Held(request.value, self._revision)
        change = Change.DELETED if request.kind is Kind.DELETE else Change.MODIFIED if last else Change.ADDED
        value = None if request.kind is Kind.DELETE else request.value
        self._log.append(Logged(self._revision, request.key, value, change, last.value if last else ""))
        return self._revision

    def _ok(
        self, request: Invoked, revision: int, objects: dict[str, Held] | None = None, status: int = 200
    ) -> Answered:
        return Answered(request.id, Outcome.OK, self._now, revision, objects or {}, status)

    def _fault(self, request: Invoked, what: str) -> bool:
        if not self._heard or what != self._plan.fault or not what or self._faulty:
            return False
        self._opportunities += 1
        if self._opportunities <= self._plan.moment:
            return False
        self._faulty = request.id
        return True

    def _roll_back(self, request: Invoked) -> None:
        """All members are restored from a snapshot that is some writes old."""
        if self._plan.fault != "restored" or self._faulty:
            return
        self._opportunities += 1
        if self._opportunities == self._plan.moment + 1:
            self._saved = self._revision, dict(self._objects), len(self._log)
        elif self._saved and self._opportunities == self._plan.moment + 6:
            self._faulty = request.id
            self._revision, self._objects, kept = self._saved
            del self._log[kept:]

    # Watches

    def _start(self, client: str, number: int, last: int | None) -> None:
        """A stream begins after what its client saw last, or after what there is now."""
        after = self._revision if last is None else last
        self._records.append(Watched(client, number, Change.STARTED, self._now, after))
        place = sum(each.revision <= after for each in self._log)
        self._send_events(_Stream(client, number, after, place))

    def _send_events(self, stream: _Stream) -> None:
        if not self._running and (self._chance.random() < 0.5 or not self._queue):
            self._records.append(Watched(stream.client, stream.number, Change.ENDED, self._now))
            return
        number = self._chance.random()
        if number < 0.1:
            self._records.append(Watched(stream.client, stream.number, Change.ENDED, self._now, error="reset"))
            self._later(0, lambda: self._start(stream.client, stream.number + 1, stream.after))
            return
        if number < 0.7:
            for each in self._log[stream.sent : stream.sent + self._chance.randint(1, 3)]:
                self._event(stream, each)
        elif stream.sent >= len(self._log):
            stream.after = self._revision
            self._records.append(Watched(stream.client, stream.number, Change.BOOKMARK, self._now, stream.after))
        self._later(0, lambda: self._send_events(stream))

    def _event(self, stream: _Stream, each: Logged) -> None:
        value = each.last if each.value is None else each.value
        self._records.append(
            Watched(stream.client, stream.number, each.change, self._now, each.revision, each.key, value)
        )
        stream.sent += 1
        stream.after = each.revision
        self._now += 1


def void(_: object) -> None:
    """Leave a result."""


def simulated(plan: Plan, chance: random.Random) -> Simulated:
    """A history of a plan."""
    return Simulation(plan, chance).run()
