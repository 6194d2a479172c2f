"""Clients of a simulated store: each sends one request after the other, and loses the answer of some.

A request is done between its two times; one whose answer is lost may be done after its client gave up, or never.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from resilience.histories.records import Answered, Invoked, Kind, Outcome, Record
from tests.simulated_store import Plan, Store, void
from tests.simulated_time import Time


@dataclass
class Client:
    """One of them, with `left` requests to be sent."""

    name: str
    left: int
    revisions: dict[str, int] = field(default_factory=dict)  # the last that it was shown; 0 where there was nothing


class Clients:
    """All of them; `running` is how many have not sent everything yet."""

    def __init__(self, plan: Plan, chance: random.Random, time: Time, store: Store, records: list[Record]) -> None:
        self._plan, self._chance, self._time, self._store, self._records = plan, chance, time, store, records
        self._keys = [f"k{number}" for number in range(plan.keys)]
        self._number = 0
        self.running = plan.clients

    def start(self) -> None:
        """Have every client of the plan begin."""
        for number in range(self._plan.clients):
            client = Client(f"c{number}", self._plan.operations)
            self._time.later(0, lambda client=client: self.begin(client))  # type: ignore[misc]

    def start_final(self) -> None:
        """Have everything read once more, by a client whose requests are all answered."""
        final = Client("final", len(self._keys) + 1)
        self.running = 1
        self._time.later(0, lambda: self.read_finally(final))

    def begin(self, client: Client) -> None:
        if not client.left:
            self.running -= 1
            return
        client.left -= 1
        self._send(client, *self._chosen(client))

    def read_finally(self, client: Client) -> None:
        """Every object, and a list of all."""
        if client.left:
            client.left -= 1
            kind, key = (Kind.GET, self._keys[client.left - 1]) if client.left else (Kind.LIST, "")
            self._send(client, kind, key, 0, lost=False)
        else:
            self.running -= 1

    def _chosen(self, client: Client) -> tuple[Kind, str, int]:
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

    def _send(self, client: Client, kind: Kind, key: str, expected: int, *, lost: bool | None = None) -> None:
        self._number += 1
        value = f"{key}-{self._number}" if kind in (Kind.CREATE, Kind.UPDATE) else ""
        request = Invoked(self._number, client.name, kind, self._time.now, key, value, expected)
        self._records.append(request)
        if lost or (lost is None and self._chance.random() < self._plan.lost):
            self._lose(client, request)
        else:
            self._time.later(0, lambda: self._answer(client, request))

    def _lose(self, client: Client, request: Invoked) -> None:
        """No answer: done soon, late or never; the client gives up, or its end is not even written down."""
        if self._chance.random() < 0.6:
            self._time.later(self._chance.choice((0, 30, 90)), lambda: void(self._store.done(request, heard=False)))
        self._time.later(4, lambda: self._give_up(client, request))

    def _give_up(self, client: Client, request: Invoked) -> None:
        client.revisions.pop(request.key, None)
        if self._chance.random() < 0.7:
            self._records.append(Answered(request.id, Outcome.UNKNOWN, self._time.now, error="timed out"))
        self._next(client)

    def _answer(self, client: Client, request: Invoked) -> None:
        answer = self._store.done(request)
        self._time.later(0, lambda: self._receive(client, request, answer))

    def _receive(self, client: Client, request: Invoked, answer: Answered) -> None:
        self._records.append(
            Answered(request.id, answer.outcome, self._time.now, answer.revision, answer.objects, answer.status)
        )
        if request.kind is Kind.LIST:
            client.revisions = dict.fromkeys(self._keys, 0)
            client.revisions |= {key: held.revision for key, held in answer.objects.items()}
        elif answer.outcome is Outcome.OK:
            client.revisions[request.key] = answer.revision
        else:
            client.revisions.pop(request.key, None)
        self._next(client)

    def _next(self, client: Client) -> None:
        self._time.later(0, lambda: self.read_finally(client) if client.name == "final" else self.begin(client))
