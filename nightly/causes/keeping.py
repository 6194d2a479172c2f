"""The ids of causes: each is kept in the store with the night and the text that it was first seen with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nightly import summary
from nightly.attempts import attempts
from nightly.causes.failed import Failed, Reader
from nightly.gists.gist import Gist
from nightly.gists.sorting import Failure, Known, merged, sort
from nightly.store import Data, Store


def add(run_dir: Path, store: Store) -> Path:
    """Keep a run directory in a store, and the causes that it is the first with; returns the file of the run.

    Where the store has no causes yet, as one that is older, all of its runs are searched for them. Raises BadInput
    where there is no whole run.
    """
    path = summary.add(run_dir, store)
    known, _ = merged(causes(store))
    runs = [store.run(path)] if known else store.runs().runs
    reader = Reader(store)
    failed = [each for tried in attempts(runs).values() for attempt in tried for each in reader.of(attempt)]
    for cause in sort(known, failures(failed))[1]:
        store.keep_cause(cause.id, _kept(cause, store))
    return path


def causes(store: Store) -> list[Known]:
    """The causes that a store has."""
    return [
        Known(name, each["since"], Gist(store.text(each["text"]), store.current(each["test"])))
        for name, each in store.causes()
    ]


def failures(failed: Iterable[Failed]) -> list[Failure]:
    """What failures say, for sorting."""
    return [Failure(each.scenario, each.attempt.started, each.gist) for each in failed]


def _kept(cause: Known, store: Store) -> Data:
    return {"since": cause.since, "text": store.keep(cause.gist.text), "test": cause.gist.test}
