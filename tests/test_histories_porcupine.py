"""Porcupine, which searches for an order, and our checker, which follows revisions, say the same of each object."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from resilience.histories.judging import judge
from resilience.histories.records import Record
from resilience.histories.text import render
from tests import register
from tests.planted_histories import CHANGES, FAULTS, changed
from tests.simulated_histories import simulated
from tests.simulated_store import Plan

pytestmark = [
    pytest.mark.lengthy,
    pytest.mark.skipif(not shutil.which("go"), reason="go is not installed, which builds porcupine"),
]

HISTORIES = 10_000


@dataclass(frozen=True)
class Compared:
    """A history of one object: what it is part of, and what each of the two says."""

    seed: int
    key: str
    part: list[Record]
    ours: bool
    porcupine: bool


def _plan(chance: random.Random, unnamed: float) -> Plan:
    return Plan(
        clients=chance.randint(1, 5),
        operations=chance.randint(3, 14),
        keys=chance.randint(1, 3),
        watchers=chance.randint(0, 2),
        lost=chance.choice((0, 0.1, 0.4)),
        unnamed=unnamed,
        fault=chance.choice(("", "", *FAULTS)),
        moment=chance.randint(0, 4),
    )


def _records(seed: int, unnamed: float) -> list[Record]:
    """A true history, one of a faulty store, or one with a record changed."""
    chance = random.Random(seed)
    plan = _plan(chance, unnamed)
    made = simulated(plan, chance)
    if plan.fault or chance.random() < 0.4:
        return made.records
    planted = changed(chance.choice([*CHANGES]), made, chance)
    return list(planted.records) if planted else made.records


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return register.built(tmp_path_factory.mktemp("porcupine"))


def _compared(program: Path, histories: dict[int, list[Record]]) -> Iterator[Compared]:
    parts = [(seed, key, part) for seed, records in histories.items() for key, part in register.parts(records).items()]
    answers = register.answered(program, [register.translated(part) for _, _, part in parts])
    for (seed, key, part), fits in zip(parts, answers, strict=True):
        yield Compared(seed, key, part, not judge(part).violations, fits)


def test_both_say_the_same_of_every_object_of_ten_thousand_histories(program: Path) -> None:
    histories = {seed: _records(seed, 0) for seed in range(HISTORIES)}
    compared = list(_compared(program, histories))
    apart = [each for each in compared if each.ours != each.porcupine]
    assert not apart, _shown(apart[0])
    verdicts = {seed: judge(records) for seed, records in histories.items()}
    accepted = {seed for seed, verdict in verdicts.items() if not verdict.violations}
    refused = {each.seed for each in compared if not each.porcupine}
    assert not accepted & refused  # the whole history is never accepted where an object is not a register
    assert min(len(accepted), len(refused)) > HISTORIES / 10
    assert verdicts.keys() - accepted - refused  # what only a whole history shows


def test_no_object_is_refused_that_porcupine_accepts_where_deletes_have_no_precondition(program: Path) -> None:
    """Which of several deletes was which is not searched for, so that some of what porcupine refuses is accepted."""
    compared = list(_compared(program, {seed: _records(seed, 0.5) for seed in range(HISTORIES // 10)}))
    wrong = [each for each in compared if each.porcupine and not each.ours]
    assert not wrong, _shown(wrong[0])
    missed = [each for each in compared if each.ours and not each.porcupine]
    assert len(missed) < sum(not each.porcupine for each in compared) / 20


def _shown(each: Compared) -> str:
    says = "accepts" if each.porcupine else "refuses"
    return "\n".join(
        [f"seed {each.seed}, {each.key}: porcupine {says}", *map(str, each.part), render("", judge(each.part))]
    )
