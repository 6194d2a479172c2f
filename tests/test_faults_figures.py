"""Figures of runs of faults: a run is there once, void ones are not measured, and the page is what the tool writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provision.util.errors import BadInput
from resilience.faults.bounds import Bound
from resilience.faults.fault import Spared
from resilience.faults.means.releases import not_upgraded
from resilience.figures import store
from resilience.figures.__main__ import DOCS, STORE, main, pages
from resilience.figures.line import Line, line
from resilience.figures.page import END, begin, written
from resilience.figures.table import label, table
from tests.made_up_faults import Steps, made

FAULT = replace(made(Steps()), name="api-server-killed", topologies=("external", "stacked"))
KIND = {"processes": [FAULT]}


def record(**more: Any) -> dict[str, Any]:
    way = {"longest": 3.123, "lost": {}, "spared": False, "requests": 50}
    return {
        "fault": "api-server-killed", "cluster": "stacked-uploaded-1.37-2w-faults", "version": "v1.37.2",
        "topology": "stacked", "bound": {"seconds": 10.0}, "seed": 7, "began": 1795790003.25, "load": 2.25,
        "processors": 2, "times": {"in_effect": 0.1, "undone": 8.1}, "healing": 3.9, "ended": "green",
        "ways": {"api/cp1": way | {"longest": 9, "spared": True, "lost": {"refused": 4, "reset": 1}},
                 "balancer-new": way, "service": way | {"longest": 20.5}},
        "writes": {"ok": 40, "failed": 3, "unknown": 2, "appeared": 1}, "violations": [], "red": [],
        "void": [], "why": "", "notes": ["the leader was cp1"],
    } | more  # fmt: skip


def of(**more: Any) -> Line:
    found = line(record(**more))
    assert found
    return found


def row(text: str, name: str = "api-server-killed", on: str = "stacked") -> list[str]:
    (found,) = (each for each in text.splitlines() if each.startswith(f"| {name} | {on} |"))
    return [each.strip() for each in found.strip("|").split("|")][2:]


def test_a_line_has_the_figures_of_its_run_and_is_read_as_it_was_written() -> None:
    found = of()
    assert found == Line(
        "2026-11-27T14:33:23.250+00:00", "api-server-killed", "stacked-uploaded-1.37-2w-faults", "stacked", "v1.37.2",
        "green", [], 7, 2.25, 2, 10.0, {"api/cp1": 9.0, "balancer-new": 3.12, "service": 20.5}, {"api/cp1": 5},
        ["api/cp1"], 40, 40, 2, 1, 0.1, 8.1, 3.9, {"api/cp1": 50, "balancer-new": 50, "service": 50},
        ["the leader was cp1"],
    )  # fmt: skip
    assert Line.parse(str(found)) == found
    nothing = of(times={"in_effect": 0.0}, ways={}, seed=0, healing=None)
    assert Line.parse(str(nothing)) == nothing


def test_an_acknowledged_write_that_is_lost_was_not_found() -> None:
    red = of(ended="red", violations=["lost-write: a is gone", "stale-read: b"], red=["it contradicts itself"])
    assert (red.acknowledged, red.found, red.why) == (40, 39, ["it contradicts itself"])


@pytest.mark.parametrize("more", [{"began": 0.0}, {"ended": "red", "red": ["x"], "interrupted": True}])
def test_a_run_that_did_not_come_to_its_end_has_no_line(more: dict[str, Any]) -> None:
    assert line(record(**more)) is None


def test_a_fault_that_was_never_run_is_a_row() -> None:
    assert row(table([], KIND)) == ["0", "not run", "5 s", "–", "–", "–", "–", "–", "–"]
    assert row(table([of()], KIND), on="external")[:2] == ["0", "not run"]


def test_a_row_has_the_middle_and_the_worst_of_the_ways_that_the_bound_is_about() -> None:
    second = of(began=1.0, ways={"balancer-new": {"longest": 5}, "service": {"longest": 2}}, healing=5.9)
    assert row(table([of(), second], KIND)) == [
        "2", "2 green", "5 s", "4.1 s", "5.0 s", "20.5 s", "80 / 80 / 4", "4.9 s", "5.9 s",
    ]  # fmt: skip


def test_void_runs_are_counted_and_not_measured_and_skipped_ones_are_no_runs() -> None:
    void = of(began=1.0, ended="void", void=["too busy"], ways={"balancer-new": {"longest": 99}}, healing=99)
    skipped = of(began=2.0, ended="skipped", why="no netem", ways={}, healing=None)
    assert row(table([of(), void, skipped], KIND))[:5] == ["2", "1 green, 1 void, 1 skipped", "5 s", "3.1 s", "3.1 s"]
    assert row(table([void], KIND))[2:] == ["5 s", "–", "–", "–", "–", "–", "–"]


def test_where_every_way_is_spared_the_gap_is_the_longest_of_all() -> None:
    whole = {"processes": [replace(FAULT, spared=frozenset({Spared.ALL}), heals=Bound(120, "", ""))]}
    ways = {"balancer-new": {"longest": 12.5, "spared": True}, "service": {"longest": 13, "spared": True}}
    assert row(table([of(ways=ways)], whole))[2:6] == ["lasts + 120 s", "13.0 s", "13.0 s", "–"]


def test_red_runs_are_named_with_their_reason_as_plain_text() -> None:
    text = table([of(ended="red", red=["no answer\n  for <b>9 s</b> | x"])], KIND)
    assert "- api-server-killed on stacked, 2026-11-27: no answer for \\<b\\>9 s\\</b\\> / x" in text


def test_what_a_host_cannot_show_is_named_once_with_the_reason() -> None:
    skipped = [
        of(ended="skipped", ways={}, began=1.0 + each, why="no delay: qdisc kind is unknown") for each in range(2)
    ]
    text = table(skipped, KIND)
    assert text.endswith("### skipped\n\n- api-server-killed on stacked: no delay: qdisc kind is unknown\n")
    assert "### skipped" not in table([of()], KIND)


def test_a_fault_of_another_load_balancer_has_no_row_of_the_usual_one() -> None:
    virtual = replace(FAULT, kinds=lambda kind: kind.virtual)
    other = of(cluster="stacked-uploaded-1.37-balancer-keepalived-faults")
    text = table([other], {"balancer": [virtual]})
    assert row(text, on="stacked, balancer-keepalived")[1] == "1 green"
    assert "| stacked |" not in text
    assert row(table([], {"balancer": [virtual]}))[1] == "not run"


def test_a_fault_of_an_upgrade_has_no_row_of_a_cluster_that_is_not_upgraded() -> None:
    upgrade = replace(FAULT, lacking=not_upgraded)
    text = table([of(cluster="stacked-uploaded-1.37-from-1.36-faults")], {"upgrades": [upgrade]})
    assert row(text, on="stacked, from-1.36")[1] == "1 green"
    assert "| stacked |" not in text
    assert row(text, on="external")[1] == "not run"


@pytest.mark.parametrize(
    ("cluster", "shown"),
    [
        ("stacked-uploaded-1.37-2w-faults", "stacked"),
        ("stacked-manual-1.37-mine-faults", "stacked"),
        ("stacked-uploaded-1.37-balancer-keepalived-faults", "stacked, balancer-keepalived"),
        ("of another tool", "stacked"),
    ],
)
def test_clusters_differ_by_what_is_unlike_the_usual(cluster: str, shown: str) -> None:
    assert label(of(cluster=cluster)) == shown


def test_other_clusters_and_faults_that_the_catalogue_has_no_more_have_rows() -> None:
    other = of(cluster="stacked-uploaded-1.37-balancer-keepalived-faults")
    gone = of(fault="renamed")
    text = table([other, gone], KIND)
    assert row(text, on="stacked, balancer-keepalived")[:3] == ["1", "1 green", "5 s"]
    assert row(text, "renamed")[:3] == ["1", "1 green", "10.0 s"]


def run(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "faults.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records) + '{"cut')
    return folder


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The pages, each table with an older one in its place."""
    found = tmp_path / "docs"
    found.mkdir()
    for name, tables in pages([]).items():
        places = "".join(f"{begin(of)}\nan older table\n{END}\n" for of in tables)
        (found / name).parent.mkdir(exist_ok=True)
        (found / name).write_text(f"before\n{places}after\n")
    return found


