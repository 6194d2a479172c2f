"""Watches of a simulated store: streams of events and bookmarks, which break, and are resumed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from resilience.histories.records import Change, Record, Watched
from tests.simulated_clients import Clients
from tests.simulated_store import Logged, Plan, Store
from tests.simulated_time import Time


@dataclass
class _Stream:
    client: str
    number: int
    after: int
    sent: int  # the place in the log up to which events were sent


class Watches:
    """All of them; they end when no client runs any more."""

    def __init__(
        self, plan: Plan, chance: random.Random, time: Time, store: Store, clients: Clients, records: list[Record]
    ) -> None:
        self._plan, self._chance, self._time, self._records = plan, chance, time, records
        self._store, self._clients = store, clients

    def start(self) -> None:
        """Have every watcher of the plan begin."""
        for number in range(self._plan.watchers):
            self._time.later(0, lambda number=number: self._start(f"w{number}", 1, None))  # type: ignore[misc]

    def _start(self, client: str, number: int, last: int | None) -> None:
        """A stream begins after what its client saw last, or after what there is now."""
        after = self._store.revision if last is None else last
        self._records.append(Watched(client, number, Change.STARTED, self._time.now, after))
        place = sum(each.revision <= after for each in self._store.log)
        self._send_events(_Stream(client, number, after, place))

    def _send_events(self, stream: _Stream) -> None:
        if not self._clients.running and (self._chance.random() < 0.5 or self._time.is_over):
            self._records.append(Watched(stream.client, stream.number, Change.ENDED, self._time.now))
            return
        number = self._chance.random()
        if number < 0.1:
            self._records.append(Watched(stream.client, stream.number, Change.ENDED, self._time.now, error="reset"))
            self._time.later(0, lambda: self._start(stream.client, stream.number + 1, stream.after))
            return
        if number < 0.7:
            for each in self._store.log[stream.sent : stream.sent + self._chance.randint(1, 3)]:
                self._event(stream, each)
        elif stream.sent >= len(self._store.log):
            stream.after = self._store.revision
            self._records.append(Watched(stream.client, stream.number, Change.BOOKMARK, self._time.now, stream.after))
        self._time.later(0, lambda: self._send_events(stream))

    def _event(self, stream: _Stream, each: Logged) -> None:
        value = each.last if each.value is None else each.value
        self._records.append(
            Watched(stream.client, stream.number, each.change, self._time.now, each.revision, each.key, value)
        )
        stream.sent += 1
        stream.after = each.revision
        self._time.now += 1
