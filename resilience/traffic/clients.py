"""A client that writes and reads a handful of objects at a steady pace, by one way to the API."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence

from resilience.histories.records import Held, Kind, Outcome
from resilience.traffic.objects import Answer, Wanted
from resilience.traffic.recorder import Recorder
from resilience.traffic.transport import Transport

_ABSENT = Held("", 0)
"""What a client knows of an object that is not there."""

_PLANS: Sequence[tuple[str, int]] = (("change", 50), ("remove", 8), ("get", 12), ("list", 15), ("from memory", 15))
"""What a client does on its turn → how often, in percent. Most turns are a get, and a write that goes by it: with eight
writers on few objects, a revision of the turn before is mostly too old. That is tried, too: "from memory"."""


class Pace:
    """Turns at fixed times. A turn that took longer than its time lets others out; none is made up for."""

    def __init__(self, every: float, first: float) -> None:
        self._every, self._next = every, first

    def due(self, now: float) -> float:
        """When the next turn is."""
        late = max(0.0, now - self._next)
        due = self._next + self._every * -(-late // self._every)
        self._next = due + self._every
        return due

    def wait(self, stopped: threading.Event) -> bool:
        """Wait for the next turn; whether there is one."""
        now = time.monotonic()
        return not stopped.wait(max(0.0, self.due(now) - now))


class Client:
    """One client; `turn` is called by one thread alone. Its name begins with its way: `balancer-new/1`."""

    def __init__(
        self, name: str, transport: Transport, recorder: Recorder, keys: Sequence[str], chance: random.Random
    ) -> None:
        self.name, self.transport = name, transport
        self._recorder, self._keys, self._chance = recorder, keys, chance
        self._known: dict[str, Held] = {}
        self._values = itertools.count(1)

    def turn(self) -> None:
        """One or two operations; none where the client itself is cut off from this process."""
        if self.transport.opened():
            return
        key = self._chance.choice(self._keys)
        (plan,) = self._chance.choices([name for name, _ in _PLANS], [often for _, often in _PLANS])
        if plan == "list":
            self.list()
            return
        if plan != "from memory" or key not in self._known:
            self.get(key)
        if plan != "get" and key in self._known:
            self._write(key, self._known[key], remove=plan == "remove")

    def interrupt(self) -> None:
        """From another thread: let an operation that goes on end soon."""
        self.transport.interrupt()

    def get(self, key: str) -> Answer:
        """A get by a quorum."""
        answer = self._do(Wanted(Kind.GET, key))
        if answer.outcome is Outcome.OK:
            self._known[key] = answer.objects.get(key, _ABSENT)
        return answer

    def list(self) -> Answer:
        """A list by a quorum."""
        answer = self._do(Wanted(Kind.LIST))
        if answer.outcome is Outcome.OK:
            self._known = {key: answer.objects.get(key, _ABSENT) for key in self._keys}
        return answer

    def _write(self, key: str, known: Held, *, remove: bool) -> None:
        if known is _ABSENT:
            wanted = Wanted(Kind.CREATE, key, self._value())
        elif remove:
            wanted = Wanted(Kind.DELETE, key, expected=known.revision)
        else:
            wanted = Wanted(Kind.UPDATE, key, self._value(), known.revision)
        answer = self._do(wanted)
        del self._known[key]
        if answer.outcome is Outcome.OK:
            self._known[key] = _ABSENT if remove and known is not _ABSENT else Held(wanted.value, answer.revision)

    def _value(self) -> str:
        """Unique in the history, since a client's name is."""
        return f"{self.name}#{next(self._values)}"

    def _do(self, wanted: Wanted) -> Answer:
        return self._recorder.do(self.name, self.transport, wanted)


class Running:
    """A thread that goes on until it is stopped. What it raises is kept, since it is a defect of the harness."""

    def __init__(self, name: str, work: Callable[[threading.Event], None]) -> None:
        self._stopped = threading.Event()
        self._work = work
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """What it is for."""
        return self._thread.name

    def stop(self) -> None:
        """Have it end with what it does now."""
        self._stopped.set()

    def join(self, deadline: float) -> bool:
        """Wait until it has ended, or until a time; whether it has."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work(self._stopped)
        except BaseException as error:
            self.failure = error


def at_a_pace(client: Client, pace: Pace) -> Callable[[threading.Event], None]:
    """What a client's thread does."""

    def work(stopped: threading.Event) -> None:
        try:
            while pace.wait(stopped):
                client.turn()
        finally:
            client.transport.close()

    return work