def test_a_run_is_added_once_and_the_tables_are_written(
    tmp_path: Path, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run(tmp_path / "run", record(began=2.0), record(began=1.0), record(began=0.0))
    assert main([str(folder), "--docs", str(docs)]) == 0
    assert "2 of 3 runs of faults added, 1 did not come to their end" in capsys.readouterr().out
    first = {file: file.read_text() for file in docs.rglob("*.*")}
    assert [each.date[:19] for each in store.read(docs / STORE)] == ["1970-01-01T00:00:01", "1970-01-01T00:00:02"]
    for name in ("faults/figures.md", "life-cycle.md"):
        page = first[docs / name]
        assert "an older table" not in page
        assert (page[:7], page[-7:]) == ("before\n", "\nafter\n")
    assert row(first[docs / "faults/figures.md"])[:2] == ["2", "2 green"]
    assert main([str(folder), "--docs", str(docs)]) == 0
    assert "0 of 3 runs of faults added, 2 were there before" in capsys.readouterr().out
    assert {file: file.read_text() for file in docs.rglob("*.*")} == first


def test_what_is_not_about_a_clusters_load_balancer_is_not_kept(
    tmp_path: Path, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skipped = record(fault="keepalived-killed", ended="skipped", why="it is not about load balancers like haproxy")
    there = skipped | {"cluster": "stacked-uploaded-1.37-balancer-keepalived-faults", "why": "no switch"}
    assert main([str(run(tmp_path / "run", record(), skipped, there)), "--docs", str(docs)]) == 0
    assert "2 of 3 runs of faults added, 1 not about the load balancer" in capsys.readouterr().out
    assert [each.fault for each in store.read(docs / STORE)] == ["api-server-killed", "keepalived-killed"]


@pytest.mark.parametrize("content", ["no run", "not JSON\n"])
def test_what_has_no_records_is_refused(
    tmp_path: Path, docs: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content != "no run":
        (tmp_path / "faults.jsonl").write_text(content)
    assert main([str(tmp_path), "--docs", str(docs)]) == 2
    assert "fault" in capsys.readouterr().err
    assert not (docs / STORE).exists()


@pytest.mark.parametrize("text", ["{}\n", "[]\n", '{"date": "x", "nothing": 1}\n', "x\n"])
def test_a_store_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "s").write_text(f"{of()}\n{text}")
    with pytest.raises(BadInput, match=r"s:2: not a line of figures"):
        store.read(tmp_path / "s")


MARK = begin("x")


@pytest.mark.parametrize("page", ["", MARK, f"{END}{MARK}", f"{MARK}{MARK}{END}", f"{MARK}{begin('y')}{END}"])
def test_a_page_without_a_place_is_refused(page: str) -> None:
    with pytest.raises(BadInput, match="no place for a table"):
        written(page, {"x": "a table"})


@pytest.mark.parametrize("name", ["faults/figures.md", "life-cycle.md"])
def test_a_page_is_as_the_tool_writes_it_from_the_store(name: str) -> None:
    """Red where the store, the catalogue or the page has changed without the others: ./run figures writes it."""
    page = (DOCS / name).read_text()
    assert page == written(page, pages(store.read(DOCS / STORE))[name])
