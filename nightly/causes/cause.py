"""Causes of failures over the nights: each is one row, however many tests and clusters it makes red."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nightly.attempts import Attempt
from nightly.causes.failed import Failed, Place, Reader
from nightly.causes.keeping import causes, failures
from nightly.causes.numbers import Night, Numbers, numbers
from nightly.gists.sorting import Known, merged, sort
from nightly.history import NEWLY_RED, STILL_RED, Cell
from nightly.store import Store
from nightly.summary import GREEN, RED
from nightly.views import ClusterView, title

GREEN_NOW, NOT_RUN = "green", "not run"
"""States of a cause that no newest result has: its tests ran since then and did not fail of it, or they did not run."""

_EXITED = re.compile(r"exited with \d+$")
_LONGEST = 240  # characters of a headline: three lines of the page


@dataclass(frozen=True)
class Cause:
    """What made tests fail. `failed` is all of it, newest first, and there is some; `cells` are red now because of it.

    `nights` are the runs in which its tests were decided on its clusters, newest first.
    """

    known: Known
    failed: Sequence[Failed]
    cells: Sequence[Cell]
    nights: Sequence[Night]

    @property
    def id(self) -> str:
        """The same every night, whatever is added."""
        return self.known.id

    @property
    def red(self) -> bool:
        """Whether it fails now."""
        return bool(self.cells)

    @property
    def state(self) -> str:
        """Newly red where all is that is red because of it; there is no state between red and green."""
        if not self.red:
            return NOT_RUN if self.nights[0].failed else GREEN_NOW
        return STILL_RED if any(cell.state == STILL_RED for cell in self.cells) else NEWLY_RED

    @property
    def headline(self) -> str:
        """What is wrong, as its newest failure says it; the test where that says nothing, or too much."""
        newest = self.failed[0]
        found = newest.gist.headline.strip().replace(" 1›", "›")
        if self.known.gist.test or not found:
            test, reason = title(newest.scenario), str(newest.failure["reason"])
            found = ": ".join(filter(None, (test, reason)))
            return found if len(found) <= _LONGEST else test  # pytest prints all of what it compared
        if _EXITED.search(found):
            found = ": ".join(filter(None, (newest.gist.error, found)))
        return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"

    @cached_property
    def numbers(self) -> Numbers:
        """How often it fails now, and before."""
        return numbers(self.nights, self.red)

    @property
    def shown(self) -> Sequence[Failed]:
        """The failures that are red now, newest first; all, where none is."""
        red = {(cell.decided[0][0].run, cell.cluster, cell.scenario) for cell in self.cells}
        return [each for each in self.failed if each.place in red] or self.failed

    @property
    def tests(self) -> list[str]:
        """The scenarios and steps that it makes red, or once did."""
        return list(dict.fromkeys(each.scenario for each in self.shown))

    @property
    def clusters(self) -> list[str]:
        """The clusters that it is red on, or once was."""
        return sorted({each.attempt.cluster for each in self.shown})

    @property
    def versions(self) -> list[str]:
        """The exact releases that it was seen on, the newest first seen."""
        return list(dict.fromkeys(each.attempt.version for each in self.failed))

    @property
    def first(self) -> Attempt:
        """The first attempt that it made red, of those that are read."""
        return self.failed[-1].attempt

    @property
    def since(self) -> float:
        """When the first night of it began, in seconds since the epoch; it may be older than what is read."""
        return min(self.known.since, self.first.started)

    @property
    def last_green(self) -> Attempt | None:
        """The newest attempt before those that are red now; where none is, the newest after the last one."""
        later = self.nights[: next(n for n, each in enumerate(self.nights) if each.failed)]
        if not self.red:
            return later[0].attempt if later else None
        return next(
            (each.attempt for each in self.nights[len(later) + len(self.numbers.now) :] if not each.failed), None
        )


def found(views: Sequence[ClusterView], store: Store) -> list[Cause]:
    """Every cause in these attempts: red ones first, and of these the ones with the most tests."""
    reader = Reader(store)
    failed = [each for view in views for attempt in view.attempts for each in reader.of(attempt)]
    failed.sort(key=lambda each: each.attempt.run, reverse=True)
    known, _ = merged(causes(store))
    ids, new = sort(known, failures(failed))
    by_id: dict[str, list[Failed]] = {}
    for each in failed:
        by_id.setdefault(ids[each.gist], []).append(each)
    cells = _cells(views, [(each.place, ids[each.gist]) for each in failed])
    made = [_cause(each, by_id[each.id], cells.get(each.id, []), views) for each in (*known, *new) if each.id in by_id]
    return sorted(made, key=lambda cause: (not cause.red, -len(cause.cells), cause.failed[0].attempt.run, cause.id))


def _cells(views: Iterable[ClusterView], failed: Iterable[tuple[Place, str]]) -> dict[str, list[Cell]]:
    """Cause → what is red now because of it; a cluster that is gone no longer counts."""
    places: dict[Place, dict[str, None]] = {}
    for place, cause in failed:
        places.setdefault(place, {})[cause] = None
    cells: dict[str, list[Cell]] = {}
    for cell in (cell for view in views if not view.absence for cell in view.cells):
        if cell.state in (NEWLY_RED, STILL_RED):
            for cause in places[cell.decided[0][0].run, cell.cluster, cell.scenario]:
                cells.setdefault(cause, []).append(cell)
    return cells


def _cause(known: Known, failed: Sequence[Failed], cells: Sequence[Cell], views: Iterable[ClusterView]) -> Cause:
    on = {cell.cluster for cell in cells} or {each.attempt.cluster for each in failed}
    scenarios = {each.scenario for each in failed}
    red = {(each.attempt.run, each.attempt.cluster) for each in failed}
    nights: dict[str, list[Attempt]] = {}
    for attempt in (attempt for view in views if view.id in on for attempt in view.attempts):
        if any(attempt.letters.get(name) in (GREEN, RED) for name in scenarios):
            nights.setdefault(attempt.run, []).append(attempt)
    return Cause(known, failed, cells, [_night(own, red) for _, own in sorted(nights.items(), reverse=True)])


def _night(attempts: Sequence[Attempt], red: set[tuple[str, str]]) -> Night:
    failed = [each for each in attempts if (each.run, each.cluster) in red]
    return Night((failed or attempts)[0], len(failed), len(attempts))
