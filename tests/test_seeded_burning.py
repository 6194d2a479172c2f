"""The list of burning clusters is whole, and an outcome is right where the first finding names the culprit."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from checks.findings import Finding, Severity
from checks.rules.rule import rules
from tests.seeded import helpers
from tests.seeded.burning import Burnt, Fire, fires, unusual

FINDING = Finding("KHA-NODE-010", Severity.CRITICAL, "", "", ("cp1", "cp2"), "cluster", "", "", "")
FIRE = Fire("x", "", ("KHA-NODE-010",), ("cp1",))


def test_there_are_ten_and_each_is_found_by_a_rule() -> None:
    assert len({each.name for each in fires()}) == 10
    assert {id for each in fires() for id in each.expects} <= {rule.id for rule in rules()}


@pytest.mark.parametrize("fire", fires(), ids=lambda fire: fire.name)
def test_something_burns_on_machines_that_are_named(fire: Fire) -> None:
    assert fire.machines
    assert (bool(fire.on), bool(fire.plant), bool(fire.heal)) in ((True, True, True), (False, False, False))
    assert bool(fire.on) != bool(fire.frozen)
    for script in (fire.plant, fire.heal):
        checked = subprocess.run(
            ["bash", "-n"], input=f"{helpers()}\n{script}", text=True, capture_output=True, check=False
        )
        assert checked.stderr == ""


@pytest.mark.parametrize("fire", unusual(), ids=lambda fire: fire.name)
def test_what_is_unusual_is_planted_and_healed_by_valid_scripts(fire: Fire) -> None:
    assert fire.on
    for script in (fire.plant, fire.heal):
        checked = subprocess.run(
            ["bash", "-n"], input=f"{helpers()}\n{script}", text=True, capture_output=True, check=False
        )
        assert checked.stderr == ""


@pytest.mark.parametrize(
    ("first", "right"),
    [
        (FINDING, True),
        (replace(FINDING, machines=("cp2",)), False),
        (replace(FINDING, id="KHA-LB-001"), False),
        (None, False),
    ],
)
def test_it_is_right_where_the_first_finding_names_the_culprit(first: Finding | None, right: bool) -> None:
    assert Burnt(FIRE, first, "", 1).right is right
