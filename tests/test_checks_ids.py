"""What planted defects are to be found as is what rules say of themselves."""

from __future__ import annotations

import string

import pytest

from checks.rules.rule import Rule, rules
from tests.seeded import ids

KINDS = ("KHA-CERT", "KHA-KEY", "KHA-ID", "KHA-VER")


def test_every_id_of_these_kinds_has_a_rule() -> None:
    assert {id for id in ids() if id.startswith(KINDS)} <= {each.id for each in rules()}


@pytest.mark.parametrize("rule", [each for each in rules() if each.id in ids()], ids=lambda rule: rule.id)
def test_a_rule_is_what_the_list_of_ids_has(rule: Rule) -> None:
    listed = ids()[rule.id]
    assert (rule.title, rule.severity.value, rule.why, rule.page) == (
        listed.title, listed.severity, listed.why, listed.page,
    )  # fmt: skip


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_fix_is_a_command_whose_values_have_names(rule: Rule) -> None:
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(rule.fix))
    assert rule.page.startswith("https://")
