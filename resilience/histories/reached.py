"""How far the store's counter had come, by all that clients had been shown at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from resilience.histories.operations import History, Operation
from resilience.histories.records import Kind, Watched
from resilience.histories.verdict import STARTS_ANYWHERE

_Shown = tuple[float, int, Operation | Watched]


class Reached:
    """The highest revision that had been shown before a time: whatever is begun later is written above it."""

    def __init__(self, history: History) -> None:
        self._times: list[float] = []
        self._highest: list[tuple[int, Operation | Watched]] = []
        top = STARTS_ANYWHERE
        for at, revision, by in sorted(_shown(history), key=lambda each: each[0]):
            if revision > top:
                top = revision
                self._times.append(at)
                self._highest.append((revision, by))

    def before(self, at: float) -> int:
        """The highest revision that was shown before a time; 0 where none was."""
        place = bisect_left(self._times, at)
        return self._highest[place - 1][0] if place else 0

    def first_above(self, revision: int) -> Operation | Watched | None:
        """The record that first showed this revision, or a later one."""
        place = bisect_left(self._highest, revision, key=lambda each: each[0])
        return self._highest[place][1] if place < len(self._highest) else None


def _shown(history: History) -> Iterator[_Shown]:
    for operation in history.operations:
        if operation.acknowledged:
            if operation.revision:
                yield operation.answered, operation.revision, operation
            elif operation.kind is Kind.DELETE and operation.expected:
                yield operation.answered, operation.expected + 1, operation  # it has a revision, above that one
            for held in operation.objects.values():
                if held.revision > operation.revision:
                    yield operation.answered, held.revision, operation
    for stream in history.streams:
        yield from ((event.at, event.revision, event) for event in stream.events)
