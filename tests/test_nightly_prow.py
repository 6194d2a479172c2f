"""A run as Prow keeps builds: read here as TestGrid reads it, by its own rules."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightly import prow
from nightly.__main__ import main
from provision.util.errors import BadInput
from tests.generated import ID, lines, phase
from tests.histories import BAD, GOOD, MODES, Night

JUNIT = re.compile(r".+/junit((_[^_]+)?(_\d+-\d+)?(_\d+)?|.+)?\.xml$")
"""util/gcs/read.go of GoogleCloudPlatform/testgrid."""


def build(tmp_path: Path, night: Night = GOOD, day: int = 0) -> Path:
    return prow.export(night.write(tmp_path, day), tmp_path / f"build{day}")


def rows(folder: Path) -> Mapping[str, str]:
    """Row → pass, fail or skip, as `convertResult` of TestGrid has them; fails on a name that is there twice."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.xml")):
        assert JUNIT.match(str(path))
        suite = ET.parse(path).getroot()
        assert suite.tag == "testsuite"
        for case in suite.iter("testcase"):
            name = f"{suite.get('name')}.{case.get('name')}"
            assert name not in found
            skipped = case.find("skipped")
            red = case.find("failure") is not None
            found[name] = "fail" if red else "skip" if skipped is not None and skipped.text else "pass"
    return found


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_a_green_run_has_passed_with_a_row_for_each_step_and_test_on_each_machine(tmp_path: Path) -> None:
    folder = build(tmp_path, Night(requested=["1.37"]))
    started, finished = read(folder / "started.json"), read(folder / "finished.json")
    assert started == {"timestamp": 1790000000, "repo-commit": "aaa1111"}
    assert finished == {
        "timestamp": 1790000090, "passed": True, "result": "SUCCESS",
        "metadata": {"infra-commit": "aaa1111", "kubernetes": "v1.37.2"},
    }  # fmt: skip
    found = rows(folder)
    assert found[f"{ID}.test_a.test_ready cp1"] == "pass"
    assert (len(found), set(found.values())) == (2 + 2 * 3, {"pass"})
    assert sorted(path.name for path in folder.iterdir()) == ["artifacts", "finished.json", "started.json"]


def test_what_is_red_is_red_in_its_row_with_its_reason(tmp_path: Path) -> None:
    folder = build(tmp_path, BAD)
    assert [name for name, result in rows(folder).items() if result == "fail"] == [f"{ID}.test_a.{MODES} cp1"]
    [failure] = ET.parse(folder / "artifacts" / f"junit_{ID}.xml").getroot().iter("failure")
    assert (failure.text or "").startswith("super-admin.conf is 644\n")
    assert [read(folder / "finished.json")[key] for key in ("passed", "result")] == [False, "FAILURE"]


def test_rows_are_the_same_every_night(tmp_path: Path) -> None:
    assert list(rows(build(tmp_path, GOOD, 1))) == list(rows(build(tmp_path, replace(BAD, version="v1.37.3"), 2)))


def test_a_step_that_failed_is_red_and_what_it_kept_from_running_is_skipped(tmp_path: Path) -> None:
    found = rows(build(tmp_path, Night(broken="join the others")))
    assert (found[f"{ID}.procedure.join the others"], found[f"{ID}.procedure.initialise"]) == ("fail", "pass")
    assert {result for name, result in found.items() if ".test_a." in name} == {"skip"}


def test_an_interrupted_run_is_aborted_and_what_was_running_is_red(tmp_path: Path) -> None:
    folder = build(tmp_path, Night(running=MODES, complete=False))
    assert [read(folder / "finished.json")[key] for key in ("passed", "result")] == [False, "ABORTED"]
    assert {result for name, result in rows(folder).items() if MODES in name} == {"fail"}


def test_a_shard_without_a_cluster_has_passed(tmp_path: Path) -> None:
    shard = {"index": 2, "of": 2, "night": "monday", "parts": {ID: 1}, "elsewhere": True}
    run = Night(scenarios=(), shard=shard).write(tmp_path, 0)
    (run / "commands.jsonl").unlink()
    finished = read(prow.export(run, tmp_path / "build") / "finished.json")
    assert (finished["passed"], finished["metadata"]["shard"], finished["metadata"]["night"]) == (True, "2/2", "monday")


def test_a_run_of_which_nothing_ran_has_not_passed(tmp_path: Path) -> None:
    run = Night(scenarios=()).write(tmp_path, 0)
    (run / "commands.jsonl").unlink()
    assert read(prow.export(run, tmp_path / "build") / "finished.json")["passed"] is False


def test_a_log_is_copied_where_there_is_one_and_an_earlier_build_is_replaced(tmp_path: Path) -> None:
    run = BAD.write(tmp_path, 0)
    (run / "build-log.txt").write_text("what was printed\n")
    out = prow.export(run, tmp_path / "build")
    (out / "artifacts" / "junit_old.xml").write_text("<testsuite/>")
    prow.export(run, out)
    assert (out / "build-log.txt").read_text() == "what was printed\n"
    assert [path.name for path in (out / "artifacts").iterdir()] == [f"junit_{ID}.xml"]


def test_what_xml_cannot_write_is_replaced_and_can_be_read(tmp_path: Path) -> None:
    run = GOOD.write(tmp_path, 0)
    nodeid = f"scenarios/test_a.py::test_x[{ID}:cp1]"
    lines(run / "tests.jsonl", [phase(nodeid, outcome="failed", text="\x1b[31mred\x00 & <b>", reason="\x1b[31mred")])
    [failure] = (
        ET.parse(prow.export(run, tmp_path / "build") / "artifacts" / f"junit_{ID}.xml").getroot().iter("failure")
    )
    assert "�[31mred� & <b>" in (failure.text or "")


def test_the_verb_prints_the_folder_and_refuses_what_is_not_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "build")
    assert main(["prow", str(GOOD.write(tmp_path, 0)), "--out", out]) == 0
    assert capsys.readouterr().out.strip() == out
    assert main(["prow", str(tmp_path / "nothing"), "--out", str(tmp_path / "other")]) == 2
    assert "has no run.json" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "mine").write_text("x")
    with pytest.raises(BadInput, match="has something else in it"):
        prow.export(GOOD.write(tmp_path, 0), tmp_path / "build")
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["mine"]
