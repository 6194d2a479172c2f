"""The tables of lost requests and of killed commands: what is added up, and what says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resilience.faults.catalogue import KINDS
from resilience.figures import killed, lost
from resilience.figures.line import Line

TEN, TCP = KINDS["restarts"][4], KINDS["restarts"][2]
JOIN, RESET = KINDS["killed commands"][0], KINDS["killed commands"][-1]


def line(fault: str = TEN.name, verdict: str = "green", **ways: tuple[int, int, float]) -> Line:
    """A run in which ways lost so many of so many requests, and had this longest gap."""
    names = {name.replace("_", "-").replace("-cp", "/cp"): each for name, each in ways.items()}
    return Line(
        "2026-11-27T17:00:00.000+00:00", fault, "stacked-uploaded-1.37-2w-faults", "stacked", "v1.37.2", verdict,
        gaps={name: gap for name, (_, _, gap) in names.items()},
        lost={name: each for name, (each, _, _) in names.items()},
        requests={name: of for name, (_, of, _) in names.items()},
    )  # fmt: skip


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in each.strip("|").split("|")] for each in table.splitlines()[2:]]


def test_runs_of_one_fault_add_up() -> None:
    runs = [line(balancer_new=(0, 10, 0.5)), line(balancer_new=(3, 5, 2.0))]
    [found] = rows(lost.table(runs, [TEN]))
    assert found == [TEN.name, "stacked", "1.37.2", "3 of 15, 2.0 s", "–", "–", "–", "2 green"]


def test_all_api_servers_are_one_column() -> None:
    assert lost.cell("api", [line(api_cp1=(2, 10, 4.0), api_cp2=(2, 10, 7.0))]) == "4 of 20, 7.0 s"


@pytest.mark.parametrize(("verdict", "cell"), [("green", "1 of 9, 2.0 s"), ("red", "1 of 9, 2.0 s"), ("void", "–")])
def test_a_run_that_says_nothing_is_counted_and_not_measured(verdict: str, cell: str) -> None:
    [found] = rows(lost.table([line(verdict=verdict, balancer_new=(1, 9, 2.0))], [TEN]))
    assert (found[3], found[-1]) == (cell, f"1 {verdict}")


def test_a_fault_that_was_not_tried_has_a_row() -> None:
    found = rows(lost.table([line(balancer_new=(1, 9, 2.0))], [TCP, TEN]))
    assert [(each[0], each[-1]) for each in found] == [(TCP.name, "not run"), (TEN.name, "1 green")]


def test_what_was_left_behind_and_what_it_took_are_of_the_newest_run() -> None:
    older = replace(line(JOIN.name), notes=["left behind: a member", "run again as it was: it failed"])
    newer = replace(older, date="2026-11-28", notes=["left behind: a|b", "run again as it was: it succeeded"])
    found = rows(killed.table([newer, older], [JOIN, RESET]))
    assert found[0] == [JOIN.name, "a/b", "run again as it was: it succeeded", "2 green"]
    assert found[1] == [RESET.name, "", "", "not run"]
