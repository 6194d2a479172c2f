"""Faults, night after night: their figures are kept, and the page says which are red, void, or worse than before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from nightly import fault_figures, page, summary
from nightly.beside import Thing, compared
from nightly.faults import GAP, HEALING, Interval, Spread
from nightly.history import FINE, FLAKY, NEWLY_RED, SKIPPED, STATES, STILL_RED, VOID_NOW
from nightly.store import Store
from provision.util.redaction import Redactor
from report.records import read
from resilience.inside import intervals
from tests import histories
from tests.fault_nights import CLUSTER, FAULT, cell, fault, inside, kept, write
from tests.generated import Page
from tests.histories import GOOD
from tests.made_up_faults import Clock, FakeTraffic, Inside, Steps, calm, made, runner

GREEN, RED, VOID = fault(), fault("red", 13.0, 9.0), fault("void", 99.0, 99.0)
SLOW = [[fault(gap=gap, healing=5.0)] for gap in (1.0, 3.0, 2.0)]
"""Nights whose worst gap is three seconds."""


def test_the_figures_of_a_fault_are_kept_with_what_happened_inside(tmp_path: Path) -> None:
    found = cell(kept(tmp_path, [GREEN])).newest
    assert {key: value for key, value in found.figures.items() if key != "began"} == {
        "fault": FAULT, "scenario": f"scenarios/test_faults.py::test_promises[{FAULT}]", "verdict": "green", "why": [],
        "machines": ["cp1"], "bound": 12.0, "gap": 3.0, "healing": 5.0, "requests": 150,
        "lost": {"refused": 6, "timeout": 3}, "acknowledged": 40, "found": 40, "unknown": 2,
    }  # fmt: skip
    assert found.inside == [
        Interval("member of etcd", "cp1", "leader", -1.0, 2.0, True),
        Interval("member of etcd", "cp1", "none", 2.0, 9.0, False),
    ]


def test_what_a_run_of_a_fault_writes_is_kept(tmp_path: Path) -> None:
    """Of what the runner itself writes, not of a record that was made up for this test."""
    clock = Clock()
    seen = Inside(
        intervals.Interval("etcd", "cp1", "leader", 1000.0, 1003.0),
        intervals.Interval("etcd", "cp1", "none", 1003.0, 1010.0),
    )
    runner(clock, tmp_path, FakeTraffic(clock, silent=2.0), inside=seen).run(made(Steps()), calm())
    records = read(tmp_path, Redactor()).faults
    (figures,), (states,) = fault_figures.kept(CLUSTER, records, []).values()
    assert (figures["verdict"], figures["bound"], figures["machines"]) == ("green", 5.0, ["cp3"])
    assert (figures["gap"], figures["lost"], figures["requests"] > 20) == (2.5, {"timeout": 4}, True)
    assert [each[:3] for each in states] == [["etcd", "cp1", "leader"], ["etcd", "cp1", "none"]]


def test_an_acknowledged_write_that_is_lost_is_kept_as_not_found(tmp_path: Path) -> None:
    found = cell(kept(tmp_path, [fault("red", violations=["lost-write: a is gone"])])).newest
    assert (found.figures["acknowledged"], found.figures["found"]) == (40, 39)


def test_where_every_way_is_spared_the_gap_is_of_all_and_has_no_bound(tmp_path: Path) -> None:
    way = {"requests": 5, "longest": 20.0, "lost": {}, "spared": True}
    found = cell(kept(tmp_path, [fault(ways={"service": way, "balancer-new": way | {"longest": 21.0}})])).newest
    assert (found.figures["gap"], found.figures["bound"]) == (21.0, None)


@pytest.mark.parametrize(
    "more", [{"ended": "skipped", "why": "no netem"}, {"red": ["x"], "interrupted": True}, {"began": 0.0}]
)
def test_what_was_not_tried_to_its_end_is_not_kept(tmp_path: Path, more: dict[str, Any]) -> None:
    ((_, run),) = kept(tmp_path, [fault(**more)]).runs(9).runs
    assert (run["clusters"][CLUSTER]["faults"], "inside" in run["clusters"][CLUSTER]) == ([], False)


def test_a_run_without_faults_is_kept_as_before_there_were_any(tmp_path: Path) -> None:
    """Its file has the name that an older version gave it: what is added again is there once."""
    store = histories.kept(tmp_path, [GOOD])
    (kept_file,) = (tmp_path / "store" / "runs").iterdir()
    assert kept_file.name == "2026-09-21T14-13-20Z-e25d1a89.json.gz"
    page.draw(store, tmp_path / "page", 9)
    assert not (tmp_path / "page" / "faults.html").exists()
    assert "under traffic" not in Page(tmp_path / "page" / "index.html").text


def test_stores_are_merged_by_copying_one_over_the_other(tmp_path: Path) -> None:
    kept(tmp_path / "one", [GREEN])
    other = Store(tmp_path / "two" / "store")
    summary.add(write(tmp_path / "two", 1, [RED]), other)
    shutil.copytree(tmp_path / "one" / "store", tmp_path / "two" / "store", dirs_exist_ok=True)
    found = cell(other)
    assert [each.verdict for each in found.runs] == ["red", "green"]
    assert found.spread(GAP) == Spread(8.0, 13.0)


# Worse than before


@pytest.mark.parametrize(
    ("newest", "worse"),
    [
        (fault(gap=6.1), [GAP]),
        (fault(gap=6.0), []),
        (fault(gap=1.0, healing=10.1), [HEALING]),
        (fault("red", 13.0), [GAP]),
        (fault("void", 60.0, 60.0), []),
        (fault(healing=None), []),
    ],
)
def test_a_figure_is_marked_that_is_twice_the_worst_of_all_nights_before(
    tmp_path: Path, newest: dict[str, Any], worse: list[str]
) -> None:
    assert cell(kept(tmp_path, *SLOW, [newest])).worse == worse


def test_a_figure_is_marked_only_if_it_is_two_seconds_longer(tmp_path: Path) -> None:
    nights = [[fault(gap=0.4, healing=0.7)]] * 3
    assert cell(kept(tmp_path / "a", *nights, [fault(gap=2.3, healing=2.8)])).worse == [HEALING]


def test_few_nights_before_mark_nothing_and_void_ones_are_none(tmp_path: Path) -> None:
    assert cell(kept(tmp_path, *SLOW[:2], [VOID], [VOID], [fault(gap=11.0)])).worse == []


def test_another_cluster_is_nothing_to_compare_with(tmp_path: Path) -> None:
    store = kept(tmp_path, *SLOW, cluster="external-uploaded-1.37-faults")
    summary.add(write(tmp_path, 9, [fault(gap=11.0)]), store)
    assert cell(store).worse == []


# Void


@pytest.mark.parametrize(
    ("nights", "state"),
    [
        ("g", FINE), ("gr", NEWLY_RED), ("grg", FLAKY), ("v", VOID_NOW), ("gv", VOID_NOW), ("gvg", FINE),
        ("grv", NEWLY_RED), ("grrv", STILL_RED), ("vg", FINE), ("gvr", NEWLY_RED), ("s", SKIPPED),
    ],
)  # fmt: skip
def test_a_void_run_makes_its_scenario_neither_green_nor_red_nor_flaky(tmp_path: Path, nights: str, state: str) -> None:
    faults = {"g": GREEN, "r": RED, "v": VOID, "s": fault("skipped", why="no netem")}
    store = kept(tmp_path, *([faults[each]] for each in nights))
    assert histories.cell(store, f"[{FAULT}]", CLUSTER).state == state
    assert state in STATES


def test_a_void_run_counts_in_no_figure_and_is_shown_with_its_reason(tmp_path: Path) -> None:
    store = kept(tmp_path, [GREEN], [VOID])
    assert (cell(store).spread(GAP), cell(store).spread(HEALING)) == (Spread(3.0, 3.0), Spread(5.0, 5.0))
    index = page.draw(store, tmp_path / "page", 9)
    text = Page(index.with_name("faults.html")).text
    assert ("void 2026-" in text, "this host was too busy" in text, "99.0" in text) == (True, True, False)
    assert "1 fault under traffic : 1 void" in Page(index).text


# Red


def test_a_red_fault_is_beside_the_last_green_run_with_what_differs_first(tmp_path: Path) -> None:
    same = inside("node", "cp1", "Ready", -1.0, 9.0, True)
    green = fault(inside=[same, inside("etcd", "cp2", "leader", 1.0, 9.0, True)])
    red = fault("red", 13.0, inside=[same | {"until": 20.0}, inside("etcd", "cp2", "no leader", 1.0, 13.0, False)])
    found = compared(cell(kept(tmp_path, [fault(inside=[])], [green], [red], [VOID])), [])
    assert found is not None
    assert found.green is not None
    assert [(each.name, each.differs) for each in found.inside] == [("etcd cp2", True), ("node cp1", False)]
    assert [each.state for each in (*found.inside[0].green, *found.inside[0].red)] == ["leader", "no leader"]
    assert (found.green.figures["gap"], found.red.figures["gap"], found.borrowed) == (3.0, 13.0, False)


@pytest.mark.parametrize(
    ("red", "differs"),
    [(["process 7", "process 9"], False), (["process 7", "none", "process 9"], True), (["process 7"], True),
     (["process 7", "stopped"], True), ([], True)],
)  # fmt: skip
def test_states_differ_but_not_by_the_number_of_a_process(red: list[str], differs: bool) -> None:
    green = ["process 3", "process 4"]
    both = [[Interval("etcd", "cp1", state, 0.0, 1.0, True) for state in states] for states in (green, red)]
    assert Thing("etcd cp1", *both).differs == differs


def test_a_fault_that_is_green_again_is_not_shown_as_red(tmp_path: Path) -> None:
    assert compared(cell(kept(tmp_path, [GREEN], [RED], [GREEN])), []) is None


def test_a_fault_that_was_never_green_is_beside_another_version_or_nothing(tmp_path: Path) -> None:
    older = kept(tmp_path / "older", [GREEN], cluster="stacked-uploaded-1.36-faults")
    newer = cell(kept(tmp_path / "newer", [RED]))
    found = compared(newer, [cell(older, cluster="stacked-uploaded-1.36-faults").newest.attempt])
    assert found is not None
    assert (found.borrowed, found.green and found.green.attempt.cluster) == (True, "stacked-uploaded-1.36-faults")
    alone = compared(newer, [])
    assert alone is not None
    assert (alone.green, alone.borrowed) == (None, False)


def test_the_page_of_faults_has_figures_by_version_and_both_runs_of_a_red_one(tmp_path: Path) -> None:
    store = kept(tmp_path, [GREEN], [GREEN], [fault(gap=4.0)], [RED], cluster="stacked-uploaded-1.36-faults")
    for day, each in enumerate((GREEN, fault("green", 5.0)), 10):
        summary.add(write(tmp_path, day, [each, fault(fault="node-killed")]), store)
    index = page.draw(store, tmp_path / "page", 9)
    found = Page(index.with_name("faults.html"))
    assert "1.37 1.36" in found.text
    assert "p50 4.0 s, worst 5.0 s of 12 s" in found.text
    assert "longer gap than before" in found.text
    assert f"red: {FAULT} on stacked-uploaded-1.36-faults no answer for 13.0 s" in found.text
    assert "Longest gap 4.0 s 13.0 s" in found.text
    assert "member of etcd cp1 leader -1.0 s to 2.0 s none 2.0 s to 9.0 s" in found.text
    assert "1 red, 2 green, 1 with a longer gap" in Page(index).text
    (red,) = (index.parent / "cells" / "stacked-uploaded-1.36-faults").iterdir()
    assert f"../../faults.html#{FAULT}-on-stacked-uploaded-1.36-faults" in Page(red).links


@pytest.mark.parametrize(("selection", "shown"), [("the same", False), ("another", True)])
def test_a_red_fault_of_a_cluster_that_is_gone_no_longer_counts(tmp_path: Path, selection: str, shown: bool) -> None:
    store = Store(tmp_path / "store")
    summary.add(write(tmp_path, 0, [RED], "stacked-uploaded-1.36-faults", "the same"), store)
    summary.add(write(tmp_path, 1, [GREEN], selection=selection), store)
    index = page.draw(store, tmp_path / "page", 9)
    assert ("no answer for 13.0 s" in Page(index.with_name("faults.html")).text) == shown


def test_every_page_of_nights_with_faults_can_be_reached(tmp_path: Path) -> None:
    index = page.draw(kept(tmp_path, [GREEN, fault(fault="b")], [RED, VOID | {"fault": "b"}]), tmp_path / "page", 9)
    reached: set[Path] = set()
    found = {index.resolve()}
    while new := found - reached:
        reached |= new
        links = {(path, link.split("#")[0]) for path in new for link in Page(path).links}
        found |= {(path.parent / link).resolve() for path, link in links if link}
    assert set(index.resolve().parent.rglob("*.html")) == reached


def test_nothing_of_a_fault_becomes_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    red = fault("red", fault=evil, red=[evil], machines=[evil], inside=[inside(evil, evil, evil, 0.0, 1.0, False)])
    index = page.draw(kept(tmp_path, [VOID | {"void": [evil]}, red]), tmp_path / "page", 9)
    assert [path for path in index.parent.rglob("*.html") if "<script>alert" in path.read_text()] == []
