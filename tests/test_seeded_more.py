"""What cannot be planted on containers is found where it is written into facts, and nothing else; all lists are whole.

The facts here are those of the tests; `python -m tests.seeded more` does the same with facts of a real cluster.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from checks.findings import Severity
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy
from tests.seeded import burning, helpers, written
from tests.seeded.written import WRITTEN, Written


def test_machines_that_share_nothing_are_healthy() -> None:
    assert list(judged(written.as_machines(healthy())).at_least(Severity.WARNING)) == []


@pytest.mark.parametrize("each", WRITTEN, ids=lambda each: each.name)
def test_what_is_written_is_found_and_nothing_besides(each: Written) -> None:
    assert written.wrong(each, written.written(healthy(), each)) == ""


def test_what_is_written_goes_through_a_bundle(tmp_path: Path) -> None:
    assert [why for _, why in written.outcomes(healthy(), tmp_path)] == [""] * len(WRITTEN)
    assert len(list(tmp_path.iterdir())) == len(WRITTEN)


def test_what_is_missed_says_as_what_it_was_found() -> None:
    assert written.wrong(WRITTEN[0], healthy()) == "KHA-ID-004 was found as []"
    assert written.row(WRITTEN[0], "x") == "| product-uuid-is-anothers | written | no | x |"


@pytest.mark.parametrize("fire", burning.more(), ids=lambda fire: fire.name)
def test_a_fire_beside_the_ten_is_found_by_a_rule_and_its_scripts_parse(fire: burning.Fire) -> None:
    assert set(fire.expects) <= {rule.id for rule in rules()}
    for script in (fire.plant, fire.heal):
        text = f"{helpers()}\n{script}"
        checked = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
        assert checked.stderr == ""
