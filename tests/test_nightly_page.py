"""The pages of many nights."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nightly import page
from nightly.__main__ import main
from nightly.views import clusters, matrix
from provision.util.errors import BadInput
from tests.generated import Page
from tests.histories import BAD, GOOD, MODES, OTHER, Night, kept


def test_the_first_page_has_states_versions_reasons_and_working_links(tmp_path: Path) -> None:
    other = Night("v1.36.3", "stacked-uploaded-1.36", keyword="other")
    store = kept(tmp_path, [GOOD, BAD, GOOD, Night(red=["test_voters"]), other])
    index = page.draw(store, tmp_path / "page", 100)
    pages = {path.relative_to(index.parent).as_posix(): Page(path) for path in index.parent.rglob("*.html")}
    first = pages["index.html"]
    assert "✗ 1 red, 1 cause" in first.text
    assert "newly red voters" in first.text
    assert "flaky modes" in first.text
    assert ("1.37 1.36" in first.text, "super-admin.conf is 644" in first.text) == (True, True)
    for path, each in pages.items():
        for link in each.links:
            target = (index.parent / path).parent / link.split("#")[0]
            assert target.exists(), f"{path} leads to {link}"


def test_versions_are_newest_first_also_those_that_can_no_longer_be_requested(tmp_path: Path) -> None:
    ids = ["1.9", "1.37", "1.38.0-rc.0", "1.37.2", "1.38", "1.30"]
    store = kept(tmp_path, [Night(cluster=f"stacked-uploaded-{each}") for each in ids])
    versions, rows = matrix(clusters(store.runs(100).runs))
    assert versions == ["1.38", "1.38.0-rc.0", "1.37", "1.37.2", "1.30", "1.9"]
    assert list(rows) == ["stacked-uploaded"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    store = kept(tmp_path, [GOOD])
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine").write_text("x")
    with pytest.raises(BadInput, match="something else"):
        page.draw(store, tmp_path / "page", 10)
    page.draw(store, tmp_path / "other", 10)
    assert page.draw(store, tmp_path / "other", 10).exists()


def test_an_interrupt_between_the_old_page_and_the_new_leaves_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, out = kept(tmp_path, [GOOD]), tmp_path / "page"
    before = page.draw(store, out, 10).read_text()
    move, moves = Path.replace, iter([True, False, True])

    def interrupted(self: Path, target: Path) -> Path:
        if not next(moves):
            raise KeyboardInterrupt
        return move(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        page.draw(store, out, 10)
    assert (out / "index.html").read_text() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".page")] == []


def test_a_page_that_is_drawn_anew_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    store, out = kept(tmp_path, [GOOD]), tmp_path / "page"
    (page.draw(store, out, 10).parent / "runs" / "old.html").touch()
    page.draw(store, out, 10)
    assert not (out / "runs" / "old.html").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".page")] == []


def test_verbs_print_only_the_path_of_what_they_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store, out = GOOD.write(tmp_path, 0), str(tmp_path / "store"), str(tmp_path / "page")
    assert main(["page", "--store", store, "--out", out]) == 2
    assert "there are no runs" in capsys.readouterr().err
    assert main(["add", str(run), "--store", store]) == 0
    added = capsys.readouterr().out.strip()
    assert (Path(added).exists(), added.endswith(".json.gz")) == (True, True)
    assert main(["page", "--store", store, "--out", out]) == 0
    assert capsys.readouterr().out == f"{out}/index.html\n"


@pytest.mark.lengthy
def test_a_year_of_nights_is_drawn_in_seconds_and_megabytes(tmp_path: Path) -> None:
    many = tuple(f"test_{n}" for n in range(60))
    store = kept(tmp_path, [Night(scenarios=many, red=["test_3"] if day > 360 else []) for day in range(365)])
    began = time.process_time()
    index = page.draw(store, tmp_path / "page", 400)
    assert time.process_time() - began < 20
    assert sum(path.stat().st_size for path in index.parent.rglob("*")) < 20_000_000


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_page_of_no_runs_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["page", "--store", str(tmp_path), "--out", str(tmp_path / "page"), "--runs", number])


def test_every_page_can_be_reached_from_the_first(tmp_path: Path) -> None:
    nights = [Night(cluster=OTHER, red=[MODES]), Night("v1.36.3", "stacked-uploaded-1.36", red=[MODES]), GOOD,
              Night(red=["test_voters"], requested=["1.37"])]  # fmt: skip
    index = page.draw(kept(tmp_path, nights), tmp_path / "page", 100).resolve()
    reached: set[Path] = set()
    found = {index}
    while new := found - reached:
        reached |= new
        found |= {(path.parent / link.split("#")[0]).resolve() for path in new for link in Page(path).links}
    assert set(index.parent.rglob("*.html")) == reached
    assert len(list((index.parent / "cells").glob("*/*.html"))) == 3


@pytest.mark.parametrize(
    ("requested", "says"), [(["1.37"], "whole cluster is gone"), (["1.38"], "no longer requested")]
)
def test_pages_of_a_cluster_that_no_longer_runs_say_so(tmp_path: Path, requested: list[str], says: str) -> None:
    store = kept(tmp_path, [Night(cluster=OTHER, red=[MODES]), Night(requested=requested)])
    pages = page.draw(store, tmp_path / "page", 9).parent
    texts = [Page(path).text for path in (*pages.glob("clusters/*.html"), *pages.glob("cells/*/*.html"))]
    assert [says in text for text in texts].count(True) == 2
    assert len(texts) == 3
