"""Deletions that answer without a revision: what bounds them, and what contradicts them."""

from __future__ import annotations

import pytest

from resilience.histories.judging import judge
from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Outcome, Record, Watched
from resilience.histories.verdict import Broken


def _done(id: int, kind: Kind, begun: float, revision: int = 0, expected: int = 0) -> list[Record]:
    """An operation on `a` that is answered half a second later."""
    value = f"v{id}" if kind in (Kind.CREATE, Kind.UPDATE) else ""
    return [
        Invoked(id, f"c{id}", kind, begun, "a", value, expected),
        Answered(id, Outcome.OK, begun + 0.5, revision),
    ]


def _listed(id: int, begun: float, revision: int, held: Held | None) -> list[Record]:
    objects = {"a": held} if held else {}
    return [
        Invoked(id, f"c{id}", Kind.LIST, begun), Answered(id, Outcome.OK, begun + 0.5, revision, objects),
    ]  # fmt: skip


CREATED = _done(1, Kind.CREATE, 1, revision=5)
HELD = Held("v1", 5)
PERHAPS = Invoked(2, "c2", Kind.DELETE, 2, "a", "", 5)


@pytest.mark.parametrize(
    ("records", "kinds", "ids"),
    [
        ([*_done(2, Kind.DELETE, 2, expected=5), *_done(3, Kind.DELETE, 2.2, 0, 5)], "precondition-not-before", {2, 3}),
        ([*_done(2, Kind.DELETE, 2, expected=5), *_done(3, Kind.UPDATE, 2.2, 9, 5)], "precondition-not-before", {2, 3}),
        ([*_done(2, Kind.DELETE, 2, expected=4)], "precondition-not-before", {2}),
        ([*_done(2, Kind.DELETE, 2, expected=5), *_listed(3, 3, 9, HELD)], "lost-write stale-read", {3}),
        ([PERHAPS, *_listed(3, 3, 7, None), *_listed(4, 3.1, 8, HELD)], "list-not-one-state", {3, 4}),
        ([*_listed(3, 3, 7, None)], "list-not-one-state", {3}),
        ([PERHAPS, *_done(3, Kind.CREATE, 3, 6)], "precondition-not-before", {3}),
        ([Watched("w", 1, Change.STARTED, 0, 1), Watched("w", 1, Change.ADDED, 2, 5, "a", "v1"),
          Watched("w", 1, Change.DELETED, 3, 6, "a", "v1")], "from-nowhere", set()),
    ],
)  # fmt: skip
def test_what_contradicts_a_deletion_is_found(records: list[Record], kinds: str, ids: set[int]) -> None:
    found = judge([*CREATED, *records]).violations
    assert {each.kind for each in found} <= {Broken(kind) for kind in kinds.split()}
    assert any(each.ids >= ids for each in found)


EXPLAINED: list[list[Record]] = [
    [PERHAPS, *_listed(3, 3, 7, None), *_listed(4, 3.1, 6, HELD)],
    [PERHAPS, *_done(3, Kind.CREATE, 3, 7)],
    [*_done(2, Kind.DELETE, 2), *_listed(3, 3, 7, None), *_done(4, Kind.CREATE, 4, 9)],
    [*_done(2, Kind.DELETE, 2, expected=5), *_listed(3, 2.1, 9, HELD)],
    [PERHAPS, *_listed(3, 30, 50, HELD)],
]


@pytest.mark.parametrize("records", EXPLAINED)
def test_what_a_deletion_explains_is_accepted(records: list[Record]) -> None:
    assert judge([*CREATED, *records]).violations == ()


def test_a_refused_delete_that_was_done_is_named() -> None:
    refused: list[Record] = [Invoked(2, "c2", Kind.DELETE, 2, "a", "", 5), Answered(2, Outcome.FAILED, 2.5, status=409)]
    seen: list[Record] = [Watched("w", 1, Change.STARTED, 0, 5), Watched("w", 1, Change.DELETED, 3, 6, "a", "v1")]
    (found,) = judge([*CREATED, *refused, *seen]).violations
    assert (found.kind, set(found.ids)) == (Broken.REFUSED_SEEN, {2})
