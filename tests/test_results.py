"""Which cluster and machine a test was about: by its properties, and by its name in older records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly import summary
from nightly.store import Store
from provision.util.redaction import Redactor
from report import matrix
from report.page import write_report
from report.records import read
from report.results import Result, results
from tests.fakes import make_project
from tests.generated import ID, Page, described, lines, phase, run

pytest_plugins = "pytester"

LAB = "stacked-uploaded-1.37-inventory-lab"
HOSTS = ["node-1", "node-2", "node", "n.example.org", "Node-1", "a-b.c-d", "cluster"]


def _phase_about(
    subject: str, cluster: str = LAB, name: str = "test_ready", before: str = "", after: str = ""
) -> dict[str, object]:
    inside = "-".join(filter(None, (before, f"{cluster}:{subject}", after)))
    return phase(f"scenarios/test_a.py::{name}[{inside}]", properties={"cluster": cluster, "subject": subject})


def test_machines_are_kept_apart_whatever_they_are_called() -> None:
    found = results(_phase_about(host) for host in HOSTS)
    assert [each.subject for each in found] == HOSTS
    assert {each.scenario for each in found} == {"scenarios/test_a.py::test_ready"}
    assert {(each.title, each.cluster) for each in found} == {("ready", LAB)}
    ((table,),) = [each.tables for each in matrix.files(found, HOSTS)]
    assert (set(table.columns), len(table.rows)) == (set(HOSTS), 1)


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,10}[A-Za-z0-9])?", fullmatch=True)
PARAMETERS = st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=12).filter(
    lambda text: not text.startswith("-") and not text.endswith("-")
)


@given(NAMES, PARAMETERS, PARAMETERS)
def test_no_name_and_no_parameter_is_taken_for_another(host: str, before: str, after: str) -> None:
    (found,) = results([_phase_about(host, before=before, after=after)])
    assert (found.cluster, found.subject) == (LAB, host)
    rest = "-".join(filter(None, (before, after)))
    assert found.scenario == "scenarios/test_a.py::test_ready" + (f"[{rest}]" if rest else "")


@pytest.mark.parametrize(
    ("nodeid", "cluster", "subject", "scenario"),
    [
        (f"a.py::test_a[{ID}:cp1]", ID, "cp1", "a.py::test_a"),
        (f"a.py::test_a[{ID}-5cp-mutable:cluster-443-x]", f"{ID}-5cp-mutable", "cluster", "a.py::test_a[443-x]"),
        (f"a.py::C::test_a[x-{ID}:w1-y]", ID, "w1", "a.py::C::test_a[x-y]"),
        ("a.py::test_a[x-y]", "", "cluster", "a.py::test_a[x-y]"),
        ("a.py::test_a", "", "cluster", "a.py::test_a"),
        ("a.py", "", "cluster", "a.py"),
    ],
)
def test_records_without_properties_are_read_by_their_names(
    nodeid: str, cluster: str, subject: str, scenario: str
) -> None:  # fmt: skip
    old, new = phase(nodeid), phase(nodeid, properties={"cluster": cluster, "subject": subject} if cluster else {})
    for (found,) in (results([old]), results([new])):
        assert (found.cluster, found.subject, found.scenario) == (cluster, subject, scenario)


def test_a_phase_that_a_dead_worker_left_does_not_hide_the_properties_of_others() -> None:
    crashed = phase(f"scenarios/test_a.py::test_ready[{LAB}:node-1]", "???", "failed", properties={})
    assert [each.subject for each in results([_phase_about("node-1") | {"when": "setup"}, crashed])] == ["node-1"]


def test_report_and_store_have_a_column_for_each_host(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    run(folder, described(LAB))
    lines(folder / "tests.jsonl", [_phase_about(host) for host in ("node-1", "node-2")])
    page = Page(write_report(folder, Redactor()))
    assert ("node-1" in page.text, "node-2" in page.text, "ready · 1" in page.text) == (True, True, False)
    store = Store(tmp_path / "store")
    summary.add(folder, store)
    ((_, kept),) = store.runs(9).runs
    assert kept["clusters"][LAB]["tests"] == {"scenarios/test_a.py::test_ready": {"node-1": "p", "node-2": "p"}}


def test_every_test_says_what_it_is_about(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without workers: the report is drawn from what these write down."""
    make_project(pytester, monkeypatch, only="def test_whole(cluster): pass\ndef test_each(cluster, worker): pass")
    for workers in ("0", "1"):
        pytester.runpytest_subprocess("-n", workers, "--ha-run-dir", workers).assert_outcomes(passed=4)
        records = (pytester.path / workers / "tests.jsonl").read_text().splitlines()
        phases = [each for each in map(json.loads, records) if each.get("nodeid")]
        cluster = "stacked-uploaded-1.37"
        subjects = [each["properties"]["subject"] for each in phases if each["when"] == "call"]
        assert sorted(subjects) == ["cluster", "w1", "w2", "w3"]
        assert {each["properties"]["cluster"] for each in phases} == {cluster}
        found: list[Result] = results(read(pytester.path / workers, Redactor()).phases)
        assert {each.cluster for each in found} == {cluster}
