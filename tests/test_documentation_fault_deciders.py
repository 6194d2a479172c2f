"""Faults as deciders of claims, and pages that nothing is typed from, whose claims clusters decide by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from documentation.claims.claim import DecidedBy, Decider
from documentation.execution.plan import is_planned
from documentation.execution.results import Outcome
from documentation.execution.walk import Execution
from documentation.programs.kubeadm import Kubeadm
from documentation.verdicts import gather, walk_file
from documentation.verdicts.table import Table
from documentation.verdicts.way import Way
from provision.config.cluster_id import ClusterId
from provision.util.errors import BadInput
from tests.verdicts import EDITION, SCENARIO, WAY, a_claim, the_page

FAULT = "fault: flood"
STACKED, EXTERNAL = "stacked-uploaded-1.37-faults", "external-uploaded-1.37-faults"
WALKED = Execution(the_page(), "stacked-uploaded-1.37-page", "v1.37.2", ())
CONFIGURED = "stacked-uploaded-1.37-cfg-0a1b2c-faults"


def _record(ended: str, cluster: str = STACKED, fault: str = "flood", **more: Any) -> dict[str, Any]:
    return {"fault": fault, "cluster": cluster, "version": "v1.37.2", "ended": ended, **more}


def _run(folder: Path, *records: dict[str, Any], scenarios_on: tuple[str, ...] = ()) -> Path:
    """The folder of a run that tried these faults, and in which a scenario passed on these clusters."""
    folder.mkdir(exist_ok=True)
    phases = [
        {"nodeid": f"{SCENARIO}[{each}:cp1]", "when": when, "outcome": "passed"}
        for each in scenarios_on
        for when in ("setup", "call", "teardown")
    ]
    (folder / "faults.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (folder / "tests.jsonl").write_text("".join(json.dumps(each) + "\n" for each in phases))
    known = {*scenarios_on, *(each["cluster"] for each in records)} - {"unknown"}
    (folder / "run.json").write_text(json.dumps({"clusters": [{"id": each, "version": "v1.37.2"} for each in known]}))
    return folder


@pytest.fixture(autouse=True)
def _claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """One claim that a fault decides, and one about external etcd that a scenario does."""
    both = (a_claim(deciders=(FAULT,)), a_claim(id="W2", topology="external"))
    monkeypatch.setattr(gather, "claims", lambda: {each.id: each for each in both})
    monkeypatch.setattr(Kubeadm, "find", lambda **_: None)


def _table(*folders: Path) -> Table:
    [table] = gather.tables([(the_page(), EDITION)], gather.runs(folders))
    return table


def _outcomes(table: Table, claim: str = "W1") -> dict[str, Outcome]:
    return {
        str(way): next(each for each in cells if each.claim.id == claim).outcome for way, cells in table.columns.items()
    }


def test_a_decider_is_a_fault_by_its_first_word() -> None:
    found = Decider(FAULT)
    assert (found.kind, found.name) == (DecidedBy.FAULT, "flood")
    assert Decider("scenarios/test_faults.py::test_a").kind is DecidedBy.SCENARIO


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        (["green"], Outcome.VERIFIED),
        (["red"], Outcome.FAILED),
        (["green", "red", "green"], Outcome.FAILED),
        (["void", "green"], Outcome.VERIFIED),
        (["void"], Outcome.UNTESTABLE),
        (["skipped"], Outcome.UNTESTABLE),
    ],
)
def test_a_claim_is_decided_by_how_its_fault_ended(tmp_path: Path, ended: list[str], outcome: Outcome) -> None:
    assert _outcomes(_table(_run(tmp_path / "run", *map(_record, ended)))) == {"stacked, 1.37.2": outcome}


@pytest.mark.parametrize(
    "other",
    [
        _record("red", fault="drought"),
        _record("red", fault="flood-at-random"),
        _record("red", cluster=EXTERNAL),
        _record("red", interrupted=True),
        _record("red", cluster="unknown"),
        _record("red", cluster=CONFIGURED),
    ],
    ids=["another", "drawn", "topology", "interrupted", "unknown version", "configured"],
)
def test_what_else_ended_red_says_nothing_of_the_fault(tmp_path: Path, other: dict[str, Any]) -> None:
    found = _outcomes(_table(_run(tmp_path / "run", _record("green"), other)))
    assert found["stacked, 1.37.2"] is Outcome.VERIFIED


def test_a_fault_decides_claims_of_a_page_that_was_walked_on_another_cluster(tmp_path: Path) -> None:
    walk_file.write(_run(tmp_path / "walk", scenarios_on=("stacked-uploaded-1.37-page",)), "orchard", WALKED)
    assert _outcomes(_table(tmp_path / "walk", _run(tmp_path / "faults", _record("red")))) == {str(WAY): Outcome.FAILED}


def test_a_cluster_for_faults_counts_for_both_kinds_of_certificates_and_its_own_topology() -> None:
    faulty = ClusterId.parse(STACKED)
    ways = [Way(topology, each, "v1.37.2") for topology, each in (
        ("stacked", "uploaded"), ("stacked", "manual"), ("external", "uploaded")
    )]  # fmt: skip
    assert [way.has(faulty, "v1.37.2") for way in ways] == [True, True, False]


def test_a_page_that_nothing_is_typed_from_has_a_column_for_each_topology(tmp_path: Path) -> None:
    clusters = ("stacked-uploaded-1.37", "stacked-manual-1.37", "external-uploaded-1.37-page")
    table = _table(_run(tmp_path / "run", _record("green"), scenarios_on=clusters))
    assert list(map(str, table.columns)) == ["external, 1.37.2", "stacked, 1.37.2"]
    assert _outcomes(table, "W2") == {
        "external, 1.37.2": Outcome.VERIFIED, "stacked, 1.37.2": Outcome.NOT_APPLICABLE
    }  # fmt: skip
    assert table.commands == (0, 1)


def test_a_users_own_configuration_says_nothing_of_a_page(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing is typed from orchard"):
        _table(_run(tmp_path / "run", _record("red", cluster=CONFIGURED)))


def test_a_page_that_can_be_walked_still_has_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "is_planned", lambda _: True)
    with pytest.raises(BadInput, match="no run walked"):
        _table(_run(tmp_path / "run", _record("green")))


def test_pages_are_walked_that_have_a_plan() -> None:
    pages = ("high-availability", "setup-ha-etcd-with-kubeadm", "ha-topology", "create-cluster-kubeadm")
    assert list(map(is_planned, pages)) == [True, True, False, False]


def test_damaged_records_of_faults_are_passed_over(tmp_path: Path) -> None:
    run = _run(tmp_path / "run", _record("green"))
    with (run / "faults.jsonl").open("a") as file:
        file.write('{"fault": "flood", "ended": "red"}\n{"fault": "flood", "clus')
    assert _outcomes(_table(run)) == {"stacked, 1.37.2": Outcome.VERIFIED}
