"""A review of translations: each is judged by the revision of its original that it follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.review.changes import range_of
from documentation.review.known import Baseline
from documentation.review.review import Noted, of_change
from tests.sites import PIER, PIER_JA, SITE, commit, git, site, write

SHIPS = SITE[PIER].replace("get boats", "get ships")
ALL = SHIPS.replace("get ships", "get ships --all")
SHIPS_JA = SITE[PIER_JA].replace("get boats", "get ships")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An original with three revisions; its translation follows the first."""
    made = site(tmp_path / "site")
    commit(made, {PIER: SHIPS})
    commit(made, {PIER: ALL})
    return made


def _counted(repository: Path, spec: str = "HEAD~1..HEAD") -> tuple[Noted, ...]:
    [page] = of_change(range_of(f"{repository}@{spec}"), None, Baseline()).pages
    return page.counted


def _rules(found: tuple[Noted, ...]) -> list[tuple[str, str]]:
    return [(each.rule, each.weight) for each in found]


def test_a_translation_that_comes_nearer_to_its_original_does_not_mislead(repository: Path) -> None:
    commit(repository, {PIER_JA: SHIPS_JA})
    [found] = _counted(repository)
    assert (found.rule, found.weight) == ("behind", "remark")
    assert found.what.startswith("1 commit behind")


def test_a_new_translation_of_an_older_original_is_behind_and_does_not_mislead(repository: Path) -> None:
    commit(repository, {PIER_JA: None})
    commit(repository, {PIER_JA: SHIPS_JA})
    assert _rules(_counted(repository)) == [("behind", "remark")]


def test_being_as_far_behind_as_before_is_not_repeated(repository: Path) -> None:
    commit(repository, {PIER_JA: SITE[PIER_JA].replace("船をつなぎます", "船を係留します")})
    assert _counted(repository) == ()


def test_an_own_fault_of_a_translation_of_an_older_original_misleads(repository: Path) -> None:
    commit(repository, {PIER_JA: SHIPS_JA.replace("`KUBECONFIG`", "`KUBE_CONFIG`")})
    assert ("mention", "misleads") in _rules(_counted(repository))


def test_what_a_change_takes_back_to_an_older_original_misleads(repository: Path) -> None:
    commit(repository, {PIER_JA: SHIPS_JA.replace("get ships", "get ships --all")})
    commit(repository, {PIER_JA: SITE[PIER_JA]})
    found = _counted(repository)
    assert _rules(found) == [("taken-back", "misleads"), ("behind", "remark")]
    assert found[0].what.startswith("this was up to date before the change, and is not any more: the original changed")


def test_an_original_that_changes_with_its_translation_is_followed_in_the_index_too(repository: Path) -> None:
    write(
        repository,
        {PIER: ALL.replace("--all", "--all --deep"), PIER_JA: SHIPS_JA.replace("ships", "ships --all --deep")},
    )
    git(repository, "add", "-A")
    tree = git(repository, "write-tree")
    pages = of_change(range_of(f"{repository}@HEAD..{tree}"), None, Baseline()).pages
    assert [_rules(page.counted) for page in pages if page.language == "ja"] == [[]]


def test_a_translation_between_two_trees_is_compared_with_the_text_of_its_original(repository: Path) -> None:
    git(repository, "checkout", "-q", "HEAD~1")
    trees = [git(repository, "rev-parse", "HEAD^{tree}")]
    commit(repository, {PIER_JA: SHIPS_JA.replace("get ships", "get vessels")})
    trees.append(git(repository, "rev-parse", "HEAD^{tree}"))
    assert ("command", "misleads") in _rules(_counted(repository, "..".join(trees)))
