"""Rules about how many members etcd has."""

from __future__ import annotations

import pytest

from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy, without_login


@pytest.mark.parametrize(
    ("control_planes", "found"),
    [
        (1, [("KHA-ETCD-008", "warning")]),
        (2, [("KHA-ETCD-008", "warning")]),
        (3, []),
        (4, [("KHA-ETCD-008", "notice")]),
        (5, []),
    ],
)
@pytest.mark.parametrize("login", [True, False])
def test_few_stacked_control_planes_are_one_finding(
    control_planes: int, found: list[tuple[str, str]], login: bool
) -> None:
    facts = healthy(control_planes=control_planes)
    report = judged(facts if login else without_login(facts))
    shown = [(each.id, each.severity.value) for each in report.findings if each.id != "KHA-LB-014"]
    assert shown == found


def test_every_cause_that_a_rule_names_is_a_rule() -> None:
    known = {rule.id for rule in rules()}
    assert {cause for rule in rules() for cause in rule.because_of} <= known
