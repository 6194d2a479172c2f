"""The table of lost requests: what is added up, and what says nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from resilience.figures.lost import cell, main, read, rows, table


def record(fault: str, ended: str = "green", **ways: Any) -> dict[str, Any]:
    names = {name.replace("_", "-").replace("-cp", "/cp"): each for name, each in ways.items()}
    return {"fault": fault, "topology": "stacked", "ended": ended, "ways": names}


def way(requests: int, longest: float, **lost: int) -> dict[str, Any]:
    return {"requests": requests, "lost": lost, "longest": longest}


TEN, TCP = "api-servers-restarted-delay-10-ready-check", "api-servers-restarted-delay-0-tcp-check"


def test_runs_of_one_fault_add_up_in_the_catalogues_order() -> None:
    found = rows([record(TEN, balancer_new=way(10, 0.5)), record(TCP), record(TEN, balancer_new=way(5, 2, reset=3))])
    assert [(fault, len(runs)) for (fault, _), runs in found.items()] == [(TCP, 1), (TEN, 2)]
    assert cell("balancer-new", found[(TEN, "stacked")]) == "3 of 15, 2.0 s"
    assert cell("service", found[(TEN, "stacked")]) == "–"


def test_all_api_servers_are_one_column() -> None:
    found = [record(TEN, api_cp1=way(10, 4, refused=2), api_cp2=way(10, 7, refused=1, reset=1))]
    assert cell("api", found) == "4 of 20, 7.0 s"


@pytest.mark.parametrize(("ended", "counted"), [("green", 1), ("red", 1), ("void", 0), ("skipped", 0)])
def test_a_run_that_says_nothing_is_not_counted(ended: str, counted: int) -> None:
    assert len(read([json.dumps(record(TEN, ended, balancer_new=way(1, 0.1)))])) == counted


def test_a_table_has_a_line_for_each_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "faults.jsonl"
    file.write_text(json.dumps(record(TEN, "red", balancer_new=way(10, 0.5))) + "\n")
    assert main([str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == list(table(rows(read(file.read_text().splitlines()))))
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2] == f"| {TEN} | stacked | 1 | 0 of 10, 0.5 s | – | – | – | red |"


def test_a_line_without_a_record_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        read(["nonsense"])
