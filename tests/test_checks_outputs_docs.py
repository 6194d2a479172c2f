"""The page of all rules, and the explanation of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks.findings import Severity
from checks.outputs.catalogue import catalogue
from checks.outputs.explaining import explained
from checks.outputs.kinds import HEADINGS, kind_of
from checks.rules.rule import Rule, nodes, rules
from provision.util.errors import BadInput
from tests.bad_report import ids

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"


def _rule(id: str, **more: object) -> Rule:
    known = ids()[id]
    whole: dict[str, Any] = {name: known[name] for name in ("title", "why", "page")}
    whole |= {"judge": lambda facts, machine: (), "subjects": nodes, **more}
    whole.setdefault("fix", "kubeadm certs renew all\n{machine} is next")
    return Rule(id, Severity(known["severity"]), **whole)


RULES = (
    _rule("KHA-ONE-001", because_of=("KHA-ETCD-004",)),
    _rule("KHA-ETCD-004"),
    _rule("KHA-ETCD-001", subjects=None),
)


def test_the_page_in_the_documentation_is_that_of_the_rules() -> None:
    assert PAGE.read_text() == catalogue(rules()), "stale: python -m checks.outputs.catalogue > docs/checks.md"


def test_every_kind_has_a_heading() -> None:
    kinds = {kind_of(each) for each in ids()} | {kind_of(each.id) for each in rules()}
    assert kinds <= set(HEADINGS)


def test_the_page_has_all_of_each_rule_by_kind() -> None:
    page = catalogue(RULES)
    places = [
        page.index(each) for each in ("## etcd\n", "### KHA-ETCD-001\n", "### KHA-ETCD-004\n", "### KHA-ONE-001\n")
    ]
    assert places == sorted(places)
    for each in RULES:
        assert all(text in page for text in (each.fix, f"]({each.page})", each.severity.value.capitalize()))
    assert "Not reported where it follows from KHA-ETCD-004." in page


def test_titles_do_not_become_markup() -> None:
    assert "**A \\<b\\> and `a_b` and c\\_d** Warning." in catalogue(
        [_rule("KHA-ONE-001", title="A <b> and `a_b` and c_d")]
    )


def test_a_rule_is_explained_whole() -> None:
    shown = explained("kha-one-001", RULES)
    known = ids()["KHA-ONE-001"]
    assert shown.startswith(f"KHA-ONE-001  {known['title']}\n")
    assert all(text in " ".join(shown.split()) for text in (known["why"], known["page"], "severity warning"))
    assert "do        kubeadm certs renew all\n          {machine} is next\n" in shown
    assert "silent if it follows from KHA-ETCD-004" in shown


def test_an_id_that_does_not_exist_is_refused_with_those_that_are_near() -> None:
    with pytest.raises(BadInput, match="no check has the id KHA-ETCD-009") as refused:
        explained("KHA-ETCD-009", RULES)
    assert "KHA-ETCD-001" in str(refused.value)
