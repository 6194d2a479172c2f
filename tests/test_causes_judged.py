"""Which failures are of one cause, judged by a person's answer: on real failures, and on written ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import pytest
from rapidfuzz.distance import Levenshtein

from nightly.gists.gist import UNLIKE
from nightly.gists.sorting import sort
from tests.failures import Labelled, made_up, real

ALL = [*real(), *made_up()]


class Agreement(NamedTuple):
    """Pairs of failures: the part on which both agree, and of those of one cause the part that is found."""

    rand: float
    found: float
    joined: set[frozenset[str]]


def agreement(labelled: Sequence[Labelled], answers: Sequence[object]) -> Agreement:
    """How far answers agree with the labels. https://en.wikipedia.org/wiki/Rand_index"""
    pairs = list(combinations(zip(labelled, answers, strict=True), 2))
    same = [(one, other) for one, other in pairs if one[0].cause == other[0].cause]
    joined = {
        frozenset((one[0].cause, other[0].cause))
        for one, other in pairs
        if one[1] == other[1] and one[0].cause != other[0].cause
    }
    right = sum((one[0].cause == other[0].cause) == (one[1] == other[1]) for one, other in pairs)
    return Agreement(right / len(pairs), sum(one[1] == other[1] for one, other in same) / len(same), joined)


def sorted_into(labelled: Sequence[Labelled]) -> list[object]:
    ids, _ = sort([], [each.failure for each in labelled])
    return [ids[each.failure.gist] for each in labelled]


@pytest.mark.parametrize("labelled", [real(), list(made_up()), ALL], ids=["real", "written", "all"])
def test_what_is_sorted_agrees_with_a_person(labelled: list[Labelled]) -> None:
    """What is not found is named by other words on other clusters: see the labels below."""
    found = agreement(labelled, sorted_into(labelled))
    assert found.rand >= 0.95
    assert found.found >= 0.8
    assert found.joined == set()


def test_the_order_in_which_failures_come_changes_nothing() -> None:
    backwards = [
        each._replace(failure=type(each.failure)(each.failure.scenario, -each.failure.since, each.failure.gist))
        for each in ALL
    ]
    assert agreement(ALL, sorted_into(backwards)).rand >= 0.95


NEAR = [
    ("scheduler", "controllers"), ("kubelet", "containerd"), ("livez", "readyz"), ("ca", "sa"), ("no space", "corrupt"),
    ("etcd port", "api port"), ("control-plane", "master"), ("flag upload", "flag key"), ("init phase", "join phase"),
    ("port in use", "file exists"), ("join", "init"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_a_word_that_names_the_subject_keeps_two_causes_apart(one: str, other: str) -> None:
    first, second = (next(each.failure.gist for each in made_up() if each.cause == name) for name in (one, other))
    assert not first.same_as(second)


@pytest.mark.parametrize(("one", "other"), [pair for pair in NEAR if pair[0] in ("etcd port", "flag upload", "join")])
def test_distance_alone_would_join_causes_whose_texts_are_nearly_the_same(one: str, other: str) -> None:
    first, second = (next(each.failure.gist.text for each in made_up() if each.cause == name) for name in (one, other))
    assert Levenshtein.normalized_distance(first, second) < UNLIKE


def test_answers_that_a_person_would_not_give_are_seen() -> None:
    """All apart agrees on most pairs, since most are of two causes; all in one on few."""
    assert agreement(ALL, range(len(ALL))).found == 0
    assert agreement(ALL, [0] * len(ALL)).rand < 0.95
