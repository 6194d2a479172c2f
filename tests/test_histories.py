"""Histories: what is true is accepted, and what was planted is found at the records that it is about."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from resilience.histories.judging import judge
from resilience.histories.records import Answered, Change, Held, Invoked, Kind, Outcome, Record, Watched
from resilience.histories.text import render
from tests.planted import Planted
from tests.planted_histories import CHANGES, FAULTS, of_change, of_fault
from tests.simulated_histories import simulated
from tests.simulated_store import Plan

chances = st.randoms(use_true_random=False)
plans = st.builds(
    Plan,
    clients=st.integers(1, 6),
    operations=st.integers(1, 20),
    keys=st.integers(1, 3),
    watchers=st.integers(0, 3),
    lost=st.sampled_from((0.0, 0.1, 0.5)),
    unnamed=st.sampled_from((0.0, 0.3, 1.0)),
)
seeds = st.integers(0, 2**32)
patiently = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@patiently
@given(plans, st.one_of(chances, seeds.map(random.Random)))
def test_true_histories_are_accepted(plan: Plan, chance: random.Random) -> None:
    verdict = judge(simulated(plan, chance).records)
    assert verdict.violations == (), render("history", verdict)


@patiently
@given(plans, seeds, st.integers(0, 10_000))
def test_a_true_history_that_was_cut_off_anywhere_is_accepted(plan: Plan, seed: int, cut: int) -> None:
    records = simulated(plan, random.Random(seed)).records
    verdict = judge(records[: cut % len(records)])
    assert verdict.violations == (), render("history", verdict)


@pytest.mark.parametrize("change", CHANGES)
@settings(patiently, max_examples=25)
@given(seed=seeds)
def test_one_changed_record_is_found_and_located(change: str, seed: int) -> None:
    _check(of_change(change, random.Random(seed)))


@pytest.mark.parametrize("fault", FAULTS)
@settings(patiently, max_examples=25)
@given(seed=seeds)
@example(seed=87356)  # a deletion of unknown outcome would explain the create, but not its event
def test_what_a_faulty_store_did_is_found_and_located(fault: str, seed: int) -> None:
    _check(of_fault(fault, random.Random(seed)))


def _check(planted: Planted | None) -> None:
    assume(planted is not None)
    assert planted is not None
    verdict = judge(planted.records)
    assert planted.is_found(verdict), f"{sorted(planted.kinds)} of {sorted(planted.ids)}: {render('history', verdict)}"


@pytest.mark.parametrize("name", [*CHANGES, *FAULTS])
def test_every_violation_can_be_planted(name: str) -> None:
    """Of thirty histories, one at least has a place for it: the tests above are about something."""
    plant = of_change if name in CHANGES else of_fault
    assert any(plant(name, random.Random(seed)) for seed in range(30))


# By hand: what is bounded, and what nothing can show


def _ok(id: int, kind: Kind, begun: float, ended: float, *, revision: int = 0, expected: int = 0) -> list[Record]:
    value = f"v{id}" if kind in (Kind.CREATE, Kind.UPDATE) else ""
    return [
        Invoked(id, f"c{id}", kind, begun, "a", value, expected),
        Answered(id, Outcome.OK, ended, revision),
    ]


CREATED = _ok(1, Kind.CREATE, 0, 1, revision=5)
LOST_DELETE = Invoked(2, "c2", Kind.DELETE, 2, "a", "", 5)
ABSENT = _ok(3, Kind.GET, 3, 4)


def test_an_unknown_delete_explains_that_an_object_is_absent() -> None:
    verdict = judge([*CREATED, LOST_DELETE, *ABSENT])
    assert not verdict.violations
    assert (verdict.appeared, verdict.unseen) == (0, 1)


def test_an_absent_object_that_nothing_can_have_deleted_is_a_violation() -> None:
    (found,) = judge([*CREATED, *ABSENT]).violations
    assert (found.kind.value, set(found.ids)) == ("lost-write", {1, 3})
    assert "finds no a" in found.sentence


def test_a_delete_that_begins_after_an_absence_does_not_explain_it() -> None:
    late = Invoked(2, "c2", Kind.DELETE, 5, "a", "", 5)
    assert {each.kind for each in judge([*CREATED, *ABSENT, late]).violations} == {"lost-write"}


def test_a_delete_without_a_revision_is_bounded_by_its_neighbours() -> None:
    """Its revision is above that of its precondition: a write that begins later cannot have the next one."""
    deleted = _ok(2, Kind.DELETE, 2, 3, expected=5)
    assert not judge([*CREATED, *deleted, *_ok(4, Kind.CREATE, 4, 5, revision=7)]).violations
    kinds = {each.kind for each in judge([*CREATED, *deleted, *_ok(4, Kind.CREATE, 4, 5, revision=6)]).violations}
    assert kinds == {"revision-out-of-order", "precondition-not-before"}


def test_a_watch_that_misses_a_delete_is_found_where_the_neighbours_bound_it() -> None:
    stream = [
        Watched("w", 1, Change.STARTED, 0, 4),
        Watched("w", 1, Change.ADDED, 2, 5, "a", "v1"),
        Watched("w", 1, Change.ADDED, 6, 7, "a", "v4"),
    ]
    deleted = _ok(2, Kind.DELETE, 2, 3, expected=5)
    (found,) = judge([*stream, *CREATED, *deleted, *_ok(4, Kind.CREATE, 4, 5, revision=7)]).violations
    assert found.kind.value == "watch-not-reliable"
    assert found.ids >= {2, 4}
    assert "after 5 and up to 6" in found.sentence


def test_what_was_there_before_the_history_is_accepted() -> None:
    shown = Answered(3, Outcome.OK, 4, 3, {"a": Held("older", 3)}, 200)
    records = [Invoked(3, "c3", Kind.GET, 3, "a"), shown, *_ok(4, Kind.UPDATE, 5, 6, revision=9, expected=3)]
    assert not judge(records).violations


def test_a_precondition_teaches_the_revision_of_an_unknown_write() -> None:
    unknown = Invoked(2, "c2", Kind.UPDATE, 2, "a", "v2", 5)
    after = _ok(4, Kind.UPDATE, 8, 9, revision=8, expected=7)
    verdict = judge([*CREATED, unknown, *after])
    assert not verdict.violations
    assert verdict.appeared == 1
    (found,) = judge([*CREATED, *after]).violations[:1]
    assert (found.kind.value, set(found.ids)) == ("precondition-not-before", {4})


def test_a_watch_that_names_no_revision_is_not_judged_and_says_so() -> None:
    stream = [
        Watched("w", 1, Change.STARTED, 0, 0),
        Watched("w", 1, Change.ADDED, 2, 9, "b", "older b"),
        Watched("w", 1, Change.ADDED, 2, 5, "a", "v1"),
    ]
    verdict = judge([*CREATED, *stream])
    assert not [each for each in verdict.violations if each.kind.startswith("watch")]
    assert any("name no revision" in each for each in verdict.undecided)
