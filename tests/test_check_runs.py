"""A check that pytest shows as tests leaves a run folder, like every other run; without pytest's words, nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checks.facts import bundle
from checks.facts.cluster import Api, Facts
from fixtures.check.__main__ import main
from fixtures.check.verdicts import cluster_of
from nightly import page
from nightly.store import Store
from nightly.summary import add
from tests.bad_report import bad_report
from tests.generated import Page
from tests.healthy import healthy
from tests.healthy.values import ENDPOINT
from tests.test_check_command import one_machine

TOKEN = "abcdef.0123456789abcdef"
"""https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/ has this one."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HA_RUN_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


def check(folder: Path, facts: Facts, *words: str) -> int:
    bundle.save(facts, folder.parent / "facts.json")
    return main(["--from", str(folder.parent / "facts.json"), *words])


def report(folder: Path) -> Page:
    return Page(folder / "report.html")


def test_a_check_shown_as_tests_leaves_every_record_of_a_run(folder: Path) -> None:
    assert check(folder, one_machine(), "-k", "KHA-ONE") == 1
    names = {"check.html", "check.json", "junit.xml", "report.html", "run.json", "tests.jsonl"}
    assert names <= {each.name for each in folder.iterdir()}
    (cluster,) = json.loads((folder / "run.json").read_text())["clusters"]
    assert (cluster["id"], cluster["state"]) == (ENDPOINT, "checked, read-only")
    suite = ElementTree.parse(folder / "junit.xml").getroot()[0]
    assert suite.get("failures") == "1"
    assert names - {"report.html"} <= {*report(folder).links, "check.html"}


def test_the_report_has_each_verdict_with_its_finding(folder: Path) -> None:
    check(folder, one_machine(), "-q")
    page = report(folder)
    assert "✗ Failed" in page.text
    assert "cp2 : KHA-ONE-003: " in page.text
    assert "must not be so" in page.text
    assert "why: " in page.text
    assert "do: " in page.text
    assert "Command ./run check --from " in page.text
    assert "Slowest" not in page.text


def test_a_finding_that_does_not_fail_is_in_the_report(folder: Path) -> None:
    assert check(folder, one_machine(), "--fail-on", "critical", "-k", "KHA-ONE-003") == 0
    page = report(folder)
    assert "✓ Passed" in page.text
    assert "Passed with a finding cp2 : warning: " in page.text


def test_a_check_that_shows_too_little_has_not_passed(folder: Path) -> None:
    assert check(folder, replace(healthy(), api=Api()), "-k", "KHA-CONC") == 3
    assert "… Undecided" in report(folder).text
    assert "Nothing could be checked." in report(folder).text


def test_a_check_without_words_of_pytest_writes_nothing(folder: Path) -> None:
    check(folder, healthy(), "--quiet")
    assert not folder.exists()


@pytest.mark.parametrize("words", [["-k", "and and"], ["-k", "etcd", "--", "--collect-only"]])
def test_what_runs_no_verdict_leaves_nothing(folder: Path, words: list[str]) -> None:
    check(folder, healthy(), *words)
    assert not folder.exists()


def test_the_place_of_records_is_an_option_as_of_every_run(folder: Path, tmp_path: Path) -> None:
    check(folder, healthy(), "-k", "KHA-ONE", "--", f"--ha-run-dir={tmp_path / 'elsewhere'}")
    assert (tmp_path / "elsewhere" / "report.html").exists()
    assert not folder.exists()


def test_a_token_reaches_no_file(folder: Path) -> None:
    check(folder, replace(healthy(), notes=(f"a note with {TOKEN}",)), "-k", "ONE")
    written = [each.read_text() for each in folder.rglob("*") if each.is_file()]
    assert any("a note with" in each for each in written)
    assert not any(TOKEN in each for each in written)


def test_checks_can_be_kept_and_drawn_night_after_night(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    check(folder, one_machine(), "-k", "KHA-ONE")
    add(folder, store)
    index = page.draw(store, tmp_path / "page", 10)
    assert "1 newly red" in Page(index).text
    pages = list(index.parent.rglob("*.html"))
    for path, each in [(path, Page(path)) for path in pages]:
        assert all((path.parent / link.split("#")[0]).exists() for link in each.links), path


def test_a_cluster_is_called_by_its_endpoint() -> None:
    named = replace(bad_report(), endpoint="[fd00::1]:6443")
    assert cluster_of(named) == "[fd00::1]:6443"
    assert cluster_of(replace(named, endpoint="../x y:6443")) == "..-x-y:6443"
    assert cluster_of(replace(named, endpoint="")) == "cluster"
