"""Shards of a night: every cluster is in one of them, wherever that is worked out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.config import shards
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.shards import Shard, duration, night, partition
from provision.util.errors import BadInput

_IDS = [
    f"{topology}-{certificates}-1.{minor}{variant}"
    for topology in ("stacked", "external")
    for certificates in ("uploaded", "manual")
    for minor in (36, 37)
    for variant in ("", "-mutable", "-faults", f"-from-1.{minor - 1}", "-own")
]
_IDS_AND_SECONDS = st.dictionaries(st.sampled_from(_IDS), st.floats(1, 10_000), max_size=20)


@given(clusters=st.sets(st.sampled_from(_IDS)), of=st.integers(1, 12), seconds=_IDS_AND_SECONDS, order=st.randoms())
def test_each_cluster_is_in_one_shard_whatever_the_order_of_what_is_known(
    clusters: set[str], of: int, seconds: dict[str, float], order: object
) -> None:
    found = partition(clusters, of, seconds)
    assert set(found) == clusters
    assert all(1 <= shard <= of for shard in found.values())
    backwards = dict(reversed(seconds.items()))
    assert partition(sorted(clusters, reverse=True), of, backwards) == found


@given(clusters=st.sets(st.sampled_from(_IDS), min_size=1), of=st.integers(1, 12), seconds=_IDS_AND_SECONDS)
def test_no_shard_takes_longer_than_an_equal_part_and_the_longest_cluster(
    clusters: set[str], of: int, seconds: dict[str, float]
) -> None:
    found = partition(clusters, of, seconds)
    took = {cluster: duration(cluster, seconds) for cluster in clusters}
    loads = [sum(took[each] for each, shard in found.items() if shard == index) for index in range(1, of + 1)]
    assert max(loads) <= sum(loads) / of + max(took.values()) + 1e-6


def test_without_measurements_kinds_are_estimated() -> None:
    kinds = {"stacked-uploaded-1.37": "usual", "stacked-uploaded-1.37-mutable": "mutable",
             "stacked-uploaded-1.37-from-1.36": "upgraded", "external-uploaded-1.37-faults": "faults"}  # fmt: skip
    assert {each: duration(each, {}) for each in kinds} == {
        each: shards.ESTIMATED[kind] for each, kind in kinds.items()
    }
    assert partition(kinds, 2, {}) == {
        "external-uploaded-1.37-faults": 1, "stacked-uploaded-1.37-from-1.36": 2, "stacked-uploaded-1.37-mutable": 2,
        "stacked-uploaded-1.37": 2,
    }  # fmt: skip


def test_a_new_version_takes_as_long_as_the_others_of_its_path_and_a_new_path_as_long_as_its_kind() -> None:
    seconds = {"stacked-uploaded-1.36": 100.0, "stacked-uploaded-1.35": 300.0, "external-uploaded-1.36": 400.0,
               "stacked-uploaded-1.36-from-1.35": 900.0}  # fmt: skip
    assert duration("stacked-uploaded-1.37", seconds) == 200
    assert duration("stacked-manual-1.37", seconds) == 300
    assert duration("stacked-uploaded-1.37-from-1.36", seconds) == 900
    assert duration("stacked-uploaded-1.37-mutable", seconds) == shards.ESTIMATED["mutable"]


@pytest.mark.parametrize("text", ["0/5", "6/5", "x", "2", "2/", "/5", "2/0", "-1/5", "1/1000", "2/5/5", "02/5", " 2/5"])
def test_what_is_not_a_shard_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a shard: the second of five parts is 2/5"):
        Settings.of({"shard": text})


@pytest.mark.parametrize("text", ["1/1", "2/5", "5/5", "999/999"])
def test_first_and_last_shards_are_shards(text: str) -> None:
    assert str(Settings.of({"shard": text}).part) == text
    assert str(Shard.parse(text)) == text


@pytest.mark.parametrize("content", ["", "[]", "{", '{"nothing": 1}', '{"stacked-uploaded-1.37": "long"}',
                                     '{"stacked-uploaded-1.37": null}', None])  # fmt: skip
def test_durations_that_cannot_be_read_are_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "durations.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInput, match="durations of clusters cannot be read from"):
        Settings.of({"shard": "1/2", "shard-durations": str(path)})


@pytest.mark.parametrize("took", ["0", "-1", "NaN", "Infinity"])
def test_durations_that_are_not_seconds_are_refused(tmp_path: Path, took: str) -> None:
    (tmp_path / "durations.json").write_text(f'{{"stacked-uploaded-1.37": {took}}}')
    with pytest.raises(BadInput, match="are not all of them seconds"):
        Settings.of({"shard": "1/2", "shard-durations": str(tmp_path / "durations.json")})


def test_durations_are_read_by_the_ids_that_machines_are_made_under(tmp_path: Path) -> None:
    name = "stacked-uploaded-1.37-from-1.36"
    (tmp_path / "durations.json").write_text(json.dumps({name: 700, "external-uploaded-1.37": 1.5}))
    found = Settings.of({"shard-durations": str(tmp_path / "durations.json")}).durations
    assert found == {name: 700.0, "external-uploaded-1.37": 1.5}
    assert all(str(ClusterId.parse(each).made) == each for each in found)


def test_a_night_is_called_as_it_is_named_or_after_a_run_of_ci_or_after_the_day() -> None:
    ci = {"GITHUB_RUN_ID": "123", "CI_PIPELINE_ID": "9"}
    assert [night("mine", ci, 0), night("", ci, 0), night("", {"CI_PIPELINE_ID": "9"}, 0)] == ["mine", "123", "9"]
    assert [night("", {}, 86399.0), night("", {"GITHUB_RUN_ID": "no name"}, 86400.0)] == ["1970-01-01", "1970-01-02"]


@pytest.mark.parametrize("name", ["a b", "<b>", "../x", "-x", "a" * 101, "ä"])
def test_what_is_not_a_name_of_a_night_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="is not a name of a night"):
        Settings.of({"night": name})
