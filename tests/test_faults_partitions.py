"""Rings of members of which each sees, or hears, another majority."""

from __future__ import annotations

import pytest

from resilience.faults.means.partitions import unheard, unseen

COUNTS = (3, 4, 5, 6, 7, 9)


@pytest.mark.parametrize("count", COUNTS)
def test_each_sees_a_majority_and_no_two_see_the_same(count: int) -> None:
    members = list(range(count))
    seen = [frozenset(members) - set(unseen(members, each)) for each in members]
    assert all(len(each) > count // 2 for each in seen)
    assert all(member in each for member, each in zip(members, seen, strict=True))
    assert len(set(seen)) == count


@pytest.mark.parametrize("count", COUNTS)
def test_what_one_does_not_see_does_not_see_it(count: int) -> None:
    members = list(range(count))
    pairs = {(one, other) for one in members for other in unseen(members, one)}
    assert pairs
    assert {(other, one) for one, other in pairs} == pairs


@pytest.mark.parametrize("count", COUNTS)
def test_each_hears_as_many_as_make_up_a_majority_with_it(count: int) -> None:
    members = list(range(count))
    heard = [frozenset(members) - set(unheard(members, each)) for each in members]
    assert all(len(each) == count // 2 + 1 for each in heard)
    assert len(set(heard)) == count


def test_of_three_no_two_hear_each_other() -> None:
    members = ["a", "b", "c"]
    heard = {(one, other) for one in members for other in {*members} - {one, *unheard(members, one)}}
    assert heard == {("a", "b"), ("b", "c"), ("c", "a")}


@pytest.mark.parametrize("count", [1, 2])
def test_there_is_no_ring_of_fewer_than_three(count: int) -> None:
    members = list(range(count))
    assert [unseen(members, each) for each in members] == [[]] * count
