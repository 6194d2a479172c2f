"""Rules: each registers itself where it stands, and all of them are found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation import drift
from documentation.claims.claim import DecidedBy, Decider, claims
from documentation.findings.rules import Found, Needs, Weight, rule
from documentation.pages import markdown
from documentation.reports import all_rules

OF_ONE_PAGE = (
    "address", "anchor", "anchor-twice", "config-map", "conflict", "contradiction", "dash", "gone", "image",
    "join-form", "kubeconfig", "label", "left-behind", "link", "list-item", "not-in-place", "owner", "placeholder",
    "reference", "remote", "root", "script", "shortcode", "spelling", "twice", "vocabulary", "yaml",
)  # fmt: skip
OF_KUBEADM = ("api", "config-and-flags", "configuration", "kubeadm", "lifetime", "output")
OF_A_SITE = ("redirect", "shortcode", "site-anchor", "site-link")
OF_A_CHANGE = ("anchor-gone", "page-gone")
OF_PROGRAMS = ("etcdctl", "flag", "kubectl", "kubelet", "object")
OF_REVISIONS = ("behind", "taken-back")
OF_A_REPORT = ("another-page", "improved", "outdated")
OF_TWO_PAGES = (
    "anchor", "command", "comment", "comment-inverted", "configuration", "example", "extra",
    "kind", "link", "meaning", "mention", "missing", "modality", "moved", "name", "negation", "number",
    "parts", "prose", "run-together", "sentence", "text", "title",
)  # fmt: skip


@pytest.mark.parametrize(
    ("needs", "names"),
    [
        (Needs.PAGE, OF_ONE_PAGE),
        (Needs.KUBEADM, OF_KUBEADM),
        (Needs.PROGRAMS, OF_PROGRAMS),
        (Needs.OTHER_PAGE, OF_TWO_PAGES),
        (Needs.REVISIONS, OF_REVISIONS),
        (Needs.REPORT, OF_A_REPORT),
        (Needs.SITE, OF_A_SITE),
        (Needs.CHANGE, OF_A_CHANGE),
    ],
)
def test_no_rule_that_readers_know_by_name_is_lost(needs: Needs, names: tuple[str, ...]) -> None:
    assert tuple(sorted(all_rules.names(needs))) == names


def test_rules_that_need_nothing_that_is_given_are_not_among_the_names() -> None:
    assert all_rules.names() == frozenset()
    assert "lifetime" not in all_rules.names(Needs.PAGE, Needs.OTHER_PAGE)


def test_every_rule_of_a_claim_is_registered() -> None:
    deciders = [Decider(each) for claim in claims().values() for each in claim.deciders]
    assert {each.name for each in deciders if each.kind is DecidedBy.RULE} <= all_rules.names(*Needs)


MODULE = """
from documentation.findings.rules import Found, Weight, rule

@rule("dew", Weight.REMARK)
def dew(page):
    yield Found(3, "top/prose-1", "the page is wet")
"""


@pytest.fixture
def _another_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module with a rule in the package, which nothing imports."""
    (tmp_path / "dew.py").write_text(MODULE)
    monkeypatch.setattr(drift, "__path__", [*drift.__path__, str(tmp_path)])
    all_rules.rules.cache_clear()
    yield
    all_rules.rules.cache_clear()
    sys.modules.pop("documentation.drift.dew", None)


@pytest.mark.usefixtures("_another_module")
def test_a_rule_in_a_module_that_nothing_imports_is_found() -> None:
    [found] = [each for each in all_rules.check(markdown.parse("Pears."), None) if each.check == "dew"]
    assert (found.weight, found.line, found.what) == (Weight.REMARK, 3, "the page is wet")
    assert "dew" in all_rules.names(Needs.PAGE)


def test_a_finding_has_its_own_weight_where_it_is_not_the_rules_usual_one() -> None:
    @rule("dew", Weight.MISLEADS)
    def dew() -> Iterator[Found]:
        yield Found(1, "a", "wet")
        yield Found(2, "b", "soaked", weight=Weight.BREAKS)

    assert [(each.check, each.weight) for each in dew()] == [("dew", Weight.MISLEADS), ("dew", Weight.BREAKS)]


def test_a_finding_is_the_same_on_another_edition_whatever_lines_its_sentence_names() -> None:
    text = "```sh\n%sexport A=10.9.8.7\nssh 10.9.8.7\n```\n"
    first, second = (
        [each for each in all_rules.check(markdown.parse(text % more), None) if each.check == "address"]
        for more in ("", "water\n")
    )
    assert (first[0].what == second[0].what, first[0].identity == second[0].identity) == (False, True)
