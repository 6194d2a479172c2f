"""Lives of clusters in a store, and the way from a red scenario to what else happened around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightly import page, summary
from nightly.store import Store
from provision.util.redaction import Redactor
from report.page import write_report
from tests.generated import ID, Page
from tests.histories import BAD, GOOD, MODES, Night


def drawn(folder: Path, *nights: Night) -> Path:
    """The page of nights whose reports were drawn, as a run does at its end; the folder of the page."""
    store = Store(folder / "store")
    for day, night in enumerate(nights):
        run = night.write(folder / "runs", day)
        write_report(run, Redactor())
        summary.add(run, store)
    return page.draw(store, folder / "page", 100).parent


def test_a_red_scenario_leads_to_what_happened_around_it_in_the_first_red_run(tmp_path: Path) -> None:
    out = drawn(tmp_path, GOOD, BAD, BAD)
    red = next(each for path in out.rglob("*.html") if "lives/" in (each := path.read_text()))
    [(file, anchor)] = re.findall(r'href="(?:\.\./)+(lives/\w+\.html)#(test-\w+)"', red)
    life = Page(out / file)
    assert anchor in life.ids
    assert "fails: super-admin.conf is 644" in life.text
    assert "report.html" not in life.html
    assert [path.name for path in (out / "lives").iterdir()] == [Path(file).name]


def test_a_step_that_failed_leads_to_the_life_of_its_cluster(tmp_path: Path) -> None:
    out = drawn(tmp_path, GOOD, Night(broken="join the others"))
    pages = [path.read_text() for path in out.rglob("*.html")]
    assert any(re.search(r'href="(?:\.\./)+lives/\w+\.html"', each) for each in pages)


def test_lives_on_which_nothing_failed_are_not_kept(tmp_path: Path) -> None:
    out = drawn(tmp_path, GOOD, GOOD)
    assert not (out / "lives").exists()
    assert all("life" not in run["clusters"][ID] for _, run in Store(tmp_path / "store").runs().runs)


def test_a_red_run_without_a_life_has_no_way_to_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary.add(Night(red=[MODES]).write(tmp_path / "runs", 0), store)
    out = page.draw(store, tmp_path / "page", 100).parent
    assert not any("lives/" in path.read_text() for path in out.rglob("*.html"))


@pytest.mark.parametrize("damaged", [True, False])
def test_a_life_that_is_gone_from_the_store_says_so(tmp_path: Path, damaged: bool) -> None:
    drawn(tmp_path, BAD)
    for file in (tmp_path / "store" / "texts").rglob("*.gz"):
        file.write_bytes(b"") if damaged else file.unlink()
    out = page.draw(Store(tmp_path / "store"), tmp_path / "page", 100).parent
    [life] = (out / "lives").iterdir()
    assert "in the store)" in life.read_text()
