"""Shards of a night on one page: what is missing is neither green nor gone, and what differs is not merged."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from nightly import durations, nights, page, summary
from nightly.__main__ import main
from nightly.history import FINE, GONE, STILL_RED
from nightly.store import Store
from nightly.views import ClusterView, clusters
from provision.config.settings import Settings
from provision.util.errors import BadInput
from tests.generated import ID, Page
from tests.histories import BAD, GOOD, MODES, OTHER, Night, kept

PARTS = {ID: 1, OTHER: 2}


def shard(index: int, night: str = "monday", parts: dict[str, int] = PARTS, of: int = 2, **others: Any) -> Night:
    """A shard of a night, whose cluster is the one that it has."""
    cluster = next(name for name, part in parts.items() if part == index)
    described = {"index": index, "of": of, "night": night, "parts": parts, "elsewhere": True}
    return replace(Night(cluster=cluster, requested=["1.37"]), shard=described, **others)


def drawn(tmp_path: Path, runs: Sequence[Night]) -> str:
    return html.unescape(Page(page.draw(kept(tmp_path, runs), tmp_path / "page", 100)).text)


def views(store: Store) -> dict[str, ClusterView]:
    return {view.id: view for view in clusters(nights.merged(store.runs(100).runs))}


def test_the_shards_of_a_night_are_one_run_with_all_clusters(tmp_path: Path) -> None:
    [(_, run)] = nights.merged(kept(tmp_path, [shard(1), shard(2, red=[MODES])]).runs(9).runs)
    assert (set(run["clusters"]), run["complete"], run["verdict"], run["wrong"]) == ({ID, OTHER}, True, "failed", [])
    assert "✗ 1 red, 1 cause" in drawn(tmp_path / "page", [shard(1), shard(2, red=[MODES])])


def test_shards_may_be_added_in_any_order_and_twice(tmp_path: Path) -> None:
    runs = [each.write(tmp_path, day) for day, each in enumerate([shard(1), shard(2), GOOD])]
    pages = set()
    for number, order in enumerate(permutations(runs)):
        store = tmp_path / f"store{number}"
        assert main(["add", *map(str, order), str(order[0]), "--store", str(store)]) == 0
        files = sorted(path.relative_to(store) for path in store.rglob("*.gz"))
        text = page.draw(Store(store), tmp_path / f"page{number}", 9).read_text()
        pages.add((tuple(files), text))
    assert len(pages) == 1


def test_what_cannot_be_added_stops_no_other_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, good = tmp_path / "store", shard(1).write(tmp_path, 0)
    status = main(["add", str(tmp_path / "one"), str(good), str(tmp_path / "two"), "--store", str(store)])
    printed = capsys.readouterr()
    assert (status, len(list(store.glob("runs/*")))) == (2, 1)
    assert ("one is not a run" in printed.err, "two is not a run" in printed.err) == (True, True)
    assert printed.out.strip().startswith(str(store))


def test_a_night_without_one_of_its_shards_is_red_and_names_it(tmp_path: Path) -> None:
    text = drawn(tmp_path, [shard(1, "sunday"), shard(2, "sunday"), shard(1)])
    assert "✗ The night is incomplete" in text
    assert "Shard 2/2 of the night monday is missing: it did not run, or its results were not added." in text
    assert "◌ not run shard 2/2 is missing" in text
    assert ("Nothing is red" in text, "gone" in text) == (False, False)


def test_a_cluster_of_a_missing_shard_is_neither_gone_nor_green_however_it_was_before(tmp_path: Path) -> None:
    old = [shard(1, "sunday"), shard(2, "sunday", red=[MODES])]
    found = views(kept(tmp_path, [*old, shard(1)]))
    assert (found[OTHER].missing, found[OTHER].absence, found[OTHER].reds) == ("shard 2/2 is missing", "", 1)
    assert (found[ID].missing, found[ID].states[FINE], found[OTHER].states[GONE]) == ("", 5, 0)


def test_a_cluster_that_never_ran_is_on_the_page_of_an_incomplete_night(tmp_path: Path) -> None:
    text = drawn(tmp_path, [shard(1)])
    assert ("external-uploaded ◌ not run shard 2/2 is missing" in text, "incomplete" in text) == (True, True)


def test_a_night_that_is_whole_again_says_nothing_of_the_incomplete_one_before(tmp_path: Path) -> None:
    text = drawn(tmp_path, [shard(1, "sunday"), shard(1), shard(2)])
    assert ("Nothing is red" in text, "is incomplete" in text, "not run" in text) == (True, False, False)


def test_a_cluster_that_moves_to_another_shard_is_the_same_cluster(tmp_path: Path) -> None:
    moved = {ID: 2, OTHER: 1}
    runs = [shard(1, red=[MODES]), shard(2), shard(1, "tuesday", moved), shard(2, "tuesday", moved, red=[MODES])]
    found = views(kept(tmp_path, runs))
    assert (found[ID].states[STILL_RED], found[OTHER].states[FINE], found[ID].states[GONE]) == (1, 5, 0)
    assert all(view.absence == "" for view in found.values())


def test_a_cluster_that_complete_nights_no_longer_have_is_gone(tmp_path: Path) -> None:
    alone = {ID: 1}
    empty = {"index": 2, "of": 2, "night": "tuesday", "parts": alone, "elsewhere": True}
    store = kept(tmp_path, [shard(1), shard(2), shard(1, "tuesday", alone)])
    summary.add(without_a_cluster(tmp_path / "empty", empty), store)
    assert views(store)[OTHER].absence == GONE


def without_a_cluster(folder: Path, described: dict[str, Any]) -> Path:
    """What a shard leaves behind that had nothing to do."""
    run = shard(1, scenarios=()).write(folder, 3)
    facts = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(facts | {"clusters": [], "shard": described}))
    (run / "commands.jsonl").unlink()
    return run


def test_a_shard_without_a_cluster_is_a_part_of_its_night(tmp_path: Path) -> None:
    described = {"index": 3, "of": 3, "night": "monday", "parts": PARTS, "elsewhere": True}
    store = kept(tmp_path, [shard(1, of=3), shard(2, of=3)])
    before = nights.wrong(nights.merged(store.runs(9).runs))
    summary.add(without_a_cluster(tmp_path / "empty", described), store)
    [(_, run)] = nights.merged(store.runs(9).runs)
    assert (len(before), run["complete"], run["verdict"], run["wrong"]) == (1, True, "passed", [])


def test_a_shard_that_was_interrupted_makes_its_night_incomplete(tmp_path: Path) -> None:
    text = drawn(tmp_path, [shard(1), shard(2, complete=False)])
    assert "Shard 2/2 of the night monday did not come to its end: interrupted." in text


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"requested": ["1.36"]}, "releases of Kubernetes (1.36: v1.36.2, and here 1.37: v1.37.2)"),
        ({"keyword": "not voters"}, "command (pytest -k 'not voters', and here pytest -k stacked)"),
        ({"harness": "bbb2222"}, "kubeadm-ha (bbb2222, and here aaa1111)"),
        ({"parts": {**PARTS, "stacked-manual-1.37": 1}}, "division into clusters ("),
    ],
)
def test_shards_that_differ_are_not_merged_and_the_page_says_in_what(
    tmp_path: Path, other: dict[str, Any], says: str
) -> None:
    text = drawn(tmp_path, [shard(2, **other), shard(1)])
    assert "Shard 2/2 of the night monday is missing" in text
    assert f"Shard 2/2 of the night monday is of another run, and is not merged. It differs in {says}" in text


def test_nights_of_other_names_numbers_or_without_shards_are_nothing_to_each_other(tmp_path: Path) -> None:
    runs = [GOOD, shard(1), shard(2), shard(1, "tuesday"), shard(2, "tuesday"), BAD, GOOD]
    found = nights.merged(kept(tmp_path, runs).runs(9).runs)
    assert [run.get("night") for _, run in found] == [None, None, "tuesday", "monday", None]
    assert nights.wrong(found) == []


def test_of_a_shard_that_ran_again_the_newer_run_counts(tmp_path: Path) -> None:
    found = nights.merged(kept(tmp_path, [shard(1), shard(2, red=[MODES]), shard(2)]).runs(9).runs)
    assert [(run["verdict"], run["complete"]) for _, run in found] == [("failed", False), ("passed", True)]


def test_a_night_that_is_cut_off_at_the_end_of_what_is_shown_is_left_out(tmp_path: Path) -> None:
    store = kept(tmp_path, [shard(1, "sunday"), shard(2, "sunday"), shard(1), shard(2)])
    found = nights.merged(store.runs(3).runs, whole=False)
    assert [run["night"] for _, run in found] == ["monday"]
    assert Page(page.draw(store, tmp_path / "page", 3)).text.count("missing") == 0


def test_durations_are_written_and_can_be_given_to_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(tmp_path, [shard(1), shard(2)])
    out = tmp_path / "durations.json"
    assert main(["durations", "--store", str(tmp_path / "store"), "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    found = Settings.of({"shard": "1/2", "shard-durations": str(out)}).durations
    assert found == {ID: 10.1, OTHER: 10.1}  # from the first step to the end of the last test


def test_a_store_without_durations_is_refused(tmp_path: Path) -> None:
    store = kept(tmp_path, [Night(complete=False)])
    with pytest.raises(BadInput, match="do not say how long clusters took"):
        durations.write(store, tmp_path / "durations.json")
    assert not (tmp_path / "durations.json").exists()
