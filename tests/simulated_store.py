"""A store with one counter, simulated: it does what it is requested, and perhaps one thing wrong, once.

Nothing that is simulated knows the checker. Other writers raise the counter in between.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Outcome
from tests.simulated_time import Time


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


class Store:
    """What it holds, what it really did, and by which operation its fault was done: 0 where it was not."""

    def __init__(self, plan: Plan, chance: random.Random, time: Time) -> None:
        self._plan, self._chance, self._time = plan, chance, time
        self.revision = 100
        self.log: list[Logged] = []
        self.faulty = 0
        self._objects: dict[str, Held] = {}
        self._opportunities, self._heard = 0, True
        self._saved: tuple[int, dict[str, Held], int] | None = None

    def perhaps_written_by_another(self) -> None:
        """Now and then, a writer that no history knows raises the counter."""
        if self._chance.random() < 0.2:
            self.revision += 1

    def done(self, request: Invoked, *, heard: bool = True) -> Answered:
        """Do a request, now, and what the store answers. A lie is only where its answer is heard."""
        self._heard = heard
        there = self._objects.get(request.key)
        match request.kind:
            case Kind.GET:
                shown = {request.key: there} if there else {}
                return self._ok(request, there.revision if there else 0, shown, 200 if there else 404)
            case Kind.LIST:
                return self._ok(request, self.revision, dict(self._objects))
        refused = self._refusal(request, there)
        if refused and self._fault(request, "precondition ignored" if there else ""):
            refused = 0
        if refused:
            if (request.value or there) and self._fault(request, "refused and done"):
                self._write(request)
            return Answered(request.id, Outcome.FAILED, self._time.now, status=refused)
        lie = "delete lost" if request.kind is Kind.DELETE else "write lost"
        if self._fault(request, lie):
            self.revision += 1
            return self._ok(request, 0 if request.kind is Kind.DELETE else self.revision)
        self._roll_back(request)
        revision = self._write(request)
        if request.value and self._fault(request, "written twice"):
            self._time.later(5, lambda: void(self._write(request)))
        return self._ok(request, 0 if request.kind is Kind.DELETE else revision)

    def _refusal(self, request: Invoked, there: Held | None) -> int:
        if request.kind is Kind.CREATE:
            return 409 if there else 0
        if there is None:
            return 404
        return 409 if request.expected not in (0, there.revision) else 0

    def _write(self, request: Invoked) -> int:
        self.revision += 1
        last = self._objects.pop(request.key, None)
        if request.kind is not Kind.DELETE:
            self._objects[request.key] = Held(request.value, self.revision)
        change = Change.DELETED if request.kind is Kind.DELETE else Change.MODIFIED if last else Change.ADDED
        value = None if request.kind is Kind.DELETE else request.value
        self.log.append(Logged(self.revision, request.key, value, change, last.value if last else ""))
        return self.revision

    def _ok(
        self, request: Invoked, revision: int, objects: dict[str, Held] | None = None, status: int = 200
    ) -> Answered:
        return Answered(request.id, Outcome.OK, self._time.now, revision, objects or {}, status)

    def _fault(self, request: Invoked, what: str) -> bool:
        if not self._heard or what != self._plan.fault or not what or self.faulty:
            return False
        self._opportunities += 1
        if self._opportunities <= self._plan.moment:
            return False
        self.faulty = request.id
        return True

    def _roll_back(self, request: Invoked) -> None:
        """All members are restored from a snapshot that is some writes old."""
        if self._plan.fault != "restored" or self.faulty:
            return
        self._opportunities += 1
        if self._opportunities == self._plan.moment + 1:
            self._saved = self.revision, dict(self._objects), len(self.log)
        elif self._saved and self._opportunities == self._plan.moment + 6:
            self.faulty = request.id
            self.revision, self._objects, kept = self._saved
            del self.log[kept:]


def void(_: object) -> None:
    """Leave a result."""
