"""Which gists are of one cause: first what is known, then within a test, then across tests. Pure.

A cause is known by the gist that it was first seen with, and others are compared with that one alone: it grows, and
does not wander.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nightly.gists.gist import Gist, function_of

_DIGITS = 8  # of the digest that a cause is called by: among ten thousand of them, two are the same once in 85 stores


@dataclass(frozen=True)
class Known:
    """A cause: its id, when it was first seen (seconds since the epoch), and what it was then."""

    id: str
    since: float
    gist: Gist


@dataclass(frozen=True)
class Failure:
    """A scenario, or a step, that failed in a run that began then, and how."""

    scenario: str
    since: float
    gist: Gist


class _Causes:
    """Causes in the order in which they are added, found by what they say."""

    def __init__(self) -> None:
        self.all: list[Known] = []
        self._equal: dict[Gist, Known] = {}
        self._by_subject: dict[tuple[str, ...], list[Known]] = {}

    def find(self, gist: Gist) -> Known | None:
        """The first cause that a gist is of: equal ones before those that are nearly so."""
        found = self._equal.get(gist)
        if found is None:
            same = self._by_subject.get(gist.subject, ())
            found = next((each for each in same if each.gist.same_as(gist)), None)
            if found:
                self._equal[gist] = found
        return found

    def add(self, cause: Known) -> Known:
        self.all.append(cause)
        self._equal[cause.gist] = cause
        self._by_subject.setdefault(cause.gist.subject, []).append(cause)
        return cause


def merged(known: Iterable[Known]) -> tuple[list[Known], dict[str, str]]:
    """Causes of which no two say the same, oldest first; and for each id that of the older cause it was merged into."""
    kept, ids = _Causes(), {}
    for each in sorted(known, key=lambda cause: (cause.since, cause.id)):
        older = kept.find(each.gist)
        ids[each.id] = (older or kept.add(each)).id
    return kept.all, ids


def sort(known: Sequence[Known], failures: Iterable[Failure]) -> tuple[dict[Gist, str], list[Known]]:
    """Gist → id of its cause, and the causes that are new. `known` are as of `merged`."""
    causes = _Causes()
    for cause in known:
        causes.add(cause)
    once = _once(failures)
    ids = {each.gist: found.id for each in once if (found := causes.find(each.gist))}
    for first, gists in _within_tests(each for each in once if each.gist not in ids):
        cause = causes.find(first.gist) or causes.add(Known(_id(first.gist), first.since, first.gist))
        ids |= dict.fromkeys(gists, cause.id)
    return ids, causes.all[len(known) :]


def _once(failures: Iterable[Failure]) -> list[Failure]:
    """Of failures that are equal, as most are from night to night, the first of each test; oldest first."""
    once: dict[tuple[str, Gist], Failure] = {}
    for each in sorted(failures, key=lambda failure: failure.since):
        once.setdefault((function_of(each.scenario), each.gist), each)
    return list(once.values())


def _within_tests(failures: Iterable[Failure]) -> list[tuple[Failure, list[Gist]]]:
    """The first failures of each test, each with those that are nearly the same; oldest first, as they are given."""
    tests: dict[str, _Causes] = {}
    groups: dict[tuple[str, Gist], tuple[Failure, list[Gist]]] = {}
    for each in failures:
        own = tests.setdefault(function_of(each.scenario), _Causes())
        first = own.find(each.gist) or own.add(Known("", each.since, each.gist))
        groups.setdefault((function_of(each.scenario), first.gist), (each, []))[1].append(each.gist)
    return list(groups.values())


def _id(gist: Gist) -> str:
    return hashlib.sha256(f"{gist.test}\n{gist.text}".encode()).hexdigest()[:_DIGITS]
