"""A fact that is missing is neither a finding nor an error: what needs it is undecided."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from checks.facts.cluster import Api
from checks.facts.fact import unread
from checks.facts.machine import ANSWERS, MachineFacts
from tests.healthy import healthy, with_api, with_each, with_machine
from tests.healthy.judging import found, undecided

KINDS = ("KHA-CERT", "KHA-KEY", "KHA-ID", "KHA-VER")


@pytest.mark.parametrize("topology", ["stacked", "external"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_no_machine_gave_is_not_a_finding(answer: str, topology: str) -> None:
    facts = with_each(healthy(topology), lambda machine: {answer: unread("was refused")})
    assert [each for kind in KINDS for each in found(facts, kind)] == []


@pytest.mark.parametrize("objects", [each.name for each in fields(Api)])
def test_objects_that_the_api_did_not_give_are_not_a_finding(objects: str) -> None:
    facts = with_api(healthy(), **{objects: unread("is forbidden")})
    assert [each for kind in KINDS for each in found(facts, kind)] == []


def test_a_machine_that_does_not_answer_leaves_the_others_judged() -> None:
    facts = healthy()
    silent = MachineFacts("cp3", facts.machine("cp3").roles, facts.machine("cp3").address, "no route to host")
    facts = replace(facts, machines=tuple(silent if each.name == "cp3" else each for each in facts.machines))
    assert [each for kind in KINDS for each in found(facts, kind)] == []
    assert {subject for kind in KINDS for _, subject in undecided(facts, kind)} == {"cluster", "cp3"}
    keys = facts.machine("cp2").keys.get()
    others = tuple(replace(each, public_key="another") if "/sa." in each.place else each for each in keys)
    assert ("KHA-KEY-001", "critical", ("cp1", "cp2")) in found(with_machine(facts, "cp2", keys=others), "KHA-KEY")


def test_without_an_api_files_are_judged() -> None:
    facts = replace(healthy(), api=Api(), servers=(), through_endpoint=None)
    assert [each for kind in KINDS for each in found(facts, kind)] == []
    left = {id for kind in KINDS for id, _ in undecided(facts, kind)}
    assert left == {"KHA-CERT-007", "KHA-KEY-002", "KHA-ID-003", "KHA-VER-003", "KHA-VER-004", "KHA-VER-005",
                    "KHA-VER-006"}  # fmt: skip
