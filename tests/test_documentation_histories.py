"""Which revisions a page has in a checkout, under all names, and which of them a translation may follow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from documentation.translations import fitting, history
from documentation.translations.history import Place
from tests.translated_checkout import THIRD, TYPO, Checkout, translated_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return translated_checkout(tmp_path)


def test_revisions_are_found_under_an_older_name(checkout: Checkout) -> None:
    checkout.move()
    place = Place.of(checkout.page("en", "ships"))
    assert place
    assert [each.day for each in history.revisions(place)] == ["2024-05-09", "2024-05-03", "2024-05-02", "2024-05-01"]


@pytest.mark.parametrize(
    ("name", "days"), [("boats", ["2024-05-09", "2024-05-03", "2024-05-02", "2024-05-01"]), ("ships", ["2024-05-09"])]
)
def test_revisions_are_found_by_the_pages_name_where_git_lacks_what_it_compares(
    checkout: Checkout, name: str, days: list[str]
) -> None:
    checkout.move_in_a_partial_checkout(name)
    place = Place.of(checkout.page("en", f"sub/{name}"))
    assert place
    command = ["git", "-C", str(checkout.folder), "log", "--follow", "HEAD", "--", place.path]
    assert b"unable to read" in subprocess.run(command, check=False, capture_output=True).stderr
    assert [each.day for each in history.revisions(place)] == days


def test_histories_are_read_once_and_those_of_a_later_revision_anew(checkout: Checkout) -> None:
    place = Place.of(checkout.page("en"))
    assert place
    first = history.revisions(place)
    assert [*map(id, history.revisions(place))] == [*map(id, first)]
    checkout.commit(TYPO, day=6)
    assert [each.day for each in history.revisions(place)] == ["2024-05-06", *(each.day for each in first)]


def test_no_revision_is_followed_that_is_younger_than_the_translation(checkout: Checkout) -> None:
    place = Place.of(checkout.page("en"))
    assert place
    followed = fitting.follow(THIRD, history.revisions(place), "2024-05-02")
    assert followed
    assert followed.revision.day == "2024-05-02"
